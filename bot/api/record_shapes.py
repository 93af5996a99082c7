"""The JSON of what is kept of a person, in words and masks of their channel."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session as Records

from bot.api.doors import Doors
from bot.api.problems import asked_locale
from bot.api.shapes import ID, Position, shown_as
from bot.dialogue.messages import AccountKey, Reply
from config.city import Branch
from models.applications import Application as ApplicationRow
from models.drafts import DraftRow
from models.masking import masks_of
from models.people import Account, accounts_of, find_account, person_of
from models.progress import Progress, progress_of

_APPLICATION: dict[str, Any] = {
    "number": "YZ2611230731",
    "name": "陈*强",
    "open": True,
    "headline": "陈*强的社保卡（受理号尾号0731）进度1/6，已提交：",
    "word": 1,
    "words": ["已提交", "审核", "上报", "制卡", "待领", "完成"],
    "since": "2026-11-23",
    "promised": "2026-11-30",
    "missed": False,
    "happened": [{"state": "SUBMITTED", "on": "2026-11-23", "text": "11月23日已提交"}],
    "detail": "正在等审核。",
    "late": "",
    "bring": "带身份证原件。",
    "delivery": "pickup",
    "place": None,
}


class DraftState(BaseModel):
    """A form that was begun. `position`: the section of the question that is open, where the chat
    still shows it."""

    model_config = shown_as(
        form="card",
        started_at="2026-11-23T02:04:05Z",
        expires_at="2026-12-23T02:04:05Z",
        position={"section": "phone", "title": "手机", "n": 3, "of": 6},
    )
    form: str
    started_at: datetime
    expires_at: datetime
    position: Position | None


class Where(BaseModel):
    """Where the card is handed out."""

    name: str
    address: str
    hours: str
    phone: str
    lat: float | None = None
    lng: float | None = None


class Step(BaseModel):
    """Something that happened: in words, and as a code that does not change."""

    state: str
    on: date
    text: str


class Application(BaseModel):
    """One application. `word` counts the six words of its way from 1; null where it ended before.
    `promised`: the day that is promised next. `late`: what to do where a promise was missed."""

    model_config = shown_as(**_APPLICATION)
    number: str
    name: str = Field(description="The holder's, masked.")
    open: bool
    headline: str
    word: int | None
    words: list[str]
    since: date
    promised: date | None
    missed: bool
    happened: list[Step]
    detail: str
    late: str
    bring: str
    delivery: str
    place: Where | None


class Applications(BaseModel):
    """Applications, the newest first."""

    model_config = shown_as(applications=[_APPLICATION])
    applications: list[Application]


class Number(BaseModel):
    """An acceptance number."""

    number: str = Field(
        pattern=r"^[A-Z]{1,4}[0-9]{10,20}$", json_schema_extra={"example": "YZ2611230731"}
    )


class BoundAccount(BaseModel):
    """An account that is bound to the same person. `this`: the one that asks."""

    id: str
    channel: str
    since: datetime | None
    last_used: date | None
    this: bool


class Me(BaseModel):
    """Whose the account is: null and empty where it is bound to nobody."""

    model_config = shown_as(channel="mini_wechat", bound=False, name=None, accounts=[])
    channel: str
    bound: bool
    name: str | None = Field(description="Masked.")
    accounts: list[BoundAccount]


class AccountId(BaseModel):
    """The id of an account, as GET /me has it."""

    account: str = Field(pattern=ID)


# --- from the records -----------------------------------------------------------------------------


def draft_state(row: DraftRow, latest: Reply | None) -> DraftState:
    """What is told of a draft."""
    at = latest.position if latest else None
    return DraftState(
        form=row.form,
        started_at=row.started_at,
        expires_at=row.expires_at,
        position=Position(section=at.section, title=at.title, n=at.n, of=at.of) if at else None,
    )


def timeline(
    doors: Doors, account: AccountKey, records: Records, row: ApplicationRow
) -> Application:
    """An application that the account may see."""
    progress = progress_of(records, doors.keys, doors.city, row, doors.clock())
    said = doors.telling(asked_locale(), account.channel).told(progress)
    steps = zip(progress.happened, said.happened, strict=True)
    return Application(
        number=progress.number,
        name=said.name,
        open=progress.is_open,
        headline=said.headline,
        word=progress.word,
        words=list(said.words),
        since=progress.since,
        promised=progress.promised,
        missed=progress.missed,
        happened=[Step(state=each.state.value, on=each.on, text=text) for each, text in steps],
        detail=said.detail,
        late=said.late,
        bring=said.bring,
        delivery=progress.delivery,
        place=_where(progress),
    )


def _where(progress: Progress) -> Where | None:
    place, english = progress.place, asked_locale() == "en"
    if place is None:
        return None
    return Where(
        name=place.name_en if english else place.name,
        address=place.address_en if english else place.address,
        hours=place.hours_en if english else place.hours,
        phone=place.phone,
        lat=place.lat if isinstance(place, Branch) else None,
        lng=place.lng if isinstance(place, Branch) else None,
    )


def me(doors: Doors, account: AccountKey, records: Records) -> Me:
    """Whose the account is."""
    person = person_of(records, str(account))
    if person is None:
        return Me(channel=account.channel, bound=False, name=None, accounts=[])
    own = find_account(records, str(account))
    return Me(
        channel=account.channel,
        bound=True,
        name=masks_of(account.channel)["name"](person.open_name(doors.keys)),
        accounts=[_bound(row, own, doors) for row in accounts_of(records, person.id)],
    )


def _bound(row: Account, own: Account | None, doors: Doors) -> BoundAccount:
    used = row.last_inbound_at
    return BoundAccount(
        id=row.id,
        channel=row.channel,
        since=row.bound_at,
        last_used=used.astimezone(doors.city.tz).date() if used else None,
        this=own is not None and row.id == own.id,
    )
