"""`Pushing`: which campaigns somebody may see, and who may change one.

Somebody with districts sees campaigns for people of these districts alone; any other is not there.
A draft is changed by who wrote it: else whoever changes it last could approve their own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from flask import abort
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from models.audit import Act
from models.push.audience import Purpose, Segment, count
from models.push.campaigns import Campaign, locked
from models.staff import Staff


class Refused(Exception):
    """What was asked for cannot be done now; the message says why, in words for staff."""


NOT_YOURS = "只有起草的人能改、能提交；您可以照它另起一份。"
STALE = "您打开以后又有人改过。请看一遍现在的内容，再做一次。"


@dataclass(frozen=True)
class Pushing:
    """Handed to every topic of the package."""

    console: Console

    @property
    def districts(self) -> tuple[str, ...]:
        """Those within which whoever is signed in may choose; none: everywhere."""
        return tuple(self.console.me.districts)

    def seen(self, records: Records, number: int) -> Campaign:
        """A campaign of theirs. Ends the request with 404."""
        found = records.get(Campaign, number)
        return found if found is not None and within(self.console.me, found) else abort(404)

    def held(self, records: Records, number: int) -> Campaign:
        """The same, `locked`."""
        self.seen(records, number)
        return locked(records, number)

    def own(self, records: Records, number: int) -> Campaign:
        """The same, of which they are the writer. Raises Refused."""
        campaign = self.held(records, number)
        self.writes(campaign)
        return campaign

    def writes(self, campaign: Campaign) -> None:
        """Raises Refused for whoever is not its writer."""
        if campaign.written_by != self.console.me.by:
            raise Refused(NOT_YOURS)

    @contextmanager
    def looking(self, number: int) -> Iterator[tuple[Records, Campaign]]:
        """A look at a campaign of theirs."""
        with self.console.database.reading() as records:
            yield records, self.seen(records, number)

    @contextmanager
    def doing(
        self, number: int, act: Act, reason: str = "", *, purpose: str = "other", **detail: object
    ) -> Iterator[tuple[Records, Campaign]]:
        """A campaign of theirs, locked, with what is done to it in the audit."""
        console = self.console
        with console.database.writing() as records:
            campaign = self.held(records, number)
            why = reason or campaign.name
            console.note(records, act, f"push:{number}", why, purpose=purpose, **detail)
            yield records, campaign

    def count(self, purpose: str, audience: Mapping[str, Any]) -> int:
        """How many people a segment is for just now. Of very many it takes a while: not while
        something is being written."""
        segment, now = Segment.read(audience), self.console.now()
        with self.console.database.reading() as records:
            return count(records, segment, purpose_named(purpose), now, now.date())

    def names(self, records: Records) -> Callable[[str], str]:
        """Who did something, by name."""
        staff = {each.by: each.name for each in records.query(Staff)}
        staff |= {f"timer:{each}": "系统（定时）" for each in ("collection", "corrections")}
        return lambda by: staff.get(by) or _NOBODY.get(by, by.removeprefix("system:"))


_NOBODY: Mapping[str, str] = {
    "clock": "系统",
    "bound": "系统（超过限度）",
    "worker": "系统",
    "": "",
}


def within(staff: Staff, campaign: Campaign) -> bool:
    """Whether somebody may see a campaign. A trial is its author's alone."""
    if campaign.kind == "test" and campaign.written_by != staff.by:
        return False
    theirs = set(districts_of(campaign.audience))
    return not staff.districts or (bool(theirs) and theirs <= set(staff.districts))


def districts_of(audience: Mapping[str, Any]) -> Sequence[str]:
    """Those of a segment; of a list, those of who uploaded it. None: the whole city."""
    return cast(Sequence[str], audience.get("districts", ()))


def is_listed(campaign: Campaign) -> bool:
    """Whether its people came from a file."""
    return "list" in campaign.audience


def purpose_named(purpose: str) -> Purpose:
    """As a campaign's column has it."""
    return "announcement" if purpose == "announcement" else "service"


def is_of_applications(campaign: Campaign, purpose: str = "") -> bool:
    """Whether each of its people has an application that it is about; with another `purpose`, where
    one is given."""
    if (purpose or campaign.purpose) == "service":
        return True
    if is_listed(campaign):
        return bool(campaign.audience.get("numbered"))
    return Segment.read(campaign.audience).of_applications
