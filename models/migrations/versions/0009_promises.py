"""Promises that were missed, and finding those that are about to be.

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = ("late_since", "promise_review_by", "promise_card_by")


def upgrade() -> None:
    """A day, and an index for each of the three."""
    op.add_column("applications", sa.Column("late_since", sa.Date(), nullable=True))
    for column in COLUMNS:
        op.create_index(f"ix_applications_{column}", "applications", [column])


def downgrade() -> None:
    """Without them again."""
    for column in COLUMNS:
        op.drop_index(f"ix_applications_{column}", "applications")
    op.drop_column("applications", "late_since")
