"""领卡码: six digits with which one card is collected once, at its branch, for some minutes.

The digits are kept as a keyed hash only, bound to the branch: another branch that types them finds
nothing. A card has at most one live pass of its holder's and one for a person who collects for
them. Wrong digits are counted per clerk and per branch.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from config.city_collection import Collection
from models.applications import Application
from models.records import ID_LENGTH, Record, Sealed, json_bytes, place
from models.sealing import Keyring

DIGITS = 6
_DRAWS = 30
_KEPT = timedelta(days=30)  # ended passes, for questions about who collected with which
_LIVE = text("ended_at IS NULL")

End = Literal["used", "replaced", "revoked", "expired", "moved"]


class Collector(StrEnum):
    """Who comes for the card."""

    SELF = "self"
    GUARDIAN = "guardian"  # of a child
    AGENT = "agent"  # named by the holder


class NoDigitsLeft(Exception):
    """Every draw met a live pass of the branch: try again in a moment."""


class TriesUsedUp(Exception):
    """Too many wrong digits; `until` is when the next are taken."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True)
class Agent:
    """The person named to collect for the holder; the clerk compares both with their ID card."""

    name: str
    id_number: str

    @property
    def tail(self) -> str:
        """The last four places of the ID number."""
        return self.id_number[-4:]


class Pass(Record):
    """One pass. `opened_at`: a clerk has typed its digits; `ended`: an `End`."""

    __tablename__ = "passes"
    __table_args__ = (
        Index(
            "uq_passes_live_code",
            "code_hash",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "uq_passes_live_collector",
            "application_id",
            "collector",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    branch: Mapped[str] = mapped_column(String(32))
    collector: Mapped[str] = mapped_column(String(16))
    code_hash: Mapped[str] = mapped_column(String(64))
    agent: Mapped[bytes | None] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str] = mapped_column(String(16), default="")

    def named(self, keys: Keyring) -> Agent | None:
        """Who was named to collect; None for a pass of the holder's own."""
        if self.agent is None:
            return None
        return Agent(**json.loads(keys.open(self.agent, place("passes", "agent", self.id))))

    def holds(self, now: datetime) -> bool:
        """Whether a card may be handed over for it."""
        return self.ended_at is None and now < self.expires_at


class PassTry(Record):
    """Digits that were typed at a branch and belong to no live pass there."""

    __tablename__ = "pass_tries"
    __table_args__ = (Index("ix_pass_tries_branch_at", "branch", "at"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    branch: Mapped[str] = mapped_column(String(32))
    staff_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    at: Mapped[datetime]


# --- the person's side -------------------------------------------------------------------------


def issue_pass(
    records: Records,
    keys: Keyring,
    application: Application,
    collector: Collector,
    *,
    rules: Collection,
    now: datetime,
    draw: Callable[[], str],
    new_id: Callable[[], str],
    agent: Agent | None = None,
) -> tuple[Pass, str]:
    """A new pass for the card, in place of the live one of the same collector: (pass, digits).

    `draw` gives six digits; the caller has seen that the card is ready at its branch and that the
    person may have it. Raises `NoDigitsLeft`.
    """
    life = (
        timedelta(days=rules.agent_days)
        if collector is Collector.AGENT
        else timedelta(minutes=rules.pass_minutes)
    )
    for _ in range(_DRAWS):
        _end(records, now, "replaced", *_of(application.id, collector))
        digits, pass_id = draw(), new_id()
        hashed = _hash(keys, application.branch, digits)
        _end(records, now, "expired", Pass.code_hash == hashed, Pass.expires_at <= now)
        row = Pass(
            id=pass_id,
            application_id=application.id,
            branch=application.branch,
            collector=collector.value,
            code_hash=hashed,
            agent=_sealed(keys, pass_id, agent),
            made_at=now,
            expires_at=now + life,
            ended="",
        )
        if _kept(records, row):
            return row, digits
    raise NoDigitsLeft


def live_passes(records: Records, application_id: str, now: datetime) -> list[Pass]:
    """The passes that hold now, the earliest first."""
    mine = (Pass.application_id == application_id, Pass.ended_at.is_(None), Pass.expires_at > now)
    return list(records.scalars(select(Pass).where(*mine).order_by(Pass.made_at)).all())


def agent_pass(records: Records, application_id: str, now: datetime) -> Pass | None:
    """The live pass of the person who was named to collect."""
    found = live_passes(records, application_id, now)
    return next((each for each in found if each.collector == Collector.AGENT), None)


def end_passes(
    records: Records,
    application_id: str,
    why: End,
    now: datetime,
    collector: Collector | None = None,
) -> int:
    """No live pass of the card (of one collector) holds any more. Returns how many did."""
    return _end(records, now, why, *_of(application_id, collector))


# --- the branch's side -------------------------------------------------------------------------


def open_pass(
    records: Records,
    keys: Keyring,
    *,
    branch: str,
    digits: str,
    staff_id: str,
    rules: Collection,
    now: datetime,
) -> Pass | None:
    """The live pass with these digits at this branch; from now on it holds as long as the clerk
    may take. None, and a wrong try is counted, where there is none: unknown, expired, used and
    another branch's look alike. Raises `TriesUsedUp`.
    """
    may_try(records, branch, staff_id, rules, now)
    live = (Pass.code_hash == _hash(keys, branch, digits), Pass.ended_at.is_(None))
    found = records.scalar(select(Pass).where(*live, Pass.expires_at > now).with_for_update())
    if found is None:
        count_wrong(records, branch, staff_id, now)
        return None
    found.opened_at = found.opened_at or now
    at_counter = found.opened_at + timedelta(minutes=rules.at_counter_minutes)
    found.expires_at = max(found.expires_at, at_counter)
    records.flush()
    return found


def use_pass(records: Records, found: Pass, now: datetime) -> bool:
    """Take the pass for handing the card over. False when it does not hold any more."""
    return _end(records, now, "used", Pass.id == found.id, Pass.expires_at > now) == 1


def may_try(records: Records, branch: str, staff_id: str, rules: Collection, now: datetime) -> None:
    """To be asked before anything typed at a branch is looked for. Raises `TriesUsedUp`."""
    _one_at_a_time(records, branch)
    window = timedelta(minutes=rules.tries_minutes)
    recent = select(PassTry.staff_id, PassTry.at).where(
        PassTry.branch == branch, PassTry.at > now - window
    )
    rows = records.execute(recent.order_by(PassTry.at.desc())).all()
    own = [at for by, at in rows if by == staff_id]
    for times, most in ((own, rules.clerk_tries), ([at for _, at in rows], rules.branch_tries)):
        if len(times) >= most:
            raise TriesUsedUp(times[most - 1] + window)


def count_wrong(records: Records, branch: str, staff_id: str, now: datetime) -> None:
    """What was typed is not there."""
    records.add(PassTry(branch=branch, staff_id=staff_id, at=now))
    records.flush()


def _one_at_a_time(records: Records, branch: str) -> None:
    """Tries at one branch are counted one after another: they see each other's."""
    if records.get_bind().dialect.name == "postgresql":  # SQLite has one writer in any case
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"passes:{branch}", 0))
        records.execute(select(lock))


# --- forgetting --------------------------------------------------------------------------------


def forget_passes(records: Records, now: datetime) -> int:
    """End what has expired, delete what ended long ago. Returns how many were deleted."""
    _end(records, now, "expired", Pass.expires_at <= now)
    old = delete(Pass).where(Pass.ended_at < now - _KEPT).returning(Pass.id)
    records.execute(delete(PassTry).where(PassTry.at < now - _KEPT))
    return len(records.scalars(old).all())


# --- small parts -------------------------------------------------------------------------------


def _of(application_id: str, collector: Collector | None) -> tuple[object, ...]:
    mine: tuple[object, ...] = (Pass.application_id == application_id,)
    return mine if collector is None else (*mine, Pass.collector == collector.value)


def _end(records: Records, now: datetime, why: End, *which: object) -> int:
    live = update(Pass).where(Pass.ended_at.is_(None), *which)  # type: ignore[arg-type]
    ended = live.values(ended_at=now, ended=why).returning(Pass.id)
    return len(records.scalars(ended.execution_options(synchronize_session="fetch")).all())


def _kept(records: Records, row: Pass) -> bool:
    """False where a live pass of the branch has the same digits, or somebody asked meanwhile."""
    try:
        with records.begin_nested():
            records.add(row)
    except IntegrityError:
        return False
    return True


def _sealed(keys: Keyring, pass_id: str, agent: Agent | None) -> bytes | None:
    if agent is None:
        return None
    named = {"name": agent.name, "id_number": agent.id_number}
    return keys.seal(json_bytes(named), place("passes", "agent", pass_id))


def _hash(keys: Keyring, branch: str, digits: str) -> str:
    return keys.index("pass", branch, digits)
