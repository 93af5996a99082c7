"""The JSON of pushes: what other systems ask for, and what became of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from bot.api.shapes import STRICT, shown, shown_as
from models.application_states import State
from models.push.campaigns import Campaign
from models.push.counts import Key
from models.push.deliveries import Delivery as DeliveryRow
from models.push.forecast import Forecast
from models.push.orders import Order
from models.push.stages import Stage
from models.push.steering import MOST_NUMBERS, Added

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
MOST = 2**53 - 1


def _as_text(value: Any) -> Any:
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise ValueError("not a moment with its time zone")


Moment = Annotated[AwareDatetime, BeforeValidator(_as_text)]
Code = Annotated[str, Field(strict=True, pattern=r"^[\w-]{1,64}$")]
Codes = Annotated[list[Code], Field(max_length=200)]
Whole = Annotated[int, Field(strict=True)]


class SegmentBody(BaseModel):
    """What its people have in common; what is left out narrows nothing. `states` to `branches` are
    of an application, `days_from` to `days_until` whole days in its state, ages the holder's by the
    year of birth; `locales` and `channels` of the account."""

    model_config = STRICT
    states: list[State] = []
    districts: Codes = []
    banks: Codes = []
    branches: Codes = []
    age_from: Annotated[Whole, Field(ge=0, le=130)] | None = None
    age_until: Annotated[Whole, Field(ge=0, le=130)] | None = None
    days_from: Annotated[Whole, Field(ge=0, le=4000)] | None = None
    days_until: Annotated[Whole, Field(ge=0, le=4000)] | None = None
    locales: Codes = []
    channels: Codes = []


class PushBody(BaseModel):
    """A campaign from a template that staff keep; of `version` the latest where it is left out.

    `purpose` service: to people with an application, who did not say no; announcement: to who said
    yes. `segment` left out: the people follow as acceptance numbers. Moments carry a time zone,
    hours are the city's. `rate`: calls a second at most; `cost_cap`: fen that its SMS may cost,
    none are sent above. What is left out is as the city has it.
    """

    model_config = shown(
        name="领卡提醒",
        template="pickup",
        purpose="service",
        segment={"states": ["READY_FOR_PICKUP"], "days_from": 30},
        expires_at="2026-12-01T18:00:00+08:00",
        cost_cap=5000,
    )
    name: str = Field(strict=True, min_length=1, max_length=100, pattern=r"\S")
    template: str = Field(strict=True, min_length=1, max_length=64)
    version: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    purpose: Literal["service", "announcement"]
    segment: SegmentBody | None = None
    starts_at: Moment | None = None
    expires_at: Moment | None = None
    from_hour: Annotated[Whole, Field(ge=0, le=23)] | None = None
    until_hour: Annotated[Whole, Field(ge=0, le=23)] | None = None
    rate: Whole = Field(0, ge=0, le=10_000)
    cost_cap: Whole = Field(0, ge=0, le=10_000_000)

    def order(self) -> Order:
        """As the records take it."""
        given = self.model_dump(exclude={"segment"})
        segment = None
        if self.segment is not None:
            found = self.segment.model_dump(mode="json")
            segment = {name: value for name, value in found.items() if value not in (None, [])}
        return Order(**given, segment=segment)


class NumbersBody(BaseModel):
    """Acceptance numbers, at most 1,000 a call."""

    model_config = shown(numbers=["YZ2611230731", "YZ2611230732"])
    numbers: list[Annotated[str, Field(strict=True, max_length=64)]] = Field(
        min_length=1, max_length=MOST_NUMBERS
    )


class ReasonBody(BaseModel):
    """Why; it stands in the audit."""

    model_config = shown(reason="网点临时停业")
    reason: str = Field(strict=True, min_length=1, max_length=200, pattern=r"\S")


class PushId(BaseModel):
    """A campaign by its number."""

    number: int = Field(ge=1, le=MOST)


class Before(BaseModel):
    """Which part of the list."""

    model_config = STRICT
    before: int | None = Field(None, ge=1, le=MOST, description="Those with smaller numbers.")
    limit: int = Field(20, ge=1, le=100)


class Page(BaseModel):
    """Which part of the deliveries."""

    model_config = STRICT
    after: str | None = Field(
        None, pattern=r"^[0-9]{1,18}$", description="The `next` of the page before."
    )
    limit: int = Field(100, ge=1, le=500)


# --- what is answered -----------------------------------------------------------------------------


class Progress(BaseModel):
    """How many people ended how: a platform took it; told at their next visit; nobody can say; no
    road held; must not be told; open: not yet."""

    sent: int
    visit: int
    unknown: int
    failed: int
    skipped: int
    open: int


class Outcome(BaseModel):
    """A counter: `what` happened to `n` people, by which road, for which reason."""

    what: str
    road: str
    reason: str
    n: int


_PUSH: dict[str, Any] = {
    "number": 7,
    "name": "领卡提醒",
    "purpose": "service",
    "stage": "running",
    "reason": "",
    "total": 1200,
    "progress": {"sent": 300, "visit": 20, "unknown": 0, "failed": 3, "skipped": 7, "open": 870},
    "starts_at": None,
    "expires_at": "2026-12-01T10:00:00Z",
    "written_at": "2026-11-23T02:04:05Z",
    "began_at": "2026-11-23T03:00:00Z",
    "ended_at": None,
    "cost_fen": 55,
    "outcomes": [{"what": "sent", "road": "wechat:template", "reason": "", "n": 300}],
}


class PushSummary(BaseModel):
    """A campaign. `total`: how many people it is for; of a segment, when it was proposed and then
    when it began. `reason`: of a pause, a stop, a refusal."""

    number: int
    name: str
    purpose: str
    stage: Stage
    reason: str
    total: int
    progress: Progress
    starts_at: datetime | None
    expires_at: datetime
    written_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    cost_fen: int


class Push(PushSummary):
    """The same with its counters."""

    model_config = shown_as(**_PUSH)
    outcomes: list[Outcome]


class Pushes(BaseModel):
    """Campaigns of this system, the latest first."""

    model_config = shown_as(pushes=[{k: v for k, v in _PUSH.items() if k != "outcomes"}])
    pushes: list[PushSummary]


class RowLeft(BaseModel):
    """A row that adds nobody, counted from 1: malformed; unknown: no such application; stopped:
    they said no; not_agreed: they never said yes; twice: as row `of` of this call."""

    row: int
    why: str
    of: int | None = None


class ListBody(BaseModel):
    """What the list became: `added` now, `held` before, `left` the rows that add nobody."""

    model_config = shown_as(added=1, held=0, total=1, left=[{"row": 2, "why": "unknown"}])
    added: int
    held: int
    total: int
    left: list[RowLeft]


class ForecastBody(BaseModel):
    """What it would do now: so many by each road, never for each reason. `over_cap`: those who
    would have an SMS if `cost_cap` had room. `seconds`: of the calls alone."""

    model_config = shown_as(
        total=1200,
        roads={"wechat:template": 900, "sms": 200, "visit": 90},
        never={"stopped": 10},
        over_cap=0,
        cost_fen=1000,
        seconds=61.5,
    )
    total: int
    roads: dict[str, int]
    never: dict[str, int]
    over_cap: int
    cost_fen: int
    seconds: float


class Delivery(BaseModel):
    """What became of one person, by the application that it is about."""

    number: str
    state: str
    road: str
    reason: str
    receipt: str
    sent_at: datetime | None


class Deliveries(BaseModel):
    """A page; `next` is null at the end."""

    model_config = shown_as(
        deliveries=[
            {
                "number": "YZ2611230731",
                "state": "sent",
                "road": "wechat:template",
                "reason": "",
                "receipt": "success",
                "sent_at": "2026-11-23T03:00:05Z",
            }
        ],
        next="912345678901234",
    )
    deliveries: list[Delivery]
    next: str | None


def summary(campaign: Campaign, progress: dict[str, int]) -> dict[str, Any]:
    """The fields of a campaign."""
    same = ("name", "purpose", "reason", "total", "starts_at", "expires_at", "written_at",
            "began_at", "ended_at")  # fmt: skip
    return {
        **{name: getattr(campaign, name) for name in same},
        "number": campaign.id,
        "stage": campaign.at,
        "progress": Progress(**progress),
        "cost_fen": campaign.cost,
    }


def outcomes(counts: Counter[Key]) -> list[Outcome]:
    """The counters, most first."""
    return [
        Outcome(what=what, road=road, reason=reason, n=n)
        for (what, road, reason), n in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        if n
    ]


def listed(added: Added, total: int) -> ListBody:
    """What a list became."""
    left = [RowLeft(row=r.row, why=r.why, of=r.of or None) for r in added.matched.left]
    return ListBody(added=added.added, held=added.held, total=total, left=left)


def foreseen(found: Forecast) -> ForecastBody:
    """A forecast."""
    return ForecastBody(
        total=found.total,
        roads=dict(found.roads),
        never=dict(found.never),
        over_cap=found.over_cap,
        cost_fen=found.cost_fen,
        seconds=found.seconds,
    )


def page_of(rows: list[DeliveryRow], limit: int) -> Deliveries:
    """A page of deliveries."""
    same = ("number", "state", "road", "reason", "receipt", "sent_at")
    shown_rows = [Delivery(**{name: getattr(row, name) for name in same}) for row in rows]
    following = str(rows[-1].recipient) if len(rows) == limit else None
    return Deliveries(deliveries=shown_rows, next=following)
