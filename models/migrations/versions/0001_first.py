"""The first tables.

Revision 0001. What a table means stands in its model; here are only the columns of that day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.migrations.append_only import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(32)
ACCOUNT = sa.String(400)
HASH = sa.String(64)
MOMENT = sa.DateTime(timezone=True)
SEALED = sa.LargeBinary()
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN_AND_PROVEN = (
    "holder_proven AND state NOT IN "
    "('ACTIVATED', 'CANCELLED', 'COLLECTED', 'EXPIRED', 'REFUSED', 'SEALED')"
)
APPEND_ONLY = ("application_events", "audit_events")
TABLES = (
    "turns", "tickets", "notices", "jobs", "holders", "drafts", "documents", "dead_letters",
    "consents", "codes", "audit_events", "application_events", "applications", "accounts", "people",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, then refuse changes to what is only ever added."""
    make_people()
    make_accounts()
    make_holders()
    make_applications()
    make_application_events()
    make_audit_events()
    make_drafts()
    make_consents()
    make_documents()
    make_codes()
    make_tickets()
    make_turns()
    make_dead_letters()
    make_jobs()
    make_notices()
    for table in APPEND_ONLY:
        guard(table)


def downgrade() -> None:
    """Back to an empty database."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def make_people() -> None:
    """Applicants and holders."""
    op.create_table(
        "people",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", SEALED, nullable=False),
        sa.Column("id_number", SEALED, nullable=False),
        sa.Column("id_index", HASH, nullable=False),
        sa.Column("id_kind", sa.String(32), nullable=False),
        sa.Column("phone", SEALED, nullable=True),
        sa.Column("phone_index", HASH, nullable=True),
        sa.Column("phone_proven", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("id_index", name="uq_people_id_index"),
    )
    op.create_index("ix_people_phone_index", "people", ["phone_index"])


def make_accounts() -> None:
    """Who writes, in which app."""
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(128), nullable=False),
        sa.Column("app", sa.String(128), nullable=False),
        sa.Column("user", sa.String(128), nullable=False),
        sa.Column("user_kind", sa.String(16), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("bound_at", MOMENT, nullable=True),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("last_inbound_at", MOMENT, nullable=True),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.Column("subscription_credits", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_accounts_person_id"),
        sa.UniqueConstraint("channel", "app", "user", name="uq_accounts_channel_app_user"),
    )
    op.create_index("ix_accounts_person_id", "accounts", ["person_id"])


def make_holders() -> None:
    """Whom an account acts for."""
    op.create_table(
        "holders",
        sa.Column("account_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("relation", sa.String(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "person_id", name="pk_holders"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_holders_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_holders_person_id"),
    )


def make_applications() -> None:
    """What was handed in."""
    op.create_table(
        "applications",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("applicant_id", ID, nullable=False),
        sa.Column("holder_id", ID, nullable=False),
        sa.Column("relation", sa.String(32), nullable=False),
        sa.Column("holder_proven", sa.Boolean(), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("card_status", sa.String(16), nullable=False),
        sa.Column("bank_status", sa.String(16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answers", SEALED, nullable=False),
        sa.Column("district", sa.String(32), nullable=False),
        sa.Column("bank", sa.String(16), nullable=False),
        sa.Column("branch", sa.String(32), nullable=False),
        sa.Column("delivery", sa.String(16), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.Column("state_since", MOMENT, nullable=False),
        sa.Column("promise_review_by", sa.Date(), nullable=False),
        sa.Column("promise_card_by", sa.Date(), nullable=False),
        sa.Column("correct_by", sa.Date(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["people.id"], name="fk_applications_applicant_id"
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["people.id"], name="fk_applications_holder_id"),
        sa.UniqueConstraint("draft_id", name="uq_applications_draft_id"),
        sa.UniqueConstraint("number", name="uq_applications_number"),
    )
    op.create_index("ix_applications_account_key", "applications", ["account_key"])
    op.create_index("ix_applications_applicant_id", "applications", ["applicant_id"])
    op.create_index("ix_applications_holder_id", "applications", ["holder_id"])
    op.create_index("ix_applications_state", "applications", ["state"])
    op.create_index(
        "uq_applications_open_holder",
        "applications",
        ["holder_id"],
        unique=True,
        sqlite_where=sa.text(OPEN_AND_PROVEN),
        postgresql_where=sa.text(OPEN_AND_PROVEN),
    )


def make_application_events() -> None:
    """What happened to it; only ever added."""
    op.create_table(
        "application_events",
        sa.Column("id", SEQUENCE, nullable=False),
        sa.Column("application_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("from_state", sa.String(32), nullable=False),
        sa.Column("to_state", sa.String(32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_events"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name="fk_application_events_application_id"
        ),
    )
    op.create_index(
        "ix_application_events_application_id", "application_events", ["application_id"]
    )


def make_audit_events() -> None:
    """Who looked, and why; only ever added."""
    op.create_table(
        "audit_events",
        sa.Column("id", SEQUENCE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_subject", "audit_events", ["subject"])


def make_drafts() -> None:
    """That a form was begun."""
    op.create_table(
        "drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("person_index", HASH, nullable=True),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_how", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_account_key", "drafts", ["account_key"])
    op.create_index("ix_drafts_expires_at", "drafts", ["expires_at"])
    op.create_index("ix_drafts_person_index", "drafts", ["person_index"])
    op.create_index("ix_drafts_remind_at", "drafts", ["remind_at"])


def make_consents() -> None:
    """What was agreed to."""
    op.create_table(
        "consents",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("application_id", ID, nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("text_version", sa.String(32), nullable=False),
        sa.Column("text_sha256", HASH, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_account_key", "consents", ["account_key"])
    op.create_index("ix_consents_application_id", "consents", ["application_id"])
    op.create_index("ix_consents_draft_id", "consents", ["draft_id"])


def make_documents() -> None:
    """Photos, by their sealed keys."""
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=True),
        sa.Column("application_id", ID, nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", SEALED, nullable=False),
        sa.Column("object_name", sa.String(64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("object_name", name="uq_documents_object_name"),
    )
    op.create_index("ix_documents_application_id", "documents", ["application_id"])
    op.create_index("ix_documents_draft_id", "documents", ["draft_id"])
    op.create_index("ix_documents_expires_at", "documents", ["expires_at"])


def make_codes() -> None:
    """Codes sent by SMS."""
    op.create_table(
        "codes",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("phone_index", HASH, nullable=False),
        sa.Column("code_hash", HASH, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
    )
    op.create_index("ix_codes_account_key", "codes", ["account_key"])
    op.create_index("ix_codes_phone_index", "codes", ["phone_index"])
    op.create_index("ix_codes_sent_at", "codes", ["sent_at"])


def make_tickets() -> None:
    """What waits for staff."""
    op.create_table(
        "tickets",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("payload", SEALED, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
    )
    op.create_index("ix_tickets_account_key", "tickets", ["account_key"])
    op.create_index("ix_tickets_state", "tickets", ["state"])


def make_turns() -> None:
    """Updates handled."""
    op.create_table(
        "turns",
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("update_id", sa.String(200), nullable=False),
        sa.Column("result", SEALED, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_key", "update_id", name="pk_turns"),
    )
    op.create_index("ix_turns_at", "turns", ["at"])


def make_dead_letters() -> None:
    """Updates given up."""
    op.create_table(
        "dead_letters",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("update_id", sa.String(200), nullable=False),
        sa.Column("update", SEALED, nullable=False),
        sa.Column("fault", sa.String(500), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
    )
    op.create_index("ix_dead_letters_account_key", "dead_letters", ["account_key"])


def make_jobs() -> None:
    """Background work."""
    op.create_table(
        "jobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("payload", SEALED, nullable=False),
        sa.Column("answers", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("reported", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_due_at", "jobs", ["due_at"])
    op.create_index("ix_jobs_state", "jobs", ["state"])


def make_notices() -> None:
    """Things to tell."""
    op.create_table(
        "notices",
        sa.Column("seq", SEQUENCE, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("account_key", ACCOUNT, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("matter", sa.String(64), nullable=False),
        sa.Column("payload", SEALED, nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("link_hash", HASH, nullable=True),
        sa.Column("link_expires_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_notices"),
        sa.UniqueConstraint("id", name="uq_notices_id"),
        sa.UniqueConstraint("link_hash", name="uq_notices_link_hash"),
    )
    op.create_index("ix_notices_account_key", "notices", ["account_key"])
    op.create_index("ix_notices_due_at", "notices", ["due_at"])
    op.create_index("ix_notices_state", "notices", ["state"])
