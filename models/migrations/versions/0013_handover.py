"""Batches that are handed over and their lines; reply files, their lines and faults.

Revision 0013, after 0012.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _text(name: str, length: int, **more: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, **more)


def _application(**more: Any) -> sa.Column[str]:
    key = sa.ForeignKey("applications.id")
    return sa.Column("application_id", sa.String(32), key, nullable=False, **more)


def upgrade() -> None:
    """Six tables."""
    _batches()
    _lines()
    _files()


def _batches() -> None:
    op.create_table(
        "handover_batches",
        _text("id", 40, primary_key=True),
        _text("destination", 16),
        _text("bank", 16),
        _text("kind", 8),
        _text("form", 16),
        sa.Column("suite", sa.Integer(), nullable=False),
        sa.Column("photos", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _text("digest", 64),
        _text("state", 16),
        _text("fault", 64),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cut_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
    )
    op.create_index("ix_handover_batches_state", "handover_batches", ["state"])


def _lines() -> None:
    op.create_table(
        "handover_lines",
        sa.Column(
            "batch_id",
            sa.String(40),
            sa.ForeignKey("handover_batches.id"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("line", sa.Integer(), primary_key=True, nullable=False),
        _application(),
        _text("destination", 16),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("photo", 32),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("cut_at", MOMENT, nullable=False),
    )
    op.create_index("ix_handover_lines_application_id", "handover_lines", ["application_id"])
    op.create_index(
        "uq_handover_lines_open",
        "handover_lines",
        ["application_id", "destination"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "handover_blocks",
        _application(primary_key=True),
        _text("destination", 16, primary_key=True),
        _text("code", 32),
        sa.Column("at", MOMENT, nullable=False),
    )


def _files() -> None:
    op.create_table(
        "handover_files",
        _text("source", 16, primary_key=True),
        _text("name", 40, primary_key=True),
        _text("state", 16),
        _text("digest", 64),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        _text("cursor", 64),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("came_at", MOMENT, nullable=False),
    )
    op.create_index("ix_handover_files_state", "handover_files", ["state"])
    op.create_table(
        "handover_faults",
        _text("source", 16, primary_key=True),
        _text("file", 40, primary_key=True),
        sa.Column("line", sa.Integer(), primary_key=True, nullable=False, autoincrement=False),
        _text("code", 32),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "handover_replies",
        _text("id", 32, primary_key=True),
        _application(),
        _text("source", 16),
        _text("file", 40),
        _text("stage", 16),
        _text("result", 16),
        _text("code", 32),
        sa.Column("at", MOMENT, nullable=False),
        _text("outcome", 16),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
    )
    op.create_index("ix_handover_replies_application_id", "handover_replies", ["application_id"])


def downgrade() -> None:
    """Without them again."""
    for table in ("replies", "faults", "files", "blocks", "lines", "batches"):
        op.drop_table(f"handover_{table}")
