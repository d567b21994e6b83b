"""What authorities answer"""

import sqlalchemy as sa
import sqlmodel
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "authority_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Integer(), nullable=True),
        sa.Column("verdict", TEXT(), nullable=False),
        sa.Column("reference", TEXT(), nullable=False),
        sa.Column("said", TEXT(), nullable=False),
        sa.Column("answered_at", INSTANT(), nullable=False),
        sa.Column("due_at", INSTANT(), nullable=True),
        sa.Column("file_path", TEXT(), nullable=False),
        sa.Column("file_sha256", TEXT(), nullable=False),
        sa.Column("recorded_at", INSTANT(), nullable=False),
        sa.Column("recorded_by", TEXT(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('accepted', 'more-wanted', 'rejected')", name="verdict_known"
        ),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"]),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("authority_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_authority_answer_filing_id"), ["filing_id"], unique=False
        )
    op.add_column("filing", sa.Column("sent_to", TEXT(), nullable=False, server_default=""))
    op.add_column("filing", sa.Column("sent_at", INSTANT(), nullable=True))
    op.add_column("filing", sa.Column("sent_outcome", TEXT(), nullable=False, server_default=""))
    op.add_column("filing", sa.Column("sent_said", TEXT(), nullable=False, server_default=""))
    op.add_column("obligation", sa.Column("origin", TEXT(), nullable=False, server_default="law"))


def downgrade() -> None:
    op.drop_column("obligation", "origin")
    for column in ("sent_said", "sent_outcome", "sent_at", "sent_to"):
        op.drop_column("filing", column)
    with op.batch_alter_table("authority_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authority_answer_filing_id"))
    op.drop_table("authority_answer")
