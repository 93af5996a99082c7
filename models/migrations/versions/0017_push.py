"""Campaigns, their deliveries, and what people chose of them.

Revision 0017, after 0016.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
_INDEXES = (
    ("waiting", ["campaign_id", "due_at"], "state = 'waiting'"),
    ("calling", ["campaign_id", "lease_until"], "state = 'calling'"),
    ("sent_as", ["sent_as"], "sent_as IS NOT NULL"),
    ("doubt", ["recipient"], "state = 'waiting' AND called_at IS NOT NULL"),
    ("told", ["recipient"], "state = 'sent' OR state = 'visit' OR state = 'unknown'"),
)


def upgrade() -> None:
    """Accounts get their key and their recipient; the tables of pushes."""
    _accounts()
    op.add_column("people", sa.Column("birth_year", sa.SmallInteger(), nullable=True))
    op.create_index("ix_applications_state_since", "applications", ["state", "state_since"])
    for name, length in (("account_key", 400), ("link_hash", 64)):
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("staff", column)
    op.add_column("staff", sa.Column("link_until", MOMENT, nullable=True))
    _campaigns()
    _deliveries()
    _masses()
    _small_tables()


def downgrade() -> None:
    """Without them again."""
    for table in (
        "push_answers",
        "push_orders",
        "push_templates",
        "push_systems",
        "push_masses_heard",
        "push_masses",
        "push_months",
        "push_days",
        "push_counts",
        "push_deliveries",
        "push_events",
        "push_campaigns",
    ):
        op.drop_table(table)
    op.drop_index("ix_applications_state_since", "applications")
    op.drop_column("people", "birth_year")
    for column in ("account_key", "link_hash", "link_until"):
        op.drop_column("staff", column)
    for index in ("uq_accounts_key", "ix_accounts_recipient"):
        op.drop_index(index, "accounts")
    for column in ("key", "recipient", "announcements_since", "stopped_at"):
        op.drop_column("accounts", column)


def _accounts() -> None:
    for name, kind in (("key", sa.String(400)), ("recipient", sa.BigInteger())):
        column = sa.Column(name, kind, nullable=False, server_default="0")
        op.add_column("accounts", column)
    for name in ("announcements_since", "stopped_at"):
        op.add_column("accounts", sa.Column(name, MOMENT, nullable=True))
    op.execute("""UPDATE accounts SET key = channel || ':' || app || ':' || "user" """)
    op.execute(
        "UPDATE accounts SET recipient = ranked.place FROM (SELECT id,"
        " dense_rank() OVER (ORDER BY coalesce(person_id, id)) AS place FROM accounts) AS ranked"
        " WHERE ranked.id = accounts.id"
    )
    op.create_index("uq_accounts_key", "accounts", ["key"], unique=True)
    op.create_index("ix_accounts_recipient", "accounts", ["recipient"])


def _campaigns() -> None:
    op.create_table(
        "push_campaigns",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=True),
        *_integers("revision", "priority", "rate"),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        *_integers("from_hour", "until_hour", "first", "total", "taken"),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        *_integers("cost", "cost_cap"),
        sa.Column("bound_from", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("written_by", sa.String(100), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.String(100), nullable=False),
        *(
            sa.Column(name, MOMENT, nullable=True)
            for name in ("approved_at", "began_at", "ended_at")
        ),
    )
    op.create_index("ix_push_campaigns_stage", "push_campaigns", ["stage"])
    op.create_table(
        "push_events",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("from_stage", sa.String(16), nullable=False),
        sa.Column("to_stage", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
    )
    op.create_index("ix_push_events_campaign_id", "push_events", ["campaign_id"])


def _deliveries() -> None:
    op.create_table(
        "push_deliveries",
        sa.Column("campaign_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("recipient", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.String(32), nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        *(
            sa.Column(name, MOMENT, nullable=True)
            for name in ("due_at", "lease_until", "called_at")
        ),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("road", sa.String(32), nullable=False, server_default=""),
        sa.Column("reason", sa.String(64), nullable=False, server_default=""),
        sa.Column("left", sa.String(400), nullable=False, server_default=""),
        sa.Column("sent_as", sa.String(64), nullable=True),
        sa.Column("receipt", sa.String(32), nullable=False, server_default=""),
        sa.Column("sent_at", MOMENT, nullable=True),
        sqlite_with_rowid=False,
    )
    for name, columns, which in _INDEXES:
        where = sa.text(which)
        op.create_index(
            f"ix_push_deliveries_{name}",
            "push_deliveries",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )


def _masses() -> None:
    op.create_table(
        "push_masses",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("app", sa.String(128), nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("sent_as", sa.String(64), nullable=True),
        *_integers("attempts", "count"),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("filter_count", "sent_count", "error_count")
        ),
        sa.Column("called_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
    )
    for column in ("campaign_id", "state", "sent_as"):
        op.create_index(f"ix_push_masses_{column}", "push_masses", [column])
    op.create_table(
        "push_masses_heard",
        sa.Column("app", sa.String(128), primary_key=True),
        sa.Column("sent_as", sa.String(64), primary_key=True),
        sa.Column("failed", sa.String(64), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("filter_count", "sent_count", "error_count")
        ),
        sa.Column("heard_at", MOMENT, nullable=False),
    )
    op.create_index("ix_push_masses_heard_heard_at", "push_masses_heard", ["heard_at"])
    op.create_table(
        "push_months",
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("recipient", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )


def _small_tables() -> None:
    op.create_table(
        "push_counts",
        sa.Column("campaign_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("what", sa.String(16), primary_key=True),
        sa.Column("road", sa.String(32), primary_key=True),
        sa.Column("reason", sa.String(64), primary_key=True),
        sa.Column("n", sa.Integer(), nullable=False),
    )
    op.create_table(
        "push_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("recipient", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "push_templates",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("written_by", sa.String(100), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
    )
    op.create_table(
        "push_systems",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.UniqueConstraint("key_hash", name="uq_push_systems_key_hash"),
    )
    op.create_table(
        "push_orders",
        sa.Column("by", sa.String(100), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "push_answers",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("option", sa.String(16), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_push_answers_campaign_id", "push_answers", ["campaign_id", "recipient"])


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[datetime]]:
    return [sa.Column(name, MOMENT, nullable=True) for name in names]
