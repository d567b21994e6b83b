"""A start that was set, and calls: by the provider and by hand"""

import sqlalchemy as sa
import sqlmodel
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sqlmodel.sql.sqltypes.UTCDateTime
_WERE = "'email', 'sms', 'letter', 'push', 'announcement'"
_OUTCOMES = (
    "'pending', 'claimed', 'sending', 'in_doubt', 'accepted', 'deferred', 'delivered', "
    "'undeliverable', 'refused', 'unanswered', 'broken', 'cancelled'"
)


def upgrade() -> None:
    op.add_column("campaign", sa.Column("start_at", INSTANT(), nullable=True))
    _channels(f"{_WERE}, 'voice', 'by-hand'")


def downgrade() -> None:
    _channels(_WERE)
    op.drop_column("campaign", "start_at")


def _channels(words: str) -> None:
    # SQLite changes no CHECK in place, and reads none back: both are said again.
    checks = (
        sa.CheckConstraint(f"channel IN ({words})", name="channel_known"),
        sa.CheckConstraint(f"outcome IN ({_OUTCOMES})", name="outcome_known"),
    )
    with op.batch_alter_table("delivery", recreate="always", table_args=checks):
        pass
