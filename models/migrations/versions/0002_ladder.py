"""How a notice climbed down its ladder, what became of it, and since when an account is gone.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Notices of before have no rung and took no step."""
    with op.batch_alter_table("notices") as notices:
        notices.add_column(sa.Column("rung", sa.String(16), nullable=False, server_default=""))
        notices.add_column(sa.Column("steps", sa.JSON(), nullable=False, server_default="[]"))
        notices.add_column(sa.Column("sent_as", sa.String(64), nullable=True))
        notices.add_column(sa.Column("delivery", sa.String(32), nullable=False, server_default=""))
        notices.create_index("ix_notices_sent_as", ["sent_as"])
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the columns away again."""
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("left_at")
    with op.batch_alter_table("notices") as notices:
        notices.drop_index("ix_notices_sent_as")
        for column in ("delivery", "sent_as", "steps", "rung"):
            notices.drop_column(column)
