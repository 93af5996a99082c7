"""Tokens of browsers and mini programs.

Revision 0003, after 0002.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table of their own."""
    op.create_table(
        "access_tokens",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("use", sa.String(8), nullable=False),
        sa.Column("account_key", sa.String(400), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("hash", name="pk_access_tokens"),
    )
    op.create_index("ix_access_tokens_account_key", "access_tokens", ["account_key"])
    op.create_index("ix_access_tokens_expires_at", "access_tokens", ["expires_at"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("access_tokens")
