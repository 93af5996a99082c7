"""How far a draft is filled in.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A section's number; drafts from before are at the first, for all that is known."""
    with op.batch_alter_table("drafts") as drafts:
        drafts.add_column(sa.Column("reached", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Take it away again."""
    with op.batch_alter_table("drafts") as drafts:
        drafts.drop_column("reached")
