"""How an application's progress is told: six words, what happened when, what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.dialogue.dates import Day
from bot.dialogue.messages import Reply
from config.city import Branch, City, Counter
from models.application_states import CLOSED, State, resident_word
from models.applications import Application, events_of, open_answers
from models.masking import masks_of

_TOLD_EVENTS = (
    State.SUBMITTED, State.RETURNED, State.RESUBMITTED, State.APPROVED, State.SENT_TO_PROVINCE,
    State.IN_PRODUCTION, State.PRODUCED, State.READY_FOR_PICKUP, State.MAILED, State.COLLECTED,
    State.ACTIVATED, State.REFUSED, State.CANCELLED, State.EXPIRED, State.SEALED,
)  # fmt: skip
WORDS = 6


def shown_first(found: list[Application]) -> list[Application]:
    """The open ones; only where there is none, the latest that ended."""
    open_ = [a for a in found if a.state not in CLOSED]
    return open_ or found[:1]


def tail(application: Application) -> str:
    """The last four digits of the acceptance number: enough to tell one's own apart."""
    return application.number[-4:]


def masked_name(turn: Any, application: Application) -> str:
    """The holder's name as this channel masks it: as the application itself gives it.

    Never the name known for the number: who merely claims a number must not learn its holder's.
    """
    return masks_of(turn.account.channel)["name"](open_answers(application, turn.keys)["name"])


def told(turn: Any, application: Application, before: str = "") -> Reply:
    """The whole answer to 进度 for one application."""
    lines = [before] if before else []
    lines += [headline(turn, application), *_happened(turn, application), detail(turn, application)]
    return Reply("\n".join(line for line in lines if line), footer=turn.say("footer"))


def headline(turn: Any, application: Application) -> str:
    """陈*强的社保卡（受理号尾号0731）进度2/6，审核："""
    word = resident_word(application.state)
    values = {"name": masked_name(turn, application), "tail": tail(application)}
    if word is None:
        return str(turn.say("progress.ended", **values))
    return str(
        turn.say(
            "progress.headline", n=word, of=WORDS, word=turn.say(f"progress.word.{word}"), **values
        )
    )


def _happened(turn: Any, application: Application) -> list[str]:
    with turn.reading() as records:
        events = [
            (e.to_state, e.at) for e in events_of(records, application.id) if e.kind == "moved"
        ]
    wanted = {state.value for state in _TOLD_EVENTS}
    return [
        turn.say(f"progress.event.{state}", day=_day(turn, at.astimezone(turn.city.tz).date()))
        for state, at in events
        if state in wanted
    ][-5:]


def detail(turn: Any, application: Application) -> str:
    """What is going on now and what comes next, with the promised date."""
    since = application.state_since.astimezone(turn.city.tz).date()
    values = {
        "since": _day(turn, since),
        "review_by": _day(turn, application.promise_review_by),
        "card_by": _day(turn, application.promise_card_by),
        "correct_by": _day(turn, application.correct_by) if application.correct_by else "",
        "place": _place(turn, application),
    }
    text = str(turn.say(f"progress.state.{application.state}", **values))
    late = _missed(turn, application)
    return f"{text}\n{turn.say('progress.late')}" if late else text


def _missed(turn: Any, application: Application) -> bool:
    """Whether a promise is over: the person is told so, and whom to ask."""
    word = resident_word(application.state)
    if word in (1, 2) and application.state != State.RETURNED:
        return bool(turn.today > application.promise_review_by)
    return word in (3, 4) and turn.today > application.promise_card_by


def _place(turn: Any, application: Application) -> str:
    english = turn.session.locale == "en"
    if application.delivery == "post":
        bank = turn.city.bank(application.bank)
        return str(bank.name_en if english else bank.short)
    place = _pickup(turn, application)
    return str(place.name_en if english else place.name)


def _pickup(turn: Any, application: Application) -> Branch | Counter:
    """The branch where the card will be; the city's counter where that branch is no more."""
    city: City = turn.city
    found = (branch for branch in city.branches if branch.code == application.branch)
    return next(found, city.counters[0])


def _day(turn: Any, when: date) -> str:
    key = "form.day" if when.year <= turn.today.year else "form.day_next_year"
    return str(turn.say(key, day=Day(when)))


def bring(turn: Any, application: Application) -> str:
    """领卡带什么: where, when, with what."""
    if application.delivery == "post":
        return str(turn.say("progress.bring_post"))
    place = _pickup(turn, application)
    english = turn.session.locale == "en"
    return str(
        turn.say(
            "progress.bring",
            place=place.name_en if english else place.name,
            address=place.address_en if english else place.address,
            hours=place.hours_en if english else place.hours,
            phone=place.phone,
        )
    )
