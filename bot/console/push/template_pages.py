"""The messages that are kept for another time: all of them, their versions, out of use."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from bot.console.push.preview import preview
from bot.console.push.pushing import Pushing
from bot.console.push.shown import when
from models.push.messages import Message
from models.push.templates import retire, templates_in_use, versions


def template_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/templates` and each of them below it."""
    console = pushing.console

    @views.get("/templates")
    def templates() -> str:
        with console.database.reading() as records:
            name_of = pushing.names(records)
            kept = [
                (each.name, each.version, name_of(each.written_by), when(pushing, each.written_at))
                for each in templates_in_use(records)
            ]
        return console.render("push/templates.html", kept=kept)

    @views.get("/templates/<path:name>")
    def template(name: str) -> str:
        with console.database.reading() as records:
            found, name_of = versions(records, name) or abort(404), pushing.names(records)
            shown = [
                (each, name_of(each.written_by), when(pushing, each.written_at),
                 preview(Message.read(each.message), console.templates, console.texts))
                for each in found
            ]  # fmt: skip
            return console.render("push/template.html", name=name, shown=shown)

    @views.post("/templates/<path:name>")
    def drop(name: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            if not versions(records, name):
                abort(404)
            console.note(
                records, "push.retire", f"push:template:{name}"[:100], name, purpose="other"
            )
            retire(records, name, console.now())
        return redirect(url_for("push.templates"), 303)
