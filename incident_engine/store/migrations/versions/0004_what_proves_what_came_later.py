"""What proves what came later"""

import sqlalchemy as sa
import sqlmodel
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.add_column("receipt", sa.Column("said_digest", TEXT(), nullable=False, server_default=""))
    op.add_column("receipt", sa.Column("entry", sa.Integer(), nullable=True))
    op.add_column("authority_answer", sa.Column("entry", sa.Integer(), nullable=True))
    op.create_table(
        "announcement_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("sha256", TEXT(), nullable=False),
        sa.Column("files", TEXT(), nullable=False),
        sa.Column("since", INSTANT(), nullable=False),
        sa.Column("by", TEXT(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("announcement_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_announcement_version_announcement_id"),
            ["announcement_id"],
            unique=False,
        )
    op.create_table(
        "controller_packet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("controller", TEXT(), nullable=False),
        sa.Column("duty", TEXT(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("sha256", TEXT(), nullable=False),
        sa.Column("files", TEXT(), nullable=False),
        sa.Column("made_at", INSTANT(), nullable=False),
        sa.Column("made_by", TEXT(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("controller_packet", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_controller_packet_incident_id"), ["incident_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("controller_packet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_controller_packet_incident_id"))
    op.drop_table("controller_packet")
    with op.batch_alter_table("announcement_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcement_version_announcement_id"))
    op.drop_table("announcement_version")
    op.drop_column("authority_answer", "entry")
    op.drop_column("receipt", "entry")
    op.drop_column("receipt", "said_digest")
