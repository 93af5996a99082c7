"""The campaign of a branch that closes: whether the content says so yet, and who has not chosen."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from bot.console.push.pushing import Pushing
from bot.console.push.words import OUTCOMES, STAGES
from bot.console.words import STATES
from models.content import PROPOSED, PUBLISHED, Edition
from models.push.campaigns import is_published
from models.push.closing import Closing, unanswered

MOST = 200  # rows on the page
_NOT_TOLD = "还没有发"


def closing_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/<number>/closing`."""

    @views.get("/<int:number>/closing")
    def closing(number: int) -> ResponseReturnValue:
        with pushing.looking(number) as (records, campaign):
            about = Closing.of(campaign) or abort(404)
            count, rows = unanswered(records, campaign, MOST)
            waiting = select(Edition).where(
                Edition.part == "branches", Edition.state.in_((PROPOSED, PUBLISHED))
            )
            latest = records.scalar(waiting.order_by(Edition.id.desc()).limit(1))
            names = {branch.code: branch.name for branch in pushing.console.city.branches}
            return pushing.console.render(
                "push/closing.html",
                campaign=campaign,
                stage=STAGES[campaign.stage],
                branch=names.get(about.branch, about.branch),
                successor=names.get(about.successor, about.successor),
                closes_on=about.closes_on,
                is_published=is_published(records, campaign),
                edition=latest,
                count=count,
                rows=[
                    (row.number, STATES[row.state], OUTCOMES.get(row.outcome, _NOT_TOLD))
                    for row in rows
                ],
            )
