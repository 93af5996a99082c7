"""Whose a photo is that was uploaded to a page and belongs to no draft yet.

Revision 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was stored for a draft names no account."""
    with op.batch_alter_table("documents") as documents:
        documents.add_column(sa.Column("account_key", sa.String(400), nullable=True))


def downgrade() -> None:
    """Take the column away again."""
    with op.batch_alter_table("documents") as documents:
        documents.drop_column("account_key")
