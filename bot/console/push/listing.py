"""All campaigns by stage, and one as it goes: its page, its figures, its chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bot.console.charts import bars
from bot.console.push.progress import progress_of
from bot.console.push.pushing import Pushing, within
from bot.console.push.shown import page, when
from bot.console.push.words import KINDS, STAGES
from bot.console.sessions import asked_by_itself
from models.push.campaigns import Campaign
from models.push.counts import ended_of
from models.push.drafts import latest_campaigns
from models.push.stages import OVER, Stage

_ENDED = (Stage.DONE, *sorted(OVER))
GROUPS: Sequence[tuple[str, Sequence[Stage], bool | None]] = (
    ("要有人看", (Stage.LOOK, Stage.PAUSED, Stage.PROPOSED), None),
    ("在发", (Stage.FIRST, Stage.RUNNING, Stage.APPROVED), False),
    ("草稿", (Stage.DRAFT,), False),
    ("自动提醒", (Stage.RUNNING, *_ENDED), True),
    ("已经结束", _ENDED, False),
)
"""Each with its stages; True: those alone that the clock makes, False: all others."""
MOST = 50
MOST_REMINDERS = 12  # of a few days
LONGEST_LABEL = 12  # characters beside a bar; the table has the whole
_LOOKED_AT = 500  # of which those of one's districts are shown


@dataclass(frozen=True, slots=True)
class Line:
    """One campaign of the list."""

    campaign: Campaign
    ended: int
    stage: str
    writer: str
    at: str
    kind: str


def listing_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push`, `/push/<number>` and what its script asks for."""
    console = pushing.console

    @views.get("")
    def index() -> str:
        return console.render("push/index.html", groups=_groups(pushing))

    @views.get("/<int:number>")
    def campaign(number: int) -> ResponseReturnValue:
        return page(pushing, number)

    @views.get("/<int:number>/progress.json")
    def progress(number: int) -> Response:
        asked_by_itself()
        with pushing.looking(number) as (records, found):
            return jsonify(progress_of(records, console.city, found, console.now()).as_json())

    @views.get("/<int:number>/outcomes.svg")
    def chart(number: int) -> Response:
        asked_by_itself()
        with pushing.looking(number) as (records, found):
            shown = progress_of(records, console.city, found, console.now())
        counted = Counter[str]()
        for outcome, _, reason, n in shown.rows:
            counted["，".join(filter(None, (outcome, reason)))[:LONGEST_LABEL]] += n
        counted["还没发"] += shown.open
        return bars(list(counted), [("人", list(counted.values()))])


def _groups(pushing: Pushing) -> list[tuple[str, list[Line], int]]:
    """Each group with its campaigns and how many are shown; with `before` only older ones."""
    console, before = pushing.console, request.args.get("before", 0, type=int)
    with console.database.reading() as records:
        found = []
        for label, stages, reminders in GROUPS:
            rows = latest_campaigns(
                records, _LOOKED_AT, stages=stages, before=before, reminders=reminders
            )
            most = MOST_REMINDERS if reminders else MOST
            mine = [row for row in rows if within(console.me, row)]
            found.append((label, mine[:most], most))
        ended = ended_of(records, [row.id for _, rows, _ in found for row in rows])
        line = partial(_line, pushing, pushing.names(records), ended)
        shown = [(label, [line(row) for row in rows], most) for label, rows, most in found]
        records.expunge_all()
    return shown


def _line(
    pushing: Pushing, name_of: Callable[[str], str], ended: Mapping[int, int], row: Campaign
) -> Line:
    return Line(
        row,
        ended.get(row.id, 0),
        STAGES[row.stage],
        name_of(row.written_by),
        when(pushing, row.began_at or row.written_at),
        KINDS.get(row.kind, row.kind),
    )
