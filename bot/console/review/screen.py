"""`Screen`: everything that the page of one case shows, read in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.case import (
    Measure,
    Row,
    Shot,
    measures_of,
    rows_of,
    shots_of,
    time_left,
)
from bot.console.review.fields import label_of
from bot.console.review.seeing import Seen
from bot.console.review.words import ACTORS, DECISIONS, KINDS, LANE_REASONS, LANES, STATES
from config.locales import SOURCE
from config.reasons import Reason
from models.application_states import State, resident_word
from models.applications import Application, ApplicationEvent, events_of, open_answers
from models.documents import documents_of
from models.returns import returns_of
from models.review.decisions import Decision
from models.review.rounds import answers_of_round
from models.staff import Staff


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, in words."""

    at: str
    what: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Screen:
    """One case as it is shown. `views` are what is looked at one after the other: one picture, or
    the one of the round before and the present one side by side."""

    id: str
    number: str
    round: int
    task: str
    lane: str
    lane_word: str
    reasons: Sequence[str]
    submitted: str
    promised: str
    left: str
    is_late: bool
    rows: Sequence[Row]
    changed: Sequence[Row]
    is_read: bool
    views: Sequence[Sequence[Shot]]
    portrait: Shot | None
    measures: Sequence[Measure]
    history: Sequence[Step]
    progress: str  # what the person is shown of it

    @property
    def doubtful(self) -> Sequence[Measure]:
        """Measures that an officer must look at."""
        return [measure for measure in self.measures if not measure.ok]

    @property
    def fitting(self) -> Sequence[Measure]:
        return [measure for measure in self.measures if measure.ok]

    @property
    def differences(self) -> int:
        """How many answers the ID photos say otherwise."""
        return sum(row.differs for row in (*self.rows, *self.changed))


def screen_of(
    console: Console,
    records: Records,
    found: Seen,
    reasons: Mapping[str, Reason],
) -> Screen:
    """What is shown of an application to who may see it."""
    application, item = found.application, found.item
    city, now = console.city, console.now()
    answers = open_answers(application, console.keys)
    earlier = None
    if application.round > 1:
        before = application.round - 1
        earlier = answers_of_round(records, console.keys, application.id, before)
    rows = rows_of(city, answers, earlier)
    shots = shots_of(answers, earlier, documents_of(records, application.id)[application.id])
    portraits = [shot for shot in shots if shot.field == "portrait" and not shot.before]
    return Screen(
        id=application.id,
        number=application.number,
        round=application.round,
        task=item.task,
        lane=item.lane,
        lane_word=LANES.get(item.lane, item.lane),
        reasons=[LANE_REASONS.get(code, code) for code in item.reasons],
        submitted=_day(application.submitted_at.astimezone(city.tz).date(), now),
        promised=_day(item.promised, now),
        left=time_left(city, item.promised, now),
        is_late=item.promised < now.date(),
        rows=[row for row in rows if not row.changed],
        changed=[row for row in rows if row.changed],
        is_read=any(row.read is not None for row in rows),
        views=views_of(shots),
        portrait=portraits[0] if portraits else None,
        measures=measures_of(answers),
        history=_history(console, records, found, reasons),
        progress=_progress(console, application),
    )


def _progress(console: Console, application: Application) -> str:
    """Which of the six words the person reads; for what ended otherwise, the state."""
    number = resident_word(application.state)
    if number is None:
        return STATES[State(application.state)]
    return f"进度{number}/6，{console.texts.say(SOURCE, f'progress.word.{number}')}"


def views_of(shots: Sequence[Shot]) -> list[tuple[Shot, ...]]:
    """A view for each present picture; with the one that it replaced beside it."""
    before = {shot.place: shot for shot in shots if shot.before}
    return [
        (before[shot.place], shot) if shot.place in before else (shot,)
        for shot in shots
        if not shot.before
    ]


# --- what happened -------------------------------------------------------------------------------


def _history(
    console: Console, records: Records, found: Seen, reasons: Mapping[str, Reason]
) -> list[Step]:
    application, decisions = found.application, found.decisions
    events = events_of(records, application.id)
    names = names_of(records, [*(e.by for e in events), *_deciders(decisions)])
    tz = console.city.tz
    steps = [(e.at, _of_event(e, names, reasons, tz)) for e in events]
    steps += [(d.dropped_at, _of_dropped(d, names, reasons, tz)) for d in decisions if d.dropped_at]
    for each in returns_of(records, application.id):
        if each.mended_at:
            fields = "、".join(dict.fromkeys(label_of(f.field) for f in each.found()))
            steps.append((each.mended_at, Step(_moment(each.mended_at, tz), "补正了", "", fields)))
    return [step for _, step in sorted(steps, key=lambda pair: pair[0], reverse=True)]


def _deciders(decisions: Iterable[Decision]) -> list[str]:
    return [f"staff:{who}" for d in decisions for who in (d.by, d.dropped_by) if who]


def _of_event(
    event: ApplicationEvent, names: Mapping[str, str], reasons: Mapping[str, Reason], tz: Any
) -> Step:
    moved = event.kind == "moved"
    what = STATES.get(event.to_state, event.to_state) if moved else KINDS.get(event.kind, "有变动")
    who = names.get(event.by) or ACTORS.get(event.actor, event.actor)
    return Step(_moment(event.at, tz), what, who, why(event.reason, reasons))


def _of_dropped(
    decision: Decision, names: Mapping[str, str], reasons: Mapping[str, Reason], tz: Any
) -> Step:
    """A decision that did not come into effect: taken back, or not agreed to by a second person."""
    word = DECISIONS.get(decision.kind, decision.kind)
    own = decision.dropped_by == decision.by
    what = f"撤回了“{word}”" if own else f"“{word}”没有得到另一位同意"
    who = names.get(f"staff:{decision.dropped_by}", "")
    return Step(_moment(decision.dropped_at or decision.at, tz), what, who, "")


def why(codes: str, reasons: Mapping[str, Reason]) -> str:
    """Coded reasons, by what staff call them."""
    words = [reasons[code].label if code in reasons else code for code in codes.split(",") if code]
    return "；".join(words)


def names_of(records: Records, ids: Iterable[str | None]) -> dict[str, str]:
    """What members of staff are called, by `staff:<id>`; others are left out."""
    wanted = {each.removeprefix("staff:") for each in ids if each and each.startswith("staff:")}
    if not wanted:
        return {}
    rows = records.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {f"staff:{staff_id}": name for staff_id, name in rows}


def numbers_of(records: Records, ids: Iterable[str]) -> dict[str, str]:
    """Acceptance numbers, by the applications' ids."""
    rows = select(Application.id, Application.number).where(Application.id.in_(list(ids)))
    return dict(records.execute(rows).all())


def _moment(at: datetime, tz: Any) -> str:
    local = at.astimezone(tz)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _day(day: date, now: datetime) -> str:
    year = "" if day.year == now.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"
