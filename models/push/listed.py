"""Whom a list of acceptance numbers or phones means, in a few statements however long it is.

Of an application one may see, it is told why nobody is written to. Of a phone it is not: whoever
types one learns whether somebody will be told, and no more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session as Records

from models.applications import Application
from models.people import Account, Person, Proof, phone_index
from models.phones import PhoneFault, normalise_phone
from models.push.audience import Purpose, may_be_told
from models.sealing import Keyring

Kind = Literal["number", "phone"]
Why = Literal["malformed", "unknown", "nobody", "stopped", "not_agreed", "twice"]
"""malformed: no number or phone at all · unknown: no such application that one may see · nobody: a
phone by which nobody can be told · stopped, not_agreed: said no, never said yes · twice: the same,
or the same person, as in the row `of`."""

AT_ONCE = 500
_SPACE = re.compile(r"[\s\u200b-\u200f\ufeff'-]")
Cell = TypeVar("Cell")


@dataclass(frozen=True, slots=True)
class Typed:
    """One row of a list: its number in the file, what it holds, and as what it is read."""

    row: int
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Left:
    """A row that adds nobody. `of` is the row that it repeats, 0 for any other reason."""

    row: int
    text: str
    why: Why
    of: int = 0


@dataclass(frozen=True, slots=True)
class Matched:
    """By recipient the application that it is about, and the rows that add nobody, in order."""

    people: Mapping[int, str | None]
    left: Sequence[Left]


@dataclass(slots=True)
class _Matching:
    people: dict[int, str | None] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)  # the row that brought a recipient
    left: list[Left] = field(default_factory=list)

    def add(self, typed: Typed, found: Mapping[int, str | None]) -> None:
        """What a row means: one recipient, or the few who share a phone."""
        new = {r: number for r, number in found.items() if r not in self.people}
        if not new:
            self.left.append(Left(typed.row, typed.text, "twice", self.first[next(iter(found))]))
        self.people |= new
        self.first |= dict.fromkeys(new, typed.row)


def match(
    records: Records,
    keys: Keyring,
    rows: Iterable[Typed],
    *,
    purpose: Purpose,
    prefix: str,
    districts: Sequence[str] = (),
) -> Matched:
    """Whom these rows mean. `districts` are those whose applications count; none: all. `prefix` is
    what acceptance numbers begin with."""
    found, values = _Matching(), dict[tuple[Kind, str], Typed]()
    for typed in rows:
        value = _normal(typed, prefix)
        earlier = values.get((typed.kind, value)) if value else None
        if not value:
            found.left.append(Left(typed.row, typed.text, "malformed"))
        elif earlier:
            found.left.append(Left(typed.row, typed.text, "twice", earlier.row))
        else:
            values[typed.kind, value] = typed
    _by_number(records, found, _of("number", values), purpose, districts)
    by_index = {phone_index(keys, phone): t for phone, t in _of("phone", values).items()}
    _by_phone(records, found, by_index, purpose, districts)
    return Matched(found.people, sorted(found.left, key=lambda left: left.row))


def _normal(typed: Typed, prefix: str) -> str:
    """As it is kept; "" for what is none."""
    if typed.kind == "phone":
        try:
            return normalise_phone(typed.text.strip().lstrip("'"))
        except PhoneFault:
            return ""
    number = _SPACE.sub("", unicodedata.normalize("NFKC", typed.text)).upper()
    return number if re.fullmatch(rf"{prefix}\d{{10,18}}", number, re.ASCII) else ""


def _of(kind: Kind, values: Mapping[tuple[Kind, str], Typed]) -> dict[str, Typed]:
    return {value: typed for (of, value), typed in values.items() if of == kind}


# --- acceptance numbers --------------------------------------------------------------------------


def _by_number(
    records: Records,
    found: _Matching,
    typed: Mapping[str, Typed],
    purpose: Purpose,
    districts: Sequence[str],
) -> None:
    known: dict[str, tuple[int, bool, bool]] = {}
    for some in _some(list(typed)):
        theirs = (
            select(
                Application.number,
                Account.recipient,
                Account.stopped_at.is_not(None),
                Account.announcements_since.is_not(None),
            )
            .join(Account, Account.key == Application.account_key)
            .where(Application.number.in_(some), *_within(districts))
        )
        for number, recipient, stopped, agreed in records.execute(theirs):
            known[number] = (recipient, stopped, agreed)
    for number, row in typed.items():
        if why := _why_not(known.get(number), purpose):
            found.left.append(Left(row.row, row.text, why))
        else:
            found.add(row, {known[number][0]: number})


def _why_not(known: tuple[int, bool, bool] | None, purpose: Purpose) -> Why | None:
    if known is None:
        return "unknown"
    _, stopped, agreed = known
    if stopped:
        return "stopped"
    return "not_agreed" if purpose == "announcement" and not agreed else None


# --- phones --------------------------------------------------------------------------------------


def _by_phone(
    records: Records,
    found: _Matching,
    typed: Mapping[str, Typed],
    purpose: Purpose,
    districts: Sequence[str],
) -> None:
    """Phones that their people have proven; of people with a district, those who applied there."""
    theirs: dict[str, set[int]] = {}
    for some in _some(list(typed)):
        people = (
            select(Person.phone_index, Account.recipient)
            .join(Account, Account.person_id == Person.id)
            .where(Person.phone_index.in_(some), Person.phone_proven >= Proof.ON_FILE)
            .where(*may_be_told(purpose))
        )
        for index, recipient in records.execute(people):
            theirs.setdefault(str(index), set()).add(recipient)
    about = _latest(records, {r for each in theirs.values() for r in each}, districts)
    is_of_applications = purpose == "service" or bool(districts)
    for index, row in typed.items():
        told = {
            recipient: about.get(recipient)
            for recipient in sorted(theirs.get(index, ()))
            if recipient in about or not is_of_applications
        }
        if told:
            found.add(row, told)
        else:
            found.left.append(Left(row.row, row.text, "nobody"))


def _latest(records: Records, recipients: set[int], districts: Sequence[str]) -> dict[int, str]:
    """The latest application of each who has one."""
    found: dict[int, str] = {}
    for some in _some(sorted(recipients)):
        theirs = (
            select(Account.recipient, func.max(Application.number))
            .join(Account, Account.key == Application.account_key)
            .where(Account.recipient.in_(some), *_within(districts))
            .group_by(Account.recipient)
        )
        for recipient, number in records.execute(theirs):
            found[recipient] = number
    return found


def _within(districts: Sequence[str]) -> list[ColumnElement[bool]]:
    return [Application.district.in_(districts)] if districts else []


def _some(values: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    return (values[n : n + AT_ONCE] for n in range(0, len(values), AT_ONCE))
