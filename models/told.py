"""What each account of a person was told outside of a reply: for staff, masked.

Of every notice: by which road, in which wording, when, and what became of it. What stood in it is
shown as far as it says nothing personal; a code never, a message of the chat not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.applications import Application
from models.masking import mask_phone
from models.notices import Notice
from models.people import Account, accounts_of
from models.progress import tail
from models.push.heard import Heard, heard_by
from models.sealing import Keyring

MOST = 500  # of a person, the latest
_PLAIN = frozenset({"date", "days", "minutes"})


@dataclass(frozen=True, slots=True)
class Told:
    """One notice or push. `state` as in `models.notices`, `delivery` as the platform reported it;
    `left` holds the roads that did not hold: [road, reason, moment]."""

    account: str
    at: datetime
    sent_at: datetime | None
    road: str
    wording: str
    params: Mapping[str, str]
    phone: str
    state: str
    delivery: str
    reason: str
    left: list[Any]


def accounts_told(records: Records, application: Application) -> list[str]:
    """Who may have been told of an application: the account that handed it in and, where the holder
    is proven, every account bound to them."""
    bound = accounts_of(records, application.holder_id) if application.holder_proven else []
    return sorted({application.account_key, *(account.key for account in bound)})


def told_to(records: Records, keys: Keyring, application: Application) -> list[Told]:
    """Every notice to those accounts, and every push, the earliest first."""
    theirs = Notice.account_key.in_(accounts_told(records, application))
    latest = select(Notice).where(theirs).order_by(Notice.seq.desc()).limit(MOST)
    found = records.scalars(latest).all()
    notices = [_told(notice, notice.open_payload(keys)) for notice in reversed(found)]
    every = sorted([*notices, *_pushed(records, application)], key=lambda told: told.at)
    return every[-MOST:]


def _pushed(records: Records, application: Application) -> list[Told]:
    """Every push that went to the people behind those accounts, under an account of its road."""
    keys = accounts_told(records, application)
    rows = records.scalars(select(Account).where(Account.key.in_(keys))).all()
    found = heard_by(records, {row.recipient for row in rows}, limit=MOST)
    return [_told_of_push(heard, rows) for heard in found]


def _told_of_push(heard: Heard, rows: Sequence[Account]) -> Told:
    theirs = [row for row in rows if row.recipient == heard.recipient]
    channel = heard.road.partition(":")[0]
    account = next((row for row in theirs if row.channel == channel), theirs[0])
    return Told(
        account=account.key,
        at=heard.at,
        sent_at=heard.at if heard.state == "sent" else None,
        road=heard.road,
        wording=f"push {heard.campaign_id} {heard.name}",
        params={"number": _masked("number", heard.number)} if heard.number else {},
        phone="",
        state=heard.state,
        delivery=heard.receipt,
        reason=heard.reason,
        left=[[*each.strip().split(" ", 1), ""][:3] for each in heard.left.split(";") if each],
    )


def _told(notice: Notice, payload: Mapping[str, Any]) -> Told:
    phone = payload.get("phone") or ""
    return Told(
        account=notice.account_key,
        at=notice.created_at,
        sent_at=notice.sent_at,
        road=notice.rung or notice.kind,
        wording=str(payload.get("name") or payload.get("template") or ""),
        params={name: _masked(name, value) for name, value in payload.get("params", {}).items()},
        phone=mask_phone(phone) if phone else "",
        state=notice.state,
        delivery=notice.delivery,
        reason=notice.reason,
        left=list(notice.steps),
    )


def _masked(name: str, value: str) -> str:
    """A day is nobody's; of an acceptance number the end tells one from another."""
    if name in _PLAIN:
        return value
    return f"***{tail(value)}" if name == "number" else "***"
