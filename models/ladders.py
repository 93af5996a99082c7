"""A notice that may take several roads: it is tried on one rung after another until one holds.

Which rungs there are and what each says is not known here. What is: before a call the row names
the rung and the moment (the last of its `steps` says `calling`), committed. A call that must not
be repeated is made as `sending`, which runs out into *unknown*; one that the receiver
de-duplicates stays `claimed`, and may be made again under the notice's id. Every rung that was
left stands in `steps` with the reason and the moment. A notice that is better told twice than not
at all goes on after an unknown end, another stays unknown. The last rung is `parked`: the person's
next visit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Update, and_, bindparam, exists, select, update
from sqlalchemy.orm import Session as Records
from sqlalchemy.orm import aliased

from config.templates import params_of
from models.notices import OPEN, Notice, fold, new_notice
from models.sealing import Keyring

Step = list[str]
"""A rung, why it was left, when (ISO 8601)."""

CALLING = "calling"
UNKNOWN = "unknown"


def add_notice(
    records: Records,
    keys: Keyring,
    *,
    account: str,
    name: str,
    params: Mapping[str, str],
    locale: str,
    now: datetime,
    notice_id: str,
    phone: str | None = None,
    link: str = "",
    matter: str = "",
    due_at: datetime | None = None,
) -> str:
    """A notice of `templates.toml` for one person; by SMS too where there is a `phone`; from
    `due_at` on, by default at once.

    Undelivered notices of the same `matter` give way to it. Returns its id. Raises KeyError for a
    notice that nobody has worded, ValueError for other parameters than it has.
    """
    if set(params) != (wanted := params_of(name)):
        raise ValueError(f"{name} wants {sorted(wanted)}")
    if matter:
        fold(records, account, matter)
    payload = {
        "name": name,
        "params": dict(params),
        "locale": locale,
        "phone": phone or "",
        "link": link,
    }
    return new_notice(
        records, keys, notice_id, account, "ladder", payload, now,
        matter=matter, phone=phone, due_at=due_at,
    )  # fmt: skip


# --- climbing ----------------------------------------------------------------------------------


def left_rungs(notice: Notice) -> list[str]:
    """The rungs that have been left, in their order."""
    return [rung for rung, reason, _ in notice.steps if reason != CALLING]


def calling_since(notice: Notice) -> tuple[str, datetime] | None:
    """The rung of the call whose end nobody has heard, and when it was made first."""
    if not notice.steps or notice.steps[-1][1] != CALLING:
        return None
    rung, _, at = notice.steps[-1]
    return rung, datetime.fromisoformat(at)


def with_step(steps: Sequence[Step], rung: str, reason: str, now: datetime) -> list[Step]:
    """The steps with one more; a call that this one ends gives way to it."""
    ended = bool(steps) and steps[-1][:2] == [rung, CALLING]
    return [*(steps[:-1] if ended else steps), [rung, reason[:100], now.isoformat()]]


def call_once(records: Records, notice: Notice, owner: str, lease_until: datetime) -> bool:
    """Say, before the call, that it is made now and never again. False when the claim was lost."""
    return _mine(records, notice, owner, state="sending", lease_until=lease_until)


def call_under_key(records: Records, notice: Notice, owner: str, lease_until: datetime) -> bool:
    """The same of a call that the receiver de-duplicates: it may be made again from the claim."""
    return _mine(records, notice, owner, lease_until=lease_until)


def try_next(records: Records, notice: Notice, owner: str, now: datetime) -> bool:
    """The rung is left, as `notice.steps` says: the next claim tries another, at once."""
    return _mine(records, notice, owner, state="queued", due_at=now, attempts=0, **_FREE)


def try_again(records: Records, notice: Notice, owner: str, due_at: datetime, reason: str) -> bool:
    """The same rung again, from `due_at` on."""
    return _mine(
        records, notice, owner, state="queued", due_at=due_at, reason=reason[:100], **_FREE
    )


def end_sent(records: Records, notice: Notice, now: datetime, sent_as: str = "") -> bool:
    """The receiver took it, whoever asked. `sent_as` is its id there. False when it was no longer
    open."""
    steps = [step for step in notice.steps if step[1] != CALLING]
    sent = update(Notice).values(
        state="sent", sent_at=now, reason="", steps=steps, sent_as=sent_as or None, **_FREE
    )
    return _open(records, notice.id, sent)


def end_unknown(records: Records, notice: Notice, owner: str) -> bool:
    """Nobody knows whether it arrived, and another rung might tell it twice."""
    return _mine(records, notice, owner, state="unknown", reason=UNKNOWN, **_FREE)


def end_parked(records: Records, notice: Notice, owner: str) -> bool:
    """No rung held: it waits for the person's next visit."""
    reason = notice.steps[-1][1] if notice.steps else ""
    return _mine(records, notice, owner, state="parked", rung="visit", reason=reason, **_FREE)


def settle_ladders(
    records: Records, now: datetime, may_double: Callable[[Notice], bool]
) -> list[Notice]:
    """Calls whose caller was not heard of again have an unknown end: what `may_double` goes on to
    the next rung, others stay unknown. Returns both."""
    lost = (
        select(Notice)
        .where(Notice.kind == "ladder", Notice.state == "sending", Notice.lease_until <= now)
        .with_for_update(skip_locked=True)
    )
    found = list(records.scalars(lost).all())
    for notice in found:
        notice.steps = with_step(notice.steps, notice.rung, UNKNOWN, now)
        notice.state = "queued" if may_double(notice) else "unknown"
        notice.due_at, notice.attempts, notice.reason = now, 0, UNKNOWN
        notice.lease_until = notice.owner = None
    records.flush()
    return found


def undelivered(records: Records, notice: Notice, reason: str, now: datetime) -> bool:
    """The platform took it, and later says that it did not arrive: the next rung is tried.

    False, and nothing changes, where a later notice of the same matter was written, or it is not
    `sent` any more: a report that comes twice moves it once.
    """
    later = aliased(Notice)
    superseded = exists().where(
        later.account_key == Notice.account_key,
        later.matter == Notice.matter,
        later.matter != "",
        later.seq > Notice.seq,
    )
    again = (
        update(Notice)
        .where(Notice.id == notice.id, Notice.kind == "ladder", Notice.state == "sent")
        .where(~superseded)
        .values(
            state="queued",
            steps=with_step(notice.steps, notice.rung, reason, now),
            due_at=now,
            attempts=0,
            sent_as=None,
            sent_at=None,
            reason=reason[:100],
        )
    )
    return records.scalar(again.returning(Notice.id)) is not None


# --- the next visit ----------------------------------------------------------------------------

# Made once: a first visit asks in any case, and putting it together costs as much as asking.
_PARKED = (
    select(Notice)
    .where(
        Notice.account_key == bindparam("account"),
        Notice.kind == "ladder",
        Notice.state == "parked",
    )
    .order_by(Notice.seq)
)


def parked_ladders(records: Records, account: str) -> list[Notice]:
    """What waits for the person's next visit: the latest of each matter, oldest first."""
    found = records.scalars(_PARKED, {"account": account}).all()
    latest = {notice.matter or notice.id: notice for notice in found}
    return sorted(latest.values(), key=lambda notice: notice.seq)


def tell_parked(records: Records, notices: Sequence[Notice], now: datetime) -> None:
    """They leave with the reply of this transaction; older ones of their matters give way."""
    told = [notice.id for notice in notices]
    parked = and_(Notice.kind == "ladder", Notice.state == "parked")
    records.execute(
        update(Notice).where(parked, Notice.id.in_(told)).values(state="sent", sent_at=now)
    )
    for notice in notices:
        if notice.matter:
            older = and_(
                parked,
                Notice.account_key == notice.account_key,
                Notice.matter == notice.matter,
                Notice.seq < notice.seq,
            )
            records.execute(update(Notice).where(older).values(state="replaced"))


# --- small parts -------------------------------------------------------------------------------

_FREE: Mapping[str, None] = {"lease_until": None, "owner": None}


def _mine(records: Records, notice: Notice, holder: str, **values: object) -> bool:
    """Change what this owner still holds; how far it has climbed goes with every change."""
    held = update(Notice).where(
        Notice.id == notice.id, Notice.owner == holder, Notice.state.in_(("claimed", "sending"))
    )
    climbed = {name: getattr(notice, name) for name in ("rung", "steps", "attempts")}
    changed = held.values(**{**climbed, **values})
    return records.scalar(changed.returning(Notice.id)) is not None


def _open(records: Records, notice_id: str, change: Update) -> bool:
    closed = change.where(Notice.id == notice_id, Notice.state.in_(OPEN))
    return records.scalar(closed.returning(Notice.id)) is not None
