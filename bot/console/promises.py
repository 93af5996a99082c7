"""What is past its promised day: who was told so, since when, and the new day."""

from __future__ import annotations

from flask import Blueprint, abort, request

from bot.console.desk import Console
from bot.console.words import STATES
from models.applications import Application
from models.promises import late, open_promise

ROWS = 50


def promises_views(console: Console) -> Blueprint:
    """`/late`."""
    views = Blueprint("promises", __name__)

    @views.get("/late", endpoint="late")
    def late_ones() -> str:
        districts = console.me.districts or [d.code for d in console.city.districts]
        with console.database.reading() as records:
            after = records.get(Application, request.args.get("after", ""))
            if "after" in request.args and (after is None or after.district not in districts):
                abort(404)
            found = late(records, ROWS, districts=districts, after=after)
            rows = [_row(console, application) for application in found]
        more = found[-1].id if len(found) == ROWS else ""
        return console.render("late.html", rows=rows, more=more)

    return views


def _row(console: Console, application: Application) -> dict[str, object]:
    promise = open_promise(application)
    by = application.promise_card_by if promise == "card" else application.promise_review_by
    return {
        "number": application.number,
        "state": STATES[application.state],
        "district": console.city.district(application.district).name,
        "missed": application.late_since,
        "days": (console.now().date() - (application.late_since or by)).days,
        "promise": "制卡" if promise == "card" else "审核",
        "until": by,
    }
