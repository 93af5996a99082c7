"""The review: the queue, the decisions, earlier answers, opened pictures, sizes of the queue.

Revision 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WAITING = "status = 'waiting'"
OPEN = "status <> 'gone'"
TIMED = "status IN ('reserved', 'claimed', 'held')"
ASIDE = "status <> 'gone' AND status <> 'waiting'"
ITEM_INDEXES = (
    ("ix_review_waiting", ("lane", "promised", "arrived_at", "application_id"), WAITING),
    (
        "ix_review_waiting_district",
        ("district", "lane", "promised", "arrived_at", "application_id"),
        WAITING,
    ),
    ("ix_review_open", ("promised", "arrived_at", "application_id"), OPEN),
    ("ix_review_open_district", ("district", "promised", "arrived_at", "application_id"), OPEN),
    ("ix_review_holder", ("holder", "status", "promised"), ASIDE),
    ("ix_review_status", ("status", "promised", "arrived_at", "application_id"), ASIDE),
    ("ix_review_until", ("until",), TIMED),
)
DUE = "applied_at IS NULL AND dropped_at IS NULL"
SECOND = "wants <> '' AND confirmed_by IS NULL AND dropped_at IS NULL"
DECISION_INDEXES = (
    ("ix_decisions_due", ("effective_at",), DUE),
    ("ix_decisions_second", ("wants", "at"), SECOND),
)


def upgrade() -> None:
    """Five tables."""
    _make_items()
    _make_decisions()
    op.create_table(
        "answers_of_rounds",
        _application(primary_key=True),
        sa.Column("round", sa.Integer(), primary_key=True),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "opened_pictures",
        sa.Column("document_id", sa.String(32), primary_key=True),
        sa.Column("staff_id", sa.String(32), primary_key=True),
        _application(),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_opened_pictures_application_id", "opened_pictures", ["application_id"])
    op.create_table(
        "queue_sizes",
        sa.Column("district", sa.String(32), primary_key=True),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Without them again."""
    for table in (
        "queue_sizes",
        "opened_pictures",
        "answers_of_rounds",
        "decisions",
        "review_items",
    ):
        op.drop_table(table)


def _application(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "application_id",
        sa.String(32),
        sa.ForeignKey("applications.id"),
        primary_key=primary_key,
        nullable=False,
    )


def _index(
    name: str, table: str, columns: tuple[str, ...], where: str, unique: bool = False
) -> None:
    only = sa.text(where)
    op.create_index(
        name, table, list(columns), sqlite_where=only, postgresql_where=only, unique=unique
    )


def _make_items() -> None:
    op.create_table(
        "review_items",
        _application(primary_key=True),
        sa.Column("stay", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("district", sa.String(32), nullable=False),
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("promised", sa.Date(), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("holder", sa.String(32), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
    )
    for name, columns, where in ITEM_INDEXES:
        _index(name, "review_items", columns, where)


def _make_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(32), primary_key=True),
        _application(),
        sa.Column("stay", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(16), nullable=False),
        sa.Column("district", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("wants", sa.String(16), nullable=False),
        sa.Column("confirmed_by", sa.String(32), nullable=True),
        sa.Column("effective_at", MOMENT, nullable=True),
        sa.Column("dropped_by", sa.String(32), nullable=True),
        sa.Column("dropped_at", MOMENT, nullable=True),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.Column("batch", sa.String(32), nullable=True),
    )
    op.create_index("ix_decisions_application_id", "decisions", ["application_id"])
    op.create_index("ix_decisions_pace", "decisions", ["district", "applied_at"])
    stands = ("application_id", "stay")
    _index("uq_decisions_standing", "decisions", stands, "dropped_at IS NULL", unique=True)
    for name, columns, where in DECISION_INDEXES:
        _index(name, "decisions", columns, where)
