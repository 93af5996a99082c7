"""A hash chain over the audit trail, beginning with what is there already; ways to search it.

Revision 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.audit_chain import hash_of_event
from models.migrations.append_only import guard
from models.records import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EVENTS = sa.table(
    "audit_events",
    sa.column("id", sa.BigInteger()),
    sa.column("at", Moment()),
    sa.column("actor", sa.String()),
    sa.column("act", sa.String()),
    sa.column("subject", sa.String()),
    sa.column("reason", sa.String()),
    sa.column("detail", sa.JSON()),
)


def upgrade() -> None:
    """The links, one for each row so far."""
    links = op.create_table(
        "audit_links",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column(
            "event_id",
            sa.BigInteger(),
            sa.ForeignKey("audit_events.id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("hash", sa.String(80), nullable=False),
    )
    for name in ("at", "actor"):
        op.create_index(f"ix_audit_events_{name}", "audit_events", [name])
    head = ""
    rows = op.get_bind().execute(sa.select(EVENTS).order_by(EVENTS.c.id)).all()
    for seq, row in enumerate(rows, 1):
        head = hash_of_event(head, row)
        op.execute(links.insert().values(seq=seq, event_id=row.id, hash=head))
    guard("audit_links")


def downgrade() -> None:
    """Without the chain again."""
    op.drop_table("audit_links")
    for name in ("actor", "at"):
        op.drop_index(f"ix_audit_events_{name}", "audit_events")
