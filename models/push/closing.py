"""The campaign of a branch that closes: those whose card goes there are told, with the branch that
goes on for it as one tap. It cannot be approved before the content says so (`campaigns.go`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Self

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session as Records

from config.city import City
from config.locales import LOCALES, Texts
from models.applications import Application
from models.branch_closing import GOING
from models.card_moves import CardMove
from models.push.answers import PushAnswer
from models.push.campaigns import Campaign
from models.push.deliveries import Delivery
from models.push.drafts import Begun, new_draft
from models.push.messages import Message, Option

KIND = "closing"
_NO_CHOICE = ("", "stop")


@dataclass(frozen=True, slots=True)
class Closing:
    """Which branch closes, on which day, and which one goes on for it; both by code."""

    branch: str
    closes_on: date
    successor: str

    @classmethod
    def of(cls, campaign: Campaign) -> Self | None:
        """What a campaign is about; None of another kind."""
        return cls.read(campaign.about) if campaign.about else None

    @classmethod
    def read(cls, about: Mapping[str, Any]) -> Self:
        """From JSON."""
        day = date.fromisoformat(about["closes_on"])
        return cls(about["branch"], day, about["successor"])

    def written(self) -> dict[str, str]:
        """As JSON, in the words of the content's branches."""
        return {
            "branch": self.branch,
            "closes_on": self.closes_on.isoformat(),
            "successor": self.successor,
        }

    def audience(self) -> dict[str, Any]:
        """Those whose card goes there and is not collected."""
        return {"branches": [self.branch], "states": [state.value for state in GOING]}


def begin(
    records: Records, city: City, texts: Texts, closing: Closing, now: datetime, *, by: str
) -> Campaign:
    """A draft for those whose card goes there, with its message. `city` has the branches as they
    will be. It ends when the branch closes."""
    day = closing.closes_on
    name = f"{city.branch(closing.branch).name} {day.isoformat()} 起停办"
    message = message_of(city, texts, closing, now.astimezone(city.tz).date()).written()
    begun = Begun(name, "service", message, closing.audience(), KIND)
    draft = new_draft(records, city, begun, now, by=by)
    draft.about = closing.written()
    draft.expires_at = datetime.combine(day, time.min, city.tz)
    records.flush()
    return draft


def message_of(city: City, texts: Texts, closing: Closing, today: date) -> Message:
    """What they are told, in every language: 1 to the successor, 2 another branch."""
    filled = {locale: _values(city, texts, closing, locale, today) for locale in LOCALES}

    def said(key: str) -> dict[str, str]:
        return {loc: texts.say(loc, f"closing.{key}", **filled[loc]) for loc in LOCALES}

    return Message(
        chat=said("chat"),
        status=said("status"),
        note=said("note"),
        wording="action",
        options=(
            Option(said("to_successor"), "successor"),
            Option(said("to_another"), "branches"),
        ),
    )


def _values(
    city: City, texts: Texts, closing: Closing, locale: str, today: date
) -> dict[str, object]:
    old, new = city.branch(closing.branch), city.branch(closing.successor)
    english = locale == "en"
    return {
        "old": old.name_en if english else old.name,
        "new": new.name_en if english else new.name,
        "where": new.address_en if english else new.address,
        "day": texts.day(locale, closing.closes_on, today),
        "tail": "{tail}",  # of each person's own number, filled in as it is sent
    }


# --- who has not answered ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody whose card goes there still, and who has chosen nothing: their application, where
    it stands, and what became of telling them (a `Delivery.state`)."""

    id: str
    number: str
    state: str
    outcome: str


def unanswered(records: Records, campaign: Campaign, limit: int = 200) -> tuple[int, list[Silent]]:
    """How many, and the first of them by acceptance number."""
    closing = Closing.of(campaign)
    if closing is None:
        return 0, []
    theirs = (Delivery.number == Application.number, *_silent(campaign.id, closing))
    columns = (Application.id, Application.number, Application.state, Delivery.state)
    count = select(func.count()).select_from(Delivery).join(Application, theirs[0])
    listed = select(*columns).select_from(Delivery).join(Application, theirs[0])
    rows = records.execute(listed.where(*theirs[1:]).order_by(Application.number).limit(limit))
    return records.scalar(count.where(*theirs[1:])) or 0, [Silent(*row) for row in rows]


def _silent(campaign_id: int, closing: Closing) -> tuple[ColumnElement[bool], ...]:
    chose = exists().where(
        PushAnswer.campaign_id == campaign_id,
        PushAnswer.recipient == Delivery.recipient,
        PushAnswer.option.not_in(_NO_CHOICE),
    )
    goes_on = exists().where(CardMove.application_id == Application.id, CardMove.ended_at.is_(None))
    return (
        Delivery.campaign_id == campaign_id,
        Application.branch == closing.branch,
        Application.delivery != "post",
        Application.state.in_([state.value for state in GOING]),
        ~chose,
        ~goes_on,
    )
