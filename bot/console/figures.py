"""The figures: the queue's age, where people stop in the form, what lies where on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter

from flask import Blueprint, Response, abort

from bot.console.charts import bars
from bot.console.csv import Column, csv_answer
from bot.console.desk import Console
from bot.console.words import STATES
from models.figures import funnel, queue_by_days_left, stages

FUNNEL_DAYS = 30
FORM = "card"


@dataclass(frozen=True, slots=True)
class Figure:
    """One table: heads, and rows that begin with a label. `drawn` are the columns of the chart."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    drawn: Sequence[int]

    def chart(self) -> Response:
        labels = [str(row[0]) for row in self.rows]
        return bars(
            labels, [(self.heads[n], [_whole(row[n]) for row in self.rows]) for n in self.drawn]
        )


def figures_views(console: Console) -> Blueprint:
    """`/figures`, and of each figure a chart and its table as CSV."""
    views = Blueprint("figures", __name__)
    made: Mapping[str, Callable[[Console], Figure]] = {
        "queue": _queue, "funnel": _funnel, "stages": _stages,
    }  # fmt: skip

    @views.get("/figures")
    def page() -> str:
        return console.render(
            "figures.html", figures={n: make(console) for n, make in made.items()}
        )

    @views.get("/figures/<name>.svg")
    def chart(name: str) -> Response:
        return made[name](console).chart() if name in made else abort(404)

    @views.get("/figures/<name>.csv")
    def table(name: str) -> Response:
        if name not in made:
            abort(404)
        figure = made[name](console)
        columns = [Column(head, itemgetter(n)) for n, head in enumerate(figure.heads)]
        return csv_answer(figure.title, columns, figure.rows)

    return views


def _queue(console: Console) -> Figure:
    with console.database.reading() as records:
        left = queue_by_days_left(records, console.now().date(), console.me.districts)
    return Figure(
        "待审核：离约定日期还有几天",
        ("还有", "件"),
        [(_days_left(n, max(left)), count) for n, count in sorted(left.items())],
        (1,),
    )


def _days_left(days: int, longest: int) -> str:
    if days < 0:
        return "已过"
    if days == 0:
        return "今天"
    return f"{days} 天以上" if days == longest else f"{days} 天"


def _funnel(console: Console) -> Figure:
    names = console.sections[FORM]
    since = console.now() - timedelta(days=FUNNEL_DAYS)
    with console.database.reading() as records:
        lines = funnel(records, FORM, len(names), since)
    rows = [(names[at.section - 1], at.came_here, at.went_on, at.given_up, at.open) for at in lines]
    heads = ("到了这一步", "来的", "办下去", "停在这里", "还在办")
    return Figure(f"近 {FUNNEL_DAYS} 天的申请：走到哪一步", heads, rows, (2, 3, 4))


def _stages(console: Console) -> Figure:
    with console.database.reading() as records:
        found = stages(records, console.me.districts)
    days = {stage.state: stage.days(console.now()) for stage in found}
    rows = [
        (STATES[at.state], at.count, "" if days[at.state] is None else days[at.state])
        for at in found
    ]
    return Figure("通过以后：卡在哪里", ("环节", "件", "最久（天）"), rows, (1,))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
