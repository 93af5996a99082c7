"""Editions of what residents are told: looked at, published by a second person, gone back to."""

from __future__ import annotations

from datetime import date
from typing import Any

import tomli_w
from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from bot.console.content_fields import LABELS
from bot.console.content_preview import preview
from bot.console.content_shapes import differences
from bot.console.desk import Console
from config.content import PARTS, as_file, present
from models.audit import Act
from models.content import (
    DRAFT,
    AlreadyDecided,
    Edition,
    NotTheirs,
    Outdated,
    TooEarly,
    changes,
    keep_draft,
    last_published,
    publish,
    refuse,
)

_SAID = {
    NotTheirs: "自己起草的，要由另一个人发布。",
    Outdated: "起草以后这一部分又发布过别的改动，请退回重新起草。",
    TooEarly: "已经发布的一版从更晚的日子起用，请退回重新起草。",
    AlreadyDecided: "已经有人处理过了。",
}


def edition_views(console: Console) -> Blueprint:
    """`/content/editions/<number>`, what is done with it, and the export."""
    views = Blueprint("editions", __name__)

    @views.get("/content/editions/<int:number>")
    def show(number: int) -> str:
        return _page(console, _edition(console, number))

    @views.post("/content/editions/<int:number>/publish")
    def let_hold(number: int) -> ResponseReturnValue:
        return _decide(console, number, publish, "content.publish")

    @views.post("/content/editions/<int:number>/refuse")
    def let_go(number: int) -> ResponseReturnValue:
        return _decide(console, number, refuse, "content.refuse")

    @views.post("/content/editions/<int:number>/again")
    def again(number: int) -> ResponseReturnValue:
        edition = _edition(console, number)
        with console.database.writing() as records:
            by, now = console.me.by, console.now()
            last = last_published(records, edition.part)
            keep_draft(records, edition.part, edition.value, by=by, now=now, rests_on=last)
        flash("已照这一版起草，提交后由另一个人发布。")
        return redirect(url_for("content.part", name=edition.part), 303)

    @views.get("/content/<name>/file.toml")
    def export(name: str) -> Response:
        part = PARTS.get(name) or abort(404)
        with console.database.writing() as records:
            console.note(records, "content.export", f"content:{name}", part.label, purpose="other")
            changed = changes(records, console.now().date())
        file, table = as_file(console.settings.city, changed, part)
        answer = Response(tomli_w.dumps(table), mimetype="application/toml")
        answer.headers["Content-Disposition"] = f"attachment; filename={file}"
        return answer

    return views


def _edition(console: Console, number: int) -> Edition:
    with console.database.reading() as records:
        edition = records.get(Edition, number)
        records.expunge_all()
    return edition if edition is not None and edition.state != DRAFT else abort(404)


def _page(console: Console, edition: Edition, fault: str = "") -> str:
    part, profile = PARTS[edition.part], console.settings.city
    day = _day(console, edition)
    with console.database.reading() as records:
        before = changes(records, day)
    after = {**before, part.name: edition.value}
    faults = _faults(console, edition)
    bubbles, more = ([], 0) if faults else preview(profile, before, after, day)
    return console.render(
        "content_edition.html",
        edition=edition,
        part=part,
        labels=LABELS,
        differences=differences(part, present(profile, before, part), edition.value),
        faults=faults,
        bubbles=bubbles,
        more=more,
        mine=edition.written_by == console.me.by,
        fault=fault,
        today=console.now().date(),
    )


def _day(console: Console, edition: Edition) -> date:
    """The first day on which somebody could be told it."""
    today = console.now().date()
    return max(edition.valid_from or today, today)


def _faults(console: Console, edition: Edition) -> list[str]:
    """Why the service would not start with it on its day: what else is told may have changed."""
    with console.database.reading() as records:
        held = changes(records, _day(console, edition))
    return console.fits({**held, edition.part: edition.value})


def _decide(console: Console, number: int, decide: Any, act: Act) -> ResponseReturnValue:
    edition = _edition(console, number)
    if decide is publish and (faults := _faults(console, edition)):
        return _page(console, edition, "现在发布会互相矛盾：" + "；".join(faults)), 409
    try:
        with console.database.writing() as records:
            console.note(
                records, act, f"content:{number}", edition.note or edition.part, purpose="other"
            )
            decide(records, number, by=console.me.by, now=console.now())
    except (NotTheirs, Outdated, TooEarly, AlreadyDecided) as fault:
        return _page(console, _edition(console, number), _SAID[type(fault)]), 409
    return redirect(url_for("editions.show", number=number), 303)
