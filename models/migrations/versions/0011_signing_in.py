"""Signing in: when passwords end, second factors, recovery codes, failures, ends of sessions.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Columns of staff and their sessions (nobody has signed in before), two tables."""
    op.execute("DELETE FROM staff_sessions")
    with op.batch_alter_table("staff") as staff:
        staff.add_column(
            sa.Column("password_own", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        staff.add_column(sa.Column("password_until", MOMENT, nullable=True))
        staff.add_column(
            sa.Column("totp_ready", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        staff.add_column(
            sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("staff_sessions") as sessions:
        sessions.add_column(sa.Column("ends_at", MOMENT, nullable=False))
        sessions.add_column(sa.Column("ended", sa.String(16), nullable=False, server_default=""))
        sessions.create_index("ix_staff_sessions_seen_at", ["seen_at"])
    op.create_table(
        "staff_recovery_codes",
        sa.Column("staff_id", sa.String(32), sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("used_at", MOMENT, nullable=True),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
    )
    op.create_index("ix_sign_in_tries_last_at", "sign_in_tries", ["last_at"])


def downgrade() -> None:
    """Without them again."""
    op.drop_table("sign_in_tries")
    op.drop_table("staff_recovery_codes")
    with op.batch_alter_table("staff_sessions") as sessions:
        sessions.drop_index("ix_staff_sessions_seen_at")
        sessions.drop_column("ended")
        sessions.drop_column("ends_at")
    with op.batch_alter_table("staff") as staff:
        for name in ("totp_step", "totp_ready", "password_until", "password_own"):
            staff.drop_column(name)
