"""What was sent to somebody: to their own accounts, and to phones they have proven to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session as Records

from models.notices import Notice
from models.one_time_codes import OneTimeCode
from models.people import Proof, accounts_of, find_account, person_of
from models.push.heard import heard_by
from models.sealing import Keyring

MOST = 200  # the latest; older ones are hardly asked for
_WENT_OUT = ("sent", "unknown")  # of an unknown one nobody can say that it was not ours


@dataclass(frozen=True, slots=True)
class Sent:
    """One notice or push that went out. `road`: sms, chat, template, subscription, mass, visit;
    `payload` as the notice's, of a push its message as `push` and the `number` it was about."""

    at: datetime
    road: str
    payload: Mapping[str, Any]


def sent_to(records: Records, keys: Keyring, account: str) -> list[Sent]:
    """What was sent to whoever speaks through this account, the latest first.

    To the account and, where it is bound, to the person's others and their proven phone; and to
    a phone whose code came back through this account these days. Never anybody else's.
    """
    person = person_of(records, account)
    accounts, phones = {account}, _proven_phones(records, account)
    if person is not None:
        accounts |= {bound.key for bound in accounts_of(records, person.id)}
        if person.phone_index and Proof(person.phone_proven).is_proven:
            phones.add(person.phone_index)
    mine = or_(Notice.account_key.in_(accounts), Notice.phone_index.in_(phones))
    went = (Notice.kind.in_(("sms", "ladder")), Notice.state.in_(_WENT_OUT))
    latest = select(Notice).where(mine, *went).order_by(Notice.seq.desc()).limit(MOST)
    found = records.scalars(latest).all()
    # An SMS that this account caused went to the phone it named, which is not proven by that.
    notices = [
        Sent(n.sent_at or n.created_at, n.rung or n.kind, n.open_payload(keys))
        for n in found
        if not _to_a_phone(n) or n.phone_index in phones
    ]
    every = [*notices, *_pushed_to(records, account)]
    return sorted(every, key=lambda sent: sent.at, reverse=True)[:MOST]


def _pushed_to(records: Records, account: str) -> list[Sent]:
    """What went to this account's person, whichever of their accounts it took."""
    row = find_account(records, account)
    heard = heard_by(records, [row.recipient], limit=MOST) if row is not None else []
    return [
        Sent(h.at, h.road.rpartition(":")[2], {"push": h.message, "number": h.number})
        for h in heard
    ]


def _to_a_phone(notice: Notice) -> bool:
    return notice.kind == "sms" or notice.rung == "sms"


def _proven_phones(records: Records, account: str) -> set[str]:
    """The blind indexes of phones whose code came back: as long as sent codes are kept."""
    used = select(OneTimeCode.phone_index).where(
        OneTimeCode.account_key == account, OneTimeCode.used_at.is_not(None)
    )
    return set(records.scalars(used).all())
