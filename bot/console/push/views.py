"""The routes of pushes, put together."""

from __future__ import annotations

from flask import Blueprint, request

from bot.console.desk import Console
from bot.console.push.acting import acting_views
from bot.console.push.answering import answering_views
from bot.console.push.choosing import choosing_views
from bot.console.push.closing import closing_views
from bot.console.push.exporting import exporting_views
from bot.console.push.listing import listing_views
from bot.console.push.pushing import Pushing
from bot.console.push.template_pages import template_views
from bot.console.push.timing import timing_views
from bot.console.push.trials import trial_views
from bot.console.push.writing import writing_views


def push_views(console: Console) -> Blueprint:
    """`/push` and everything below it."""
    views = Blueprint("push", __name__, url_prefix="/push")
    pushing = Pushing(console)

    @views.before_request
    def is_theirs() -> None:
        """What is another district's is not there, whatever is asked of it."""
        number = (request.view_args or {}).get("number")
        if number is not None:
            with pushing.looking(number):
                pass

    for add in (
        listing_views,
        writing_views,
        choosing_views,
        timing_views,
        trial_views,
        acting_views,
        answering_views,
        closing_views,
        exporting_views,
        template_views,
    ):
        add(views, pushing)
    return views
