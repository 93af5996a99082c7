"""What staff change of what residents are told.

Revision 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A row for each edition of a part."""
    op.create_table(
        "content_editions",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("rests_on", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("written_by", sa.String(100), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(100), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
    )
    op.create_index("ix_content_editions_part", "content_editions", ["part"])


def downgrade() -> None:
    """Without it again."""
    op.drop_table("content_editions")
