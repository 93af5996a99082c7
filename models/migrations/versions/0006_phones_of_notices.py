"""By which phone a notice is found again.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A blind index beside the sealed message."""
    op.add_column("notices", sa.Column("phone_index", sa.String(64), nullable=True))
    op.create_index("ix_notices_phone_index", "notices", ["phone_index"])


def downgrade() -> None:
    """Without it again."""
    op.drop_index("ix_notices_phone_index", "notices")
    op.drop_column("notices", "phone_index")
