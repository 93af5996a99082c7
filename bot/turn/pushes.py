"""Campaigns in a turn: what a person may answer is noted before it, what waits for their visit is
told with its reply.

Both are asked for only where the person's mark says that something was sent or waits, or where
Redis knows so little that it may have lost the mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Records

from bot.dialogue import outside
from bot.dialogue.messages import Link, Reply
from bot.dialogue.outside import Question
from bot.dialogue.state import Session
from bot.turn.parts import Parts
from config.city import City
from models.applications import find_application
from models.lifecycle import known_of
from models.people import find_account
from models.push.aftermath import skip_visit, tell_at_visit, waiting_for_visit, waits_for_visit
from models.push.campaigns import Campaign
from models.push.days import give_back, take_place
from models.push.deliveries import Delivery
from models.push.drafts import REMINDER
from models.push.heard import heard_of_account
from models.push.messages import PUSH, Message
from models.push.reaching import accounts_of, refusal
from models.push.reminders import day_of, holding, name_of
from models.push.stages import OVER, Stage

MOST = 3  # told with one reply; what waits beyond them is told another time

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visiting:
    """One that may leave with this reply, a place of the day taken for it."""

    delivery: Delivery
    campaign: Campaign
    text: Reply


class Pushes:
    """What a turn does about campaigns. For all turns of a process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def note(self, session: Session, account: str, *, marked: bool) -> bool:
        """Remember what this person may answer. False: the records are out of reach."""
        now = self._parts.now()
        outside.not_fresh(session)
        outside.forget(session, now)
        if not marked:
            return True
        days = timedelta(days=self._parts.city.push.answer_days)
        try:
            with self._parts.database.reading() as records:
                heard = heard_of_account(records, account, now - days)
        except SQLAlchemyError as error:
            log.warning("campaigns out of reach", fault=type(error).__name__)
            return False
        outside.remember(
            session,
            (
                Question(each.campaign_id, each.at + days, each.by_chat)
                for each in heard
                if _expects_answers(each.message)
            ),
        )
        return True

    def waits(self, records: Records, account: str) -> bool:
        """Whether anything waits for this visit."""
        return waits_for_visit(records, account)

    def waiting(self, records: Records, account: str, locale: str) -> tuple[list[Visiting], bool]:
        """What may be told now, the first first, and whether more waits for another time. What must
        not be told any more is ended here. In the turn's own transaction."""
        row = find_account(records, account)
        if row is None:
            return [], False
        now, found, left = self._parts.now(), list[Visiting](), False
        theirs = accounts_of(records, [row.recipient]).get(row.recipient, [])
        city = self._parts.city
        for delivery, campaign in waiting_for_visit(records, row.recipient):
            over = _is_over(records, city, delivery, campaign, now)
            if why := over or refusal(theirs, campaign.purpose):
                skip_visit(records, delivery, why)
            elif campaign.at is Stage.PAUSED or len(found) >= MOST:
                left = True
            elif (text := self._worded(records, delivery, campaign, locale)) is None:
                skip_visit(records, delivery, "unworded")
            elif self._has_room(records, delivery, campaign):
                found.append(Visiting(delivery, campaign, text))
            else:
                left = True
        return found, left

    def tell(
        self, records: Records, waiting: Sequence[Visiting], told: int, session: Session
    ) -> None:
        """The first `told` leave with this reply; the others have their place of the day back."""
        now = self._parts.now()
        for each in waiting[:told]:
            tell_at_visit(records, each.delivery, now)
        for each in waiting[told:]:
            if each.campaign.kind != "test":
                give_back(records, now.date(), [each.delivery.recipient])
        until = now + timedelta(days=self._parts.city.push.answer_days)
        outside.remember(session, _questions(waiting[:told], until), fresh=False)

    def _has_room(self, records: Records, delivery: Delivery, campaign: Campaign) -> bool:
        if campaign.kind == "test":
            return True
        day, cap = self._parts.now().date(), self._parts.city.push.per_day
        return bool(take_place(records, day, [delivery.recipient], cap))

    def _worded(
        self, records: Records, delivery: Delivery, campaign: Campaign, locale: str
    ) -> Reply | None:
        """In the language that is spoken now. Its options stand there by their words: the numbers
        below are the reply's own. None for what nobody can word any more."""
        parts, params = self._parts, dict[str, str]()
        application = find_application(records, delivery.number) if delivery.number else None
        if application is not None:
            today = parts.now().date()
            day = day_of(parts.city, name_of(campaign), application)
            params = known_of(parts.city, parts.texts, application, locale, today, day)
        try:
            message = Message.read(campaign.message)
            text = message.fill(parts.templates).chat(PUSH, locale, params)
        except (KeyError, ValidationError) as fault:
            log.error("campaign unreadable", campaign=campaign.id, fault=type(fault).__name__)
            return None
        say = parts.texts.say
        if message.options:
            labels = [o.label.get(locale) or o.label["zh_CN"] for o in message.options]
            named = [say(locale, "push.choice", label=label) for label in labels]
            text += "\n" + say(locale, "push.choose", options=say(locale, "push.or").join(named))
        links = (Link(message.link, say(locale, "notice_link")),) if message.link else ()
        return Reply(text, links=links)


def _is_over(
    records: Records, city: City, delivery: Delivery, campaign: Campaign, now: datetime
) -> str:
    """Why nothing of it is told any more; "" while it may be. A reminder is told for as long as it
    is true, whatever became of the others of its day."""
    if campaign.kind == REMINDER and campaign.at is not Stage.STOPPED:
        number = delivery.number or ""
        return "" if holding(records, city, campaign, [number], now) else "over"
    if now >= campaign.expires_at:
        return "expired"
    return "ended" if campaign.at in OVER else ""


def _questions(told: Sequence[Visiting], until: datetime) -> Iterator[Question]:
    for each in told:
        if _expects_answers(each.campaign.message):
            yield Question(each.campaign.id, until)


def _expects_answers(message: object) -> bool:
    """By the JSON alone: of what nobody can read any more no answer is expected."""
    return isinstance(message, dict) and bool(message.get("answers") or message.get("options"))
