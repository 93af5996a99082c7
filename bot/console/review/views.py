"""The routes of the review, put together."""

from __future__ import annotations

from flask import Blueprint

from bot.console.desk import Console
from bot.console.review.batches import batch_views
from bot.console.review.cases import case_views
from bot.console.review.queue import queue_views
from bot.console.review.reviewing import Reviewing
from bot.console.review.seconding import second_views


def review_views(console: Console) -> Blueprint:
    """`/review`, `/batch`, `/second`."""
    views = Blueprint("review", __name__)
    desk = Reviewing(console, console.reasons)
    case_views(views, desk)
    batch_views(views, desk)
    second_views(views, desk)
    return views


def queue_page_views(console: Console) -> Blueprint:
    """`/queue`, for supervisors."""
    views = Blueprint("queue", __name__)
    queue_views(views, console)
    return views
