"""When a campaign leaves, how fast, how urgently, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.push.pushing import STALE, Pushing
from bot.console.push.schedule_form import MOST_RATE, PRIORITIES, read_schedule, typed_of
from bot.console.push.words import yuan
from models.push.campaigns import Campaign, change


def timing_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/<number>/schedule`."""
    console = pushing.console

    @views.get("/<int:number>/schedule")
    def schedule(number: int) -> str:
        with pushing.looking(number) as (_, campaign):
            return _page(pushing, campaign, typed_of(console.city, campaign))

    @views.post("/<int:number>/schedule")
    def set_schedule(number: int) -> ResponseReturnValue:
        typed = {name: text[:40] for name, text in request.form.items()}
        values, wrong = read_schedule(typed, console.city, console.now())
        with console.database.writing() as records:
            campaign = pushing.own(records, number)
            if wrong:
                return _page(pushing, campaign, typed, wrong=wrong), 422
            if request.form.get("revision", -1, type=int) != campaign.revision:
                return _page(pushing, campaign, typed, fault=STALE), 409
            change(records, campaign, values)
        return redirect(url_for("push.campaign", number=number), 303)


def _page(
    pushing: Pushing,
    campaign: Campaign,
    typed: Mapping[str, str],
    *,
    wrong: Mapping[str, str] | None = None,
    fault: str = "",
) -> str:
    city = pushing.console.city
    return pushing.console.render(
        "push/schedule.html",
        campaign=campaign,
        typed=typed,
        wrong=wrong or {},
        fault=fault,
        priorities=PRIORITIES,
        most_rate=MOST_RATE,
        quiet=city.quiet,
        sms=yuan(city.push.sms_fen),
        mine=campaign.written_by == pushing.console.me.by,
    )
