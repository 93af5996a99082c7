"""How an application's progress is told: six words, what happened when, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.dialogue.messages import Reply
from config.city import Branch, City
from models.application_states import State
from models.applications import Application, open_answers
from models.corrections import Correction, Wording
from models.masking import masks_of
from models.progress import WORDS, Progress, progress_of, tail
from models.review.places import Place

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Told:
    """A `Progress` in the words of one language and the masks of one channel."""

    name: str  # masked
    headline: str
    words: tuple[str, ...]  # the six, whichever is reached
    happened: tuple[str, ...]  # `审核通过 11月27日`
    detail: str
    late: str  # "" while no promise is missed
    bring: str  # where, when, with what the card is collected
    overdue: str  # what to do when the day is over

    @property
    def lines(self) -> list[str]:
        """The whole answer to 进度."""
        return [line for line in (self.headline, *self.happened, self.detail, self.late) if line]


@dataclass(frozen=True, slots=True)
class Telling:
    """Puts progress into words: of one language, for one channel, as of one day."""

    say: Say
    city: City
    english: bool
    channel: str
    today: date
    wording: Wording

    def told(self, progress: Progress) -> Told:
        return Told(
            name=self.masked(progress.name),
            headline=self.headline(progress),
            words=tuple(self.say(f"progress.word.{n}") for n in range(1, WORDS + 1)),
            happened=tuple(
                self.say(f"progress.event.{step.state.value}", day=self.day(step.on))
                for step in progress.happened
            ),
            detail=self.detail(progress),
            late=self.say("progress.late") if progress.missed else "",
            bring=self.bring(progress),
            overdue=self.say("progress.overdue"),
        )

    def masked(self, name: str) -> str:
        return masks_of(self.channel)["name"](name)

    def headline(self, progress: Progress) -> str:
        """陈*强的社保卡（受理号尾号0731）进度2/6，审核："""
        values: Mapping[str, object] = {"name": self.masked(progress.name), "tail": progress.tail}
        if progress.word is None:
            return self.say("progress.ended", **values)
        word = self.say(f"progress.word.{progress.word}")
        return self.say("progress.headline", n=progress.word, of=WORDS, word=word, **values)

    def detail(self, progress: Progress) -> str:
        """What is going on now and what comes next, with the promised date and, where it is known,
        how many are before."""
        if progress.findings:
            return self.correction(progress).brief
        if progress.state is State.REFUSED and progress.found_on:
            return "\n".join(self.wording.refusal(progress.refused_for, progress.found_on))
        correct_by = progress.correct_by
        now = self.say(
            progress.detail,
            since=self.day(progress.since),
            review_by=self.day(progress.review_by),
            card_by=self.day(progress.card_by),
            correct_by=self.day(correct_by) if correct_by else "",
            place=self.place(progress),
            parcel=self._parcel(progress.parcel),
        )
        if progress.in_line is None:
            return now
        return f"{now}{' ' if self.english else ''}{self.in_line(progress.in_line)}"

    def in_line(self, place: Place) -> str:
        """前面约1200件，预计11月28日审到您。"""
        key = "progress.in_line" if place.ahead else "progress.next_in_line"
        return self.say(key, ahead=place.ahead, day=self.day(place.likely_day))

    def _parcel(self, number: str) -> str:
        return self.say("progress.parcel", number=number) if number else ""

    def correction(self, progress: Progress) -> Correction:
        """What a returned application needs. Without a greeting: its person is named above."""
        return self.wording.correction(
            progress.findings,
            found_on=progress.found_on or progress.since,
            correct_by=progress.correct_by,
            tail=progress.tail,
        )

    def place(self, progress: Progress) -> str:
        """Where the card is handed out, or whose bank posts it."""
        if progress.place is not None:
            return progress.place.name_en if self.english else progress.place.name
        bank = self.city.bank(progress.bank)
        return bank.name_en if self.english else bank.short

    def bring(self, progress: Progress) -> str:
        """领卡带什么: where, when, with what."""
        if (place := progress.place) is None:
            return self.say("progress.bring_post")
        told = self.say(
            "progress.bring",
            place=place.name_en if self.english else place.name,
            address=place.address_en if self.english else place.address,
            hours=place.hours_en if self.english else place.hours,
            phone=place.phone,
        )
        closes_on = place.closes_on if isinstance(place, Branch) else None
        if closes_on is None or closes_on <= self.today:
            return told
        until = self.say("progress.bring_until", day=self.day(closes_on))
        return f"{told}{' ' if self.english else ''}{until}"

    def day(self, when: date) -> str:
        key = "form.day" if when.year <= self.today.year else "form.day_next_year"
        return self.say(key, day=when)


def telling(turn: Any) -> Telling:
    """In the chat's language, with its channel's masks."""
    english = turn.session.locale == "en"
    wording = wording_of(turn)
    return Telling(turn.say, turn.city, english, turn.account.channel, turn.today, wording)


def wording_of(turn: Any) -> Wording:
    """What is wrong with an application, in the chat's language."""
    return Wording(turn.texts, turn.session.locale, turn.today, turn.reasons)


def told(turn: Any, application: Application, before: str = "") -> Reply:
    """The whole answer to 进度 for one application."""
    lines = telling(turn).told(read_progress(turn, application)).lines
    text = "\n".join([before, *lines] if before else lines)
    return Reply(text, footer=turn.say("footer"), about=about(application))


def read_progress(turn: Any, application: Application) -> Progress:
    with turn.reading() as records:
        return progress_of(records, turn.keys, turn.city, application, turn.now)


def about(application: Application) -> str:
    """What a reply about an application says of itself, for pages that show more than its text."""
    return f"application:{application.id}"


def option(turn: Any, application: Application) -> str:
    """陈*强（受理号尾号0731）"""
    name = telling(turn).masked(open_answers(application, turn.keys)["name"])
    return str(turn.say("progress.whose_option", name=name, tail=tail(application.number)))


def bring(turn: Any, application: Application) -> str:
    """领卡带什么: where, when, with what."""
    return telling(turn).bring(read_progress(turn, application))
