"""A start that was set, and calls: by the provider and by hand"""

import sqlalchemy as sa
import sqlmodel
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sqlmodel.sql.sqltypes.UTCDateTime
_WERE = "'email', 'sms', 'letter', 'push', 'announcement'"


def upgrade() -> None:
    op.add_column("campaign", sa.Column("start_at", INSTANT(), nullable=True))
    _channels(f"{_WERE}, 'voice', 'by-hand'")


def downgrade() -> None:
    _channels(_WERE)
    op.drop_column("campaign", "start_at")


def _channels(words: str) -> None:
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_constraint("channel_known", type_="check")
        delivery.create_check_constraint("channel_known", sa.text(f"channel IN ({words})"))
