"""How a card is shown to a clerk: name and the end of the ID number to compare, no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.words import STATES
from bot.offices.watermark import watermark
from models.application_states import State
from models.applications import Application, open_answers
from models.card_moves import open_move
from models.collection import is_child
from models.documents import open_document
from models.lifecycle import BANK_ACTIVATED
from models.masking import mask_name
from models.passes import Agent, Collector

COLLECTORS: Mapping[Collector, str] = {
    Collector.SELF: "本人领取",
    Collector.GUARDIAN: "监护人领取",
    Collector.AGENT: "代领",
}
_CHECKS: Mapping[Collector, tuple[str, ...]] = {
    Collector.SELF: ("本人的身份证原件，照片与来人是同一人",),
    Collector.GUARDIAN: ("监护人的身份证原件", "户口本或出生证明，写明与孩子的关系"),
    Collector.AGENT: ("代领人的身份证原件，姓名和末四位与下面一致", "持卡人的身份证原件"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One card. `tail`: the last four places of the holder's ID number."""

    id: str
    number: str
    name: str
    tail: str
    state: str
    word: str
    since: str
    is_child: bool
    bank_on: bool
    moving_to: str
    has_portrait: bool

    @property
    def waits(self) -> bool:
        return self.state == State.READY_FOR_PICKUP and not self.moving_to

    @property
    def collected(self) -> bool:
        return self.state in (State.COLLECTED, State.ACTIVATED)

    @property
    def is_on(self) -> bool:
        return self.state == State.ACTIVATED


@dataclass(frozen=True, slots=True)
class Check:
    """What the clerk compares before the card is handed over. `agent`: who was named to collect."""

    who: str
    papers: tuple[str, ...]
    agent: Agent | None


def to_check(collector: Collector, agent: Agent | None) -> Check:
    return Check(COLLECTORS[collector], _CHECKS[collector], agent)


def shown(records: Records, console: Console, card: Application) -> Shown:
    """A card as its clerk sees it."""
    answers = open_answers(card, console.keys)
    below, today = console.city.ages.guardian_below, console.now().date()
    move = open_move(records, card.id)
    return Shown(
        id=card.id,
        number=card.number,
        name=answers["name"],
        tail=str(answers.get("id_number", ""))[-4:],
        state=card.state,
        word=STATES[card.state],
        since=f"{card.state_since.astimezone(console.city.tz):%Y-%m-%d}",
        is_child=is_child(card, console.keys, below, today),
        bank_on=card.bank_status == BANK_ACTIVATED,
        moving_to=branch_name(console, move.to_branch) if move else "",
        has_portrait=bool(answers.get("portrait")),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A card in a list: masked."""

    id: str
    number: str
    name: str
    since: str
    days: int


def line(console: Console, card: Application) -> Line:
    since = card.state_since.astimezone(console.city.tz).date()
    name = mask_name(open_answers(card, console.keys)["name"])
    days = (console.now().date() - since).days
    return Line(card.id, card.number, name, since.isoformat(), days)


def branch_name(console: Console, code: str) -> str:
    """A branch's name; its code where the city has closed it since."""
    known = {branch.code: branch.name for branch in console.city.branches}
    return known.get(code, code)


def picture(records: Records, console: Console, card: Application) -> Response | None:
    """The portrait, marked with who looks and when; None where there is none."""
    portrait = open_answers(card, console.keys).get("portrait") or {}
    try:
        jpeg = open_document(records, console.keys, console.objects, portrait.get("document", ""))
    except KeyError:
        return None
    mark = f"{console.me.login} {console.now():%Y-%m-%d %H:%M}"
    return Response(watermark(jpeg, mark), mimetype="image/jpeg")
