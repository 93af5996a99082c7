"""The outbox: everything a person is to be told outside a reply, one row each, in their order.

A notice is written in the transaction of the turn or act that causes it and sent later. Before a
call that must not be repeated it is marked `sending`, committed; what is still `sending` when its
lease has run out is *unknown*: nobody can tell whether the person got it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Integer,
    String,
    Update,
    and_,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column
from sqlalchemy.orm import Session as Records

from models.people import phone_index
from models.records import (
    ACCOUNT_KEY_LENGTH,
    ID_LENGTH,
    Record,
    Sealed,
    claimable,
    json_bytes,
    place,
)
from models.sealing import Keyring

Kind = Literal["sms", "chat", "picture", "ladder"]
State = Literal["queued", "claimed", "sending", "sent", "refused", "unknown", "parked", "replaced"]
OPEN: Sequence[State] = ("queued", "claimed", "sending")
UNDELIVERED: Sequence[State] = ("queued", "parked")
LINK_LIFE = timedelta(minutes=10)
PICTURE_LEASE = timedelta(seconds=10)  # a turn sends it within 1.5 s or not at all


class Notice(Record):
    """One thing to tell one person by one road. `seq` is the order in which they were written."""

    __tablename__ = "notices"
    __sealed_by__ = ("id",)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    matter: Mapped[str] = mapped_column(String(64))  # e.g. `application:<id>`; "" never folds
    payload: Mapped[bytes] = mapped_column(Sealed)
    document_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(64))
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_expires_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(100))  # why it was refused, parked, put off
    rung: Mapped[str] = mapped_column(String(16))  # of a `ladder`: the road it is tried by now
    steps: Mapped[list[Any]] = mapped_column(JSON)  # of a `ladder`: [rung, why it was left, when]
    sent_as: Mapped[str | None] = mapped_column(String(64), index=True)  # its id at the platform
    delivery: Mapped[str] = mapped_column(String(32))  # what the platform said became of it
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)  # where an SMS may go
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    def open_payload(self, keys: Keyring) -> dict[str, Any]:
        """What is to be sent: phone, template and params of an SMS, a reply's JSON of a chat; name
        and params, language, phone and link of a ladder."""
        opened: dict[str, Any] = json.loads(keys.open(self.payload, _place(self.id)))
        return opened


# --- writing -----------------------------------------------------------------------------------


def add_sms(
    records: Records,
    keys: Keyring,
    *,
    account: str,
    phone: str,
    template: str,
    params: Mapping[str, str],
    now: datetime,
    notice_id: str,
    matter: str = "",
) -> str:
    """An SMS of a registered template. The notice's id is its key at the SMS office."""
    payload = {"phone": phone, "template": template, "params": dict(params)}
    return new_notice(
        records, keys, notice_id, account, "sms", payload, now, matter=matter, phone=phone
    )


def add_chat(
    records: Records,
    keys: Keyring,
    *,
    account: str,
    payload: Mapping[str, Any],
    now: datetime,
    notice_id: str,
    matter: str = "",
    state: State = "queued",
    lease_until: datetime | None = None,
) -> str:
    """A message in the person's chat. A drain writes it already `sending`, with a lease."""
    return new_notice(
        records, keys, notice_id, account, "chat", payload, now,
        matter=matter, state=state, lease_until=lease_until,
    )  # fmt: skip


def add_picture(
    records: Records,
    keys: Keyring,
    *,
    account: str,
    document_id: str,
    payload: Mapping[str, Any],
    now: datetime,
    notice_id: str,
    matter: str = "",
    state: State = "sending",
) -> str:
    """A picture that goes with a reply; its own turn sends it, at most once."""
    return new_notice(
        records, keys, notice_id, account, "picture", payload, now,
        matter=matter, state=state, lease_until=now + PICTURE_LEASE, document_id=document_id,
    )  # fmt: skip


def fold(records: Records, account: str, matter: str) -> int:
    """Undelivered notices of one matter give way to the one about to be added. Returns how many."""
    waiting = and_(
        Notice.account_key == account,
        Notice.matter == matter,
        Notice.state.in_(UNDELIVERED),
    )
    given_way = update(Notice).where(waiting).values(state="replaced").returning(Notice.id)
    return len(records.scalars(given_way).all())


def hold_back(records: Records, notice_id: str, *, unless: bool) -> None:
    """Never send a notice that was written in this transaction, `unless` it may go.

    One statement in either case: where nobody may learn which it was, time must not tell.
    """
    state: State = "queued" if unless else "replaced"
    records.execute(update(Notice).where(Notice.id == notice_id).values(state=state))


# --- sending -----------------------------------------------------------------------------------


def claim_notices(
    records: Records,
    now: datetime,
    lease_seconds: float,
    limit: int,
    owner: str,
    kinds: Sequence[Kind] = ("sms", "chat", "ladder"),
) -> list[Notice]:
    """Take up to `limit` notices that are due, in the order they were written.

    A person's second of a kind is never taken while the first is open, so that each road keeps
    their order; an SMS code does not wait for a chat message that the platform refuses.
    """
    due = (
        select(Notice.seq)
        .where(
            Notice.kind.in_(kinds),
            claimable(Notice.state, Notice.due_at, Notice.lease_until, now),
            ~_has_open_predecessor(),
        )
        .order_by(Notice.seq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claim = (
        update(Notice)
        .where(Notice.seq.in_(due))
        .values(
            state="claimed",
            owner=owner,
            attempts=Notice.attempts + 1,
            lease_until=now + timedelta(seconds=lease_seconds),
        )
        .returning(Notice)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return sorted(records.scalars(claim).all(), key=lambda notice: notice.seq)


def mark_sending(records: Records, notice_id: str, owner: str, lease_until: datetime) -> bool:
    """Say, before the call, that it is made now. False when the claim was lost: do not call."""
    marked = (
        update(Notice)
        .where(Notice.id == notice_id, Notice.state == "claimed", Notice.owner == owner)
        .values(state="sending", lease_until=lease_until)
    )
    return records.scalar(marked.returning(Notice.id)) is not None


def mark_sent(records: Records, notice_id: str, now: datetime) -> bool:
    """The receiver took it. False when it was no longer open."""
    return _close(records, notice_id, update(Notice).values(state="sent", sent_at=now, reason=""))


def mark_refused(records: Records, notice_id: str, reason: str) -> bool:
    """The receiver refused it for good. `reason` holds a code, nothing personal."""
    return _close(records, notice_id, update(Notice).values(state="refused", reason=reason[:100]))


def mark_unknown(records: Records, notice_id: str, reason: str = "") -> bool:
    """Nobody knows whether it arrived; shown to staff, never repeated by itself."""
    return _close(records, notice_id, update(Notice).values(state="unknown", reason=reason[:100]))


def park(records: Records, notice_id: str, reason: str) -> bool:
    """It cannot go now (the window is closed): it waits for the person's next visit."""
    return _close(records, notice_id, update(Notice).values(state="parked", reason=reason[:100]))


def postpone_notice(records: Records, notice_id: str, due_at: datetime, reason: str = "") -> bool:
    """Put it back to be claimed again from `due_at` on."""
    again = update(Notice).values(state="queued", due_at=due_at, reason=reason[:100])
    return _close(records, notice_id, again)


def settle_unknown(records: Records, now: datetime) -> list[Notice]:
    """What is still `sending` when its lease has run out becomes unknown. Returns those.

    Notices with more than one road have rules of their own (`models.ladders`).
    """
    lost = and_(Notice.state == "sending", Notice.lease_until <= now, Notice.kind != "ladder")
    settled = (
        update(Notice)
        .where(lost)
        .values(state="unknown", lease_until=None, owner=None, reason="lease")
        .returning(Notice)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return list(records.scalars(settled).all())


def find_notice(records: Records, notice_id: str) -> Notice | None:
    """The notice of this id, or None."""
    return records.scalar(select(Notice).where(Notice.id == notice_id))


def parked_notices(records: Records, account: str) -> list[Notice]:
    """What waits for this person's next visit, oldest first."""
    waiting = select(Notice).where(Notice.account_key == account, Notice.state == "parked")
    return list(records.scalars(waiting.order_by(Notice.seq)).all())


def forget_notices(records: Records, before: datetime) -> int:
    """Delete what was delivered, refused or replaced and written before `before`. Returns how many.

    What is unknown stays for staff, what is parked for the person.
    """
    ended = Notice.state.in_(("sent", "refused", "replaced")) & (Notice.created_at < before)
    return len(records.scalars(delete(Notice).where(ended).returning(Notice.id)).all())


# --- one-use links -----------------------------------------------------------------------------


def make_link(records: Records, notice_id: str, now: datetime, token: str = "") -> str:
    """A link to the notice's picture, good once within ten minutes. Returns its token.

    Only the token's hash is stored. Raises KeyError when there is no such notice.
    """
    token = token or secrets.token_urlsafe(24)
    linked = (
        update(Notice)
        .where(Notice.id == notice_id)
        .values(link_hash=_hash(token), link_expires_at=now + LINK_LIFE)
    )
    if records.scalar(linked.returning(Notice.id)) is None:
        raise KeyError(notice_id)
    return token


def use_link(records: Records, token: str, now: datetime) -> str | None:
    """The document a link shows, once; None for a link unknown, used or expired."""
    used = (
        update(Notice)
        .where(Notice.link_hash == _hash(token), Notice.link_expires_at > now)
        .values(link_hash=None, link_expires_at=None)
    )
    return records.scalar(used.returning(Notice.document_id))


# --- small parts -------------------------------------------------------------------------------


def new_notice(
    records: Records,
    keys: Keyring,
    notice_id: str,
    account: str,
    kind: Kind,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    matter: str,
    state: State = "queued",
    lease_until: datetime | None = None,
    document_id: str | None = None,
    phone: str | None = None,
    due_at: datetime | None = None,
) -> str:
    """Write one row, due now or later. Each kind has a function of its own for this."""
    records.add(
        Notice(
            id=notice_id,
            account_key=account,
            kind=kind,
            matter=matter,
            payload=keys.seal(json_bytes(payload), _place(notice_id)),
            document_id=document_id,
            state=state,
            attempts=0,
            due_at=due_at or now,
            lease_until=lease_until,
            reason="",
            rung="",
            steps=[],
            delivery="",
            phone_index=phone_index(keys, phone) if phone is not None else None,
            created_at=now,
        )
    )
    records.flush()
    return notice_id


def _has_open_predecessor() -> ColumnElement[bool]:
    earlier = aliased(Notice)
    return exists().where(
        earlier.account_key == Notice.account_key,
        earlier.kind == Notice.kind,
        earlier.seq < Notice.seq,
        earlier.state.in_(OPEN),
    )


def _close(records: Records, notice_id: str, change: Update) -> bool:
    """Move an open notice on, and free its claim."""
    closed = change.values(lease_until=None, owner=None).where(
        Notice.id == notice_id, Notice.state.in_(OPEN)
    )
    return records.scalar(closed.returning(Notice.id)) is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _place(notice_id: str) -> str:
    return place("notices", "payload", notice_id)
