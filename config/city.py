"""The city profile: everything a resident is told that differs from city to city.

Days, fees, banks, branches, phones and limits stand in `city.toml` and reach the service as one
`City`. Coordinates are GCJ-02 degrees (as the platforms send them), money is in yuan, days of
promises are working days.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.calendar import Calendar
from config.city_alipay import Alipay
from config.city_api import Api
from config.city_collection import Collection
from config.city_console import StaffAccess
from config.city_faults import contradictions
from config.city_handover import Handover
from config.city_limits import Limits
from config.city_menu import MenuButton
from config.city_parts import (
    Ages,
    Bank,
    Branch,
    Counter,
    Days,
    District,
    Examples,
    Fees,
    Human,
    Photo,
    Quiet,
    Scene,
    SmsTemplate,
    Text,
)
from config.city_portrait import CardPortrait
from config.city_push import Push
from config.city_review import Review
from config.city_website import Website
from config.city_wechat import Act, Allowance, WeChat
from config.names_in_text import clean, named_in
from config.places import distance_words, metres_between

__all__ = [
    "Ages",
    "Bank",
    "Branch",
    "City",
    "CityFault",
    "Counter",
    "Days",
    "District",
    "Examples",
    "Fees",
    "Human",
    "Photo",
    "Scene",
    "SmsTemplate",
    "WeChat",
    "distance_words",
    "load_city",
]

BRANCH_SCENE = "branch-"  # what the scene of a branch's own QR code begins with
SHIPPED = Path(__file__).with_name("city.toml")
_STRICT = ConfigDict(extra="forbid")
_FAR_METRES = 60_000  # a place farther than this from every district lies outside the city


class CityFault(Exception):
    """The profile cannot be used. `faults` says why, one line each, by the file's own names."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        super().__init__("\n".join([f"{path.name} has {len(faults)} fault(s):", *faults]))
        self.faults = faults


@dataclass(frozen=True, config=_STRICT)
class City:
    """One city. Read it with `load_city`."""

    name: Text
    short: Text
    name_en: Text
    city_office: Text
    city_office_en: Text
    province_office: Text
    province_office_en: Text
    region: Annotated[str, Field(pattern=r"^\d{6}$")]
    tz: ZoneInfo
    acceptance_prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")]
    districts: Annotated[tuple[District, ...], Field(min_length=1)]
    banks: Annotated[tuple[Bank, ...], Field(min_length=1)]
    branches: Annotated[tuple[Branch, ...], Field(min_length=1)]
    counters: Annotated[tuple[Counter, ...], Field(min_length=1)]
    days: Days
    ages: Ages
    examples: Examples
    fees: Fees
    human: Human
    calendar: Calendar
    sms: Mapping[str, SmsTemplate]
    photo: Photo
    notice_version: Text
    menu: tuple[MenuButton, ...] = ()
    consent_style: Literal["in_place", "ask_each"] = "in_place"
    portrait_in_chat: Literal["picture", "link"] = "picture"
    wechat: WeChat = WeChat()
    alipay: Alipay = Alipay()
    website: Website = Website()
    api: Api = Api()
    ask_derived: tuple[Literal["household"], ...] = ()  # what follows, but is asked all the same
    limits: Limits = Limits()
    quiet: Quiet = Quiet()
    collection: Collection = Collection()
    console: StaffAccess = StaffAccess()
    portrait: CardPortrait = CardPortrait()
    scenes: tuple[Scene, ...] = ()
    handover: Handover = Handover()
    review: Review = Review()
    push: Push = Push()

    def allowances(self, channel: str) -> Mapping[Act, Allowance]:
        """What an act of a person allows us to send in a channel, by its name."""
        return self.alipay.allowance if channel == "alipay" else self.wechat.allowances(channel)

    def approved(self, rung: str) -> Mapping[str, str]:
        """The ids under which a platform approved the wordings of a rung of `templates.toml`."""
        known = self.alipay.approved()
        return known[rung] if rung in known else self.wechat.approved(rung)

    def sends_per_second(self, credential: str) -> float:
        """How fast an account may send, by `channel:app`; 0: as fast as may be."""
        channel = credential.partition(":")[0]
        if channel in ("alipay", "mini_alipay"):
            return float(self.alipay.sends_per_second)
        return 0.0 if channel in ("sms", "") else float(self.wechat.sends_per_second)

    def bank(self, code: str) -> Bank:
        """The bank with this code; KeyError when there is none."""
        return {bank.code: bank for bank in self.banks}[code]

    def branch(self, code: str) -> Branch:
        """The branch with this code; KeyError when there is none."""
        return {branch.code: branch for branch in self.branches}[code]

    def opened_by(self, scene: str) -> str:
        """The intent that a campaign's QR code opens; "" for a code that we do not know."""
        return next((known.opens for known in self.scenes if known.key == scene), "")

    def branch_of(self, scene: str) -> Branch | None:
        """The branch on whose QR code this stands, or None."""
        code = scene.removeprefix(BRANCH_SCENE)
        own = scene.startswith(BRANCH_SCENE)
        return next((branch for branch in self.branches if own and branch.code == code), None)

    def district(self, code: str) -> District:
        """The district with this code; KeyError when there is none."""
        return {district.code: district for district in self.districts}[code]

    def counter_in(self, district: str | None) -> Counter:
        """The counter in a district (by code), else the city's first."""
        return next((c for c in self.counters if c.district == district), self.counters[0])

    def is_offered(self, branch: Branch, today: date) -> bool:
        """Whether it may be chosen for a card that is ordered today: it closes after that comes."""
        if branch.closes_on is None or self.collection.until_closed:
            return branch.is_open(today)
        return branch.is_open(self.promise(self.promise(today, self.days.review), self.days.making))

    def offered(self, today: date, bank: str | None = None) -> list[Branch]:
        """What may be chosen today (of one bank, by code), in the profile's order."""
        mine = (branch for branch in self.branches if bank in (None, branch.bank))
        return [branch for branch in mine if self.is_offered(branch, today)]

    def instead_of(self, branch: Branch, today: date) -> Branch:
        """Which branch of the same bank to choose in place of one that closes."""
        return next(other for other in self._after(branch) if self.is_offered(other, today))

    def lasting(self, branch: Branch) -> Branch:
        """The branch itself where it does not close, else the one that goes on in the end."""
        return next(each for each in (branch, *self._after(branch)) if each.closes_on is None)

    def _after(self, branch: Branch) -> Iterator[Branch]:
        """Its successors one after another, then the bank's others, the nearest first."""
        last = branch
        while last.successor:
            last = self.branch(last.successor)
            yield last
        near = self.nearest(branch.lat, branch.lng, len(self.branches), branch.bank)
        yield from (other for other, _ in near if other.code != branch.code)

    def nearest(
        self,
        lat: float,
        lng: float,
        n: int = 3,
        bank: str | None = None,
        among: Iterable[Branch] | None = None,
    ) -> list[tuple[Branch, int]]:
        """The `n` nearest branches (of one bank, by code; `among` these) with their distances in
        metres."""
        measured = [
            (branch, metres_between(lat, lng, branch.lat, branch.lng))
            for branch in (self.branches if among is None else among)
            if bank in (None, branch.bank)
        ]
        return sorted(measured, key=lambda found: found[1])[:n]

    def branches_in(self, district: str, bank: str | None = None) -> list[Branch]:
        """The branches of a district (of one bank), both by code, in the profile's order."""
        return [b for b in self.branches if b.district == district and bank in (None, b.bank)]

    def find_bank(self, text: str) -> list[Bank]:
        """The banks a person may mean, typos and pinyin included; several when it is unclear."""
        return named_in(text, [(bank, bank.names()) for bank in self.banks])

    def find_branch(self, text: str) -> list[Branch]:
        """The branches a person may mean: by full name, or bank and place; none is an answer."""
        names = [(branch, self._branch_names(branch)) for branch in self.branches]
        return named_in(text, names)

    def district_in(self, text: str) -> District | None:
        """The district that a text names, the first named when there are several."""
        cleaned = clean(text)
        placed = [
            (cleaned.find(clean(name)), -len(name), district)
            for district in self.districts
            for name in (district.name, district.name_en, *district.aliases)
            if clean(name) in cleaned
        ]
        return min(placed, key=lambda place: place[:2])[2] if placed else None

    def district_at(self, lat: float, lng: float) -> District | None:
        """The district whose middle is nearest, or None when the place is outside the city."""
        metres, district = min(
            ((metres_between(lat, lng, d.lat, d.lng), d) for d in self.districts),
            key=lambda found: found[0],
        )
        return district if metres <= _FAR_METRES else None

    def promise(self, day: date, working_days: int) -> date:
        """The promised date, counted from the day after the event whatever its hour."""
        return self.calendar.add_working_days(day, working_days)

    def human_is_there(self, now: datetime) -> bool:
        """Whether a person can be reached at `now` (an aware time)."""
        local = now.astimezone(self.tz)
        if self.human.workdays and not self.calendar.is_working_day(local.date()):
            return False
        return self.human.opens <= local.time() < self.human.closes

    def when_told(self, now: datetime) -> datetime:
        """When somebody is written to of something that happened `now`: not at night."""
        return self.quiet.ends(now.astimezone(self.tz))

    def sms_template(self, name: str, locale: str = "zh_CN") -> SmsTemplate:
        """The registered text in the person's language, in Chinese where there is none."""
        return self.sms.get(f"{name}_{locale[:2]}", self.sms[name])

    def _branch_names(self, branch: Branch) -> tuple[str, ...]:
        """The bank may be said in any of its ways before the branch's own name."""
        bank = self.bank(branch.bank)
        own = branch.name.removeprefix(bank.short)
        place = own.removesuffix("支行")
        said = (name + end for name in bank.names() for end in (own, place))
        bare = () if self.district_in(place) else (place,)
        return (branch.name, branch.name_en, *said, own, *bare)


def load_city(path: Path | None = None, changes: Mapping[str, Any] | None = None) -> City:
    """The city in `path`, or the shipped invented one; `changes` are parts of it that read
    otherwise. Raises `CityFault`, OSError."""
    source = path or SHIPPED
    try:
        written = {**tomllib.loads(source.read_text("utf-8")), **(changes or {})}
        city = TypeAdapter(City).validate_python(written)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CityFault(source, [str(fault)]) from None
    except ValidationError as fault:
        lines = [_line(error["loc"], error["msg"]) for error in fault.errors()]
        raise CityFault(source, lines) from None
    if faults := contradictions(city):
        raise CityFault(source, faults)
    return city


def _line(location: Iterable[int | str], message: str) -> str:
    return f"{'.'.join(map(str, location))}: {message}"
