"""The ids by which a platform names one account.

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of their own."""
    op.create_table(
        "platform_ids",
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("app", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.String(128), nullable=False),
        sa.Column("account_key", sa.String(400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "app", "kind", "value", name="pk_platform_ids"),
    )
    op.create_index("ix_platform_ids_account_key", "platform_ids", ["account_key"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("platform_ids")
