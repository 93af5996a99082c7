"""Whom a delivery reaches: the accounts of its recipient as they are now, and whether they may be
told at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Records

from models.lists import dialect_of, listed, numbers
from models.people import Account

SKIPPED = ("gone", "stopped", "not_agreed", "over")
"""Why somebody is not told: no account has this recipient any more, they said no, they never said
yes to announcements; what they were to be reminded of is over (`models.push.reminders`)."""


class Reach(NamedTuple):
    """One account of a recipient."""

    id: str
    key: str
    channel: str
    locale: str
    person_id: str | None
    followed: bool
    last_inbound_at: datetime | None
    credits: Mapping[str, Any]
    agreed: bool
    stopped: bool


def accounts_of(records: Records, recipients: Collection[int]) -> dict[int, list[Reach]]:
    """The accounts of each recipient, the one used last first; none: it is not in the result."""
    found: dict[int, list[Reach]] = {}
    given = {"recipients": listed(recipients)}
    for recipient, *columns in records.connection().execute(_theirs(dialect_of(records)), given):
        found.setdefault(recipient, []).append(Reach(*columns))
    for accounts in found.values():
        if len(accounts) > 1:
            accounts.sort(key=_last_used, reverse=True)
    return found


@cache
def _theirs(dialect: str) -> Select[Any]:
    """Built once: to build a statement costs more than to carry it out."""
    theirs = select(
        Account.recipient,
        Account.id,
        Account.key,
        Account.channel,
        Account.locale,
        Account.person_id,
        Account.followed,
        Account.last_inbound_at,
        Account.subscription_credits,
        Account.announcements_since.is_not(None),
        Account.stopped_at.is_not(None),
    ).where(Account.recipient.in_(numbers(dialect, "recipients")))
    return theirs.order_by(Account.created_at, Account.id)


def refusal(accounts: Sequence[Reach], purpose: str) -> str:
    """Why they must not be told, one of `SKIPPED` but `over`; "" where they may."""
    if not accounts:
        return "gone"
    if any(account.stopped for account in accounts):
        return "stopped"
    if purpose == "announcement" and not any(account.agreed for account in accounts):
        return "not_agreed"
    return ""


def came_since(records: Records, account: Reach, moment: datetime) -> bool:
    """Whether this account has become its person's after a moment, so that before it another
    account may have had this recipient."""
    bound = records.scalar(select(Account.bound_at).where(Account.id == account.id))
    return bound is not None and bound > moment


def _last_used(account: Reach) -> float:
    return account.last_inbound_at.timestamp() if account.last_inbound_at else 0.0
