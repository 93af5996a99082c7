"""Passes for collecting a card, wrong digits, cards between branches; waiting cards by branch.

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LIVE = sa.text("ended_at IS NULL")


def _application() -> sa.Column[str]:
    return sa.Column(
        "application_id", sa.String(32), sa.ForeignKey("applications.id"), nullable=False
    )


def _unique_while_open(name: str, table: str, columns: list[str]) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)


def upgrade() -> None:
    """Three tables, and an index for the list of a branch."""
    op.create_table(
        "passes",
        sa.Column("id", sa.String(32), primary_key=True),
        _application(),
        sa.Column("branch", sa.String(32), nullable=False),
        sa.Column("collector", sa.String(16), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("agent", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended", sa.String(16), nullable=False),
    )
    op.create_index("ix_passes_application_id", "passes", ["application_id"])
    op.create_index("ix_passes_expires_at", "passes", ["expires_at"])
    _unique_while_open("uq_passes_live_code", "passes", ["code_hash"])
    _unique_while_open("uq_passes_live_collector", "passes", ["application_id", "collector"])
    op.create_table(
        "pass_tries",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("branch", sa.String(32), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_pass_tries_branch_at", "pass_tries", ["branch", "at"])
    op.create_table(
        "card_moves",
        sa.Column("id", sa.String(32), primary_key=True),
        _application(),
        sa.Column("from_branch", sa.String(32), nullable=False),
        sa.Column("to_branch", sa.String(32), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended", sa.String(16), nullable=False),
    )
    _unique_while_open("uq_card_moves_open", "card_moves", ["application_id"])
    op.create_index("ix_card_moves_from_branch", "card_moves", ["from_branch"])
    op.create_index("ix_card_moves_to_branch", "card_moves", ["to_branch"])
    op.create_index(
        "ix_applications_at_branch", "applications", ["branch", "state", "state_since", "id"]
    )


def downgrade() -> None:
    """Without them again."""
    op.drop_index("ix_applications_at_branch", "applications")
    for table in ("card_moves", "pass_tries", "passes"):
        op.drop_table(table)
