"""What people said to a campaign, and who said nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session as Records

from bot.console.csv import Column, csv_answer
from bot.console.push.exporting import purpose_and_reason, some_at_a_time
from bot.console.push.pushing import Pushing
from bot.console.push.shown import when
from models.applications import Application
from models.push.answers import PushAnswer, answers_to
from models.push.campaigns import Campaign
from models.push.counts import counts_of
from models.push.deliveries import Delivery

MOST = 50  # answers on a page
REACHED = ("sent", "unknown")


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: its option in words; `text` is "" while it is sealed; `is_past`: it was deleted
    by its age."""

    at: str
    option: str
    number: str
    has_text: bool
    is_past: bool
    text: str


def answering_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/<number>/answers` and below it."""
    console = pushing.console

    @views.get("/<int:number>/answers")
    def answers(number: int) -> ResponseReturnValue:
        with pushing.looking(number) as (records, campaign):
            return _page(pushing, records, campaign, opened=False)

    @views.post("/<int:number>/answers")
    def open_answers(number: int) -> ResponseReturnValue:
        purpose, reason = purpose_and_reason()
        with pushing.doing(number, "push.answers", reason, purpose=purpose) as (records, campaign):
            for application in _applications(records, _latest(records, number)):
                about = f"application:{application}"
                console.note(records, "application.view", about, reason, purpose=purpose)
            return _page(pushing, records, campaign, opened=True)

    @views.post("/<int:number>/silent.csv")
    def silent(number: int) -> Response:
        purpose, reason = purpose_and_reason()
        with pushing.doing(number, "push.silent", reason, purpose=purpose) as (_, campaign):
            name = f"没有回答：{campaign.name}"
        return csv_answer(name, SILENT, _rows(pushing, number))


SILENT = [Column[tuple[str, str]]("受理号", lambda row: row[0]),
          Column[tuple[str, str]]("发出时间", lambda row: row[1])]  # fmt: skip


def _page(
    pushing: Pushing, records: Records, campaign: Campaign, *, opened: bool
) -> ResponseReturnValue:
    labels = _labels(campaign)
    counted = _by_option(records, campaign.id)
    reached, silent = _reached(records, campaign.id)
    return pushing.console.render(
        "push/answers.html",
        campaign=campaign,
        counted=[(labels.get(option, option), n) for option, n in counted],
        said=list(_said(pushing, records, campaign, labels, opened=opened)),
        opened=opened,
        reached=reached,
        silent=silent,
        most=MOST,
    )


def _labels(campaign: Campaign) -> Mapping[str, str]:
    options: Sequence[Mapping[str, Mapping[str, str]]] = campaign.message.get("options", ())
    named = {str(n): f"{n} {each['label'].get('zh_CN', '')}" for n, each in enumerate(options, 1)}
    return {**named, "": "文字回答", "stop": "退订"}


def _latest(records: Records, number: int) -> list[PushAnswer]:
    return answers_to(records, number, MOST)


def _by_option(records: Records, number: int) -> list[tuple[str, int]]:
    """Of each person the latest option; beside it who wrote words, and who wants no more."""
    counts = counts_of(records, number)
    return sorted((option, n) for (what, _, option), n in counts.items() if what == "answer" and n)


def _said(
    pushing: Pushing,
    records: Records,
    campaign: Campaign,
    labels: Mapping[str, str],
    *,
    opened: bool,
) -> Iterator[Said]:
    rows = _latest(records, campaign.id)
    numbers = _numbers(records, rows)
    for row in rows:
        yield Said(
            when(pushing, row.at),
            labels.get(row.option, row.option),
            numbers.get(row.recipient) or "",
            row.text is not None,
            row.text is None and not row.option,
            row.open_text(pushing.console.keys) if opened else "",
        )


def _numbers(records: Records, rows: Sequence[PushAnswer]) -> dict[int, str | None]:
    """Of each who answered, the application that it was about."""
    if not rows:
        return {}
    theirs = select(Delivery.recipient, Delivery.number).where(
        Delivery.campaign_id == rows[0].campaign_id,
        Delivery.recipient.in_({row.recipient for row in rows}),
    )
    return {recipient: number for recipient, number in records.execute(theirs)}  # noqa: C416


def _applications(records: Records, rows: Sequence[PushAnswer]) -> Sequence[str]:
    """The ids of the applications whose people said something in words."""
    numbers = {n for n in _numbers(records, [r for r in rows if r.text is not None]).values() if n}
    return records.scalars(select(Application.id).where(Application.number.in_(numbers))).all()


def _unanswered(number: int) -> list[ColumnElement[bool]]:
    answered = exists().where(
        PushAnswer.campaign_id == number, PushAnswer.recipient == Delivery.recipient
    )
    return [Delivery.campaign_id == number, Delivery.state.in_(REACHED), ~answered]


def _reached(records: Records, number: int) -> tuple[int, int]:
    """How many got it, by the counters, and how many of them said nothing."""
    counts = counts_of(records, number)
    reached = sum(n for (what, _, _), n in counts.items() if what in REACHED)
    answered = select(func.count(PushAnswer.recipient.distinct()))
    n = records.scalar(answered.where(PushAnswer.campaign_id == number)) or 0
    return reached, max(reached - n, 0)


def _rows(pushing: Pushing, number: int) -> Iterator[tuple[str, str]]:
    wanted = select(Delivery).where(*_unanswered(number), Delivery.number.is_not(None))
    for delivery in some_at_a_time(pushing, wanted):
        yield str(delivery.number), when(pushing, delivery.sent_at)
