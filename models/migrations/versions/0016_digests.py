"""The digest of each photo, so that the same one sent again is recognised.

Revision 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column; what was stored before has none."""
    op.add_column("documents", sa.Column("digest", sa.String(64), nullable=True))


def downgrade() -> None:
    """Without it again."""
    op.drop_column("documents", "digest")
