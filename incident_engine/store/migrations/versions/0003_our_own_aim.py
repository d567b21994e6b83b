"""Our own aim"""

import sqlalchemy as sa
import sqlmodel
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "obligation",
        sa.Column("target_at", sqlmodel.sql.sqltypes.UTCDateTime, nullable=True),
    )


def downgrade() -> None:
    op.drop_column("obligation", "target_at")
