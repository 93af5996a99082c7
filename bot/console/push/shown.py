"""The page of one campaign: everything that it shows, and the buttons of its stage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.push.audience_form import segment_in_words
from bot.console.push.forecasting import Outlook, outlook_of
from bot.console.push.message_form import wrong_of
from bot.console.push.preview import preview
from bot.console.push.progress import progress_of
from bot.console.push.pushing import Pushing, is_of_applications
from bot.console.push.schedule_form import PRIORITIES
from bot.console.push.words import KINDS, PURPOSES, STAGES, reason_name, yuan
from models.push.campaigns import GROWN, UNPUBLISHED, Campaign, events_of
from models.push.counts import counts_of
from models.push.messages import Message
from models.push.stages import Stage
from models.staff import Role

_BOUNDS: Sequence[tuple[str, str]] = (
    (r"failed (\d+) of (\d+)", r"\2 次里失败了 \1 次，超过限度，自动暂停"),
    (r"left (\d+) of (\d+)", r"收到的 \2 人里有 \1 人退订，超过限度，自动暂停"),
    (GROWN, "人数比提交时多了，要另一个人批准"),
    (UNPUBLISHED, "停办的内容已经改了，和这里说的不一样"),
)
AT_ONCE = 20_000
"""For so many people a page waits for the forecast."""
ONCE_MORE = frozenset({Stage.RUNNING, Stage.PAUSED, Stage.DONE})
HALTS = frozenset({Stage.APPROVED, Stage.FIRST, Stage.RUNNING})
ENDS = frozenset({Stage.APPROVED, Stage.FIRST, Stage.LOOK, Stage.RUNNING, Stage.PAUSED})


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a campaign, in words."""

    at: str
    what: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class May:
    """What whoever looks may do with it where it stands."""

    write: bool
    propose: bool
    withdraw: bool
    approve: bool
    halt: bool
    go_on: bool
    stop: bool
    again: bool
    copy: bool


def page(pushing: Pushing, number: int, fault: str = "", status: int = 200) -> ResponseReturnValue:
    """The campaign's page, with what could not be done."""
    console = pushing.console
    with pushing.looking(number) as (records, campaign):
        message = Message.read(campaign.message)
        of_applications = is_of_applications(campaign)
        wrong = wrong_of(message, console.templates, of_applications=of_applications)
        is_forecast = not wrong and campaign.at in (Stage.DRAFT, Stage.PROPOSED)
        name_of = pushing.names(records)
        shown = console.render(
            "push/campaign.html",
            campaign=campaign,
            fault=fault,
            stage_word=STAGES[campaign.stage],
            purpose=PURPOSES.get(campaign.purpose, campaign.purpose),
            kind=KINDS.get(campaign.kind, campaign.kind),
            priority=PRIORITIES.get(campaign.priority, str(campaign.priority)),
            writer=name_of(campaign.written_by),
            approver=name_of(campaign.approved_by),
            audience=segment_in_words(console.city, campaign.audience),
            preview=preview(message, console.templates, console.texts),
            options=message.options,
            is_answered=message.expects_answers,
            is_mass=message.mass,
            wrong=wrong,
            is_forecast=is_forecast,
            outlook=_outlook(pushing, records, campaign) if is_forecast else None,
            progress=progress_of(records, console.city, campaign, console.now()),
            why=reason_in_words(campaign.reason),
            events=list(_events(pushing, records, campaign, name_of)),
            again=_reasons(records, campaign),
            may=_may(pushing, campaign),
            when=lambda at: when(pushing, at),
            yuan=yuan,
        )
    return shown, status


def when(pushing: Pushing, at: datetime | None) -> str:
    """A moment in the city's time, "" for none."""
    return at.astimezone(pushing.console.city.tz).strftime("%Y-%m-%d %H:%M") if at else ""


def reason_in_words(reason: str) -> str:
    """Why it was paused, stopped or refused: by a bound, or as somebody wrote."""
    for pattern, said in _BOUNDS:
        if re.fullmatch(pattern, reason):
            return re.sub(pattern, said, reason)
    return reason


def _outlook(pushing: Pushing, records: Records, campaign: Campaign) -> Outlook | None:
    """What it would do; for very many people only when it is asked for, since it takes its time."""
    asked = campaign.total <= AT_ONCE or "forecast" in request.args
    return outlook_of(pushing, records, campaign) if asked else None


def _events(
    pushing: Pushing, records: Records, campaign: Campaign, name_of: Callable[[str], str]
) -> Iterator[Happened]:
    yield Happened(when(pushing, campaign.written_at), "起草", name_of(campaign.written_by), "")
    for event in events_of(records, campaign.id):
        word = STAGES.get(event.to_stage, event.to_stage)
        who, why = name_of(event.by), reason_in_words(event.reason)
        yield Happened(when(pushing, event.at), word, who, why)


def _reasons(records: Records, campaign: Campaign) -> Mapping[str, tuple[str, int]]:
    """Why people were not reached, with how many: they can be tried once more."""
    found: dict[str, tuple[str, int]] = {}
    for (what, _, reason), n in sorted(counts_of(records, campaign.id).items()):
        if what in ("failed", "visit") and reason and n:
            found[reason] = (reason_name(reason), found.get(reason, ("", 0))[1] + n)
    return found


def _may(pushing: Pushing, campaign: Campaign) -> May:
    me, at = pushing.console.me, campaign.at
    editor, approver = me.has(Role.PUSH_EDITOR), me.has(Role.PUSH_APPROVER)
    mine = campaign.written_by == me.by
    draft = editor and mine and at is Stage.DRAFT
    return May(
        write=draft,
        propose=draft,
        withdraw=editor and mine and at is Stage.PROPOSED,
        approve=approver and not mine and at is Stage.PROPOSED,
        halt=at in HALTS,
        go_on=at in (Stage.LOOK, Stage.PAUSED),
        stop=at in ENDS or draft,
        again=at in ONCE_MORE and campaign.kind != "test",
        copy=editor and campaign.kind == "message",
    )
