"""What residents are told, changed by staff: drafts, entry by entry, and proposals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.content_fields import LABELS, fields_of, read_record
from bot.console.content_import import UnreadableFile, read_entries
from bot.console.content_shapes import entries, pattern, with_entry, without
from bot.console.desk import Console
from config.content import PARTS, Part, present
from models.content import changes, draft_of, drop_draft, history, in_force, keep_draft, propose
from models.content import waiting as waits


def content_views(console: Console) -> Blueprint:
    """`/content` and below it the parts."""
    views = Blueprint("content", __name__)
    desk = Drafts(console)

    @views.get("/content")
    def index() -> str:
        with console.database.reading() as records:
            held = dict(in_force(records, console.now().date()))
            waiting = list(waits(records))
            records.expunge_all()
        return console.render("content.html", parts=PARTS, held=held, waiting=waiting)

    @views.get("/content/<name>")
    def part(name: str) -> ResponseReturnValue:
        return desk.page(_part(name))

    @views.route("/content/<name>/entry", methods=["GET", "POST"])
    def entry(name: str) -> ResponseReturnValue:
        key = request.values.get("key", "")
        if request.method == "GET":
            return desk.entry(_part(name), key)
        return desk.keep_entry(_part(name), key)

    @views.post("/content/<name>/remove")
    def remove(name: str) -> ResponseReturnValue:
        found = _part(name)
        if found.shape != "list":
            abort(404)
        desk.keep(found, without(found, desk.value(found), request.form.get("key", "")))
        return desk.back(found)

    @views.post("/content/<name>/import")
    def take_file(name: str) -> ResponseReturnValue:
        found = _part(name)
        return desk.take_file(found) if found.shape == "list" else abort(404)

    @views.post("/content/<name>/drop")
    def drop(name: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            drop_draft(records, _part(name).name, console.me.by)
        return desk.back(_part(name))

    @views.post("/content/<name>/propose")
    def lay_before(name: str) -> ResponseReturnValue:
        return desk.propose(_part(name))

    return views


def _part(name: str) -> Part:
    return PARTS.get(name) or abort(404)


class Drafts:
    """What the one who is signed in is writing."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def value(self, part: Part) -> Any:
        """Their draft; else what holds today."""
        draft, held = self._draft_and_held(part)
        return held if draft is None else draft

    def page(self, part: Part, status: int = 200, **more: Any) -> ResponseReturnValue:
        draft, held = self._draft_and_held(part)
        with self._console.database.reading() as records:
            earlier = list(history(records, part.name))
            records.expunge_all()
        shown = entries(part, held if draft is None else draft)
        page = self._console.render(
            "content_part.html", part=part, entries=shown, drafted=draft is not None,
            earlier=earlier, today=self._console.now().date(), **more,
        )  # fmt: skip
        return page, status

    def entry(
        self, part: Part, key: str, filled: Any = None, wrong: Any = None
    ) -> ResponseReturnValue:
        value = self.value(part)
        known = entries(part, value)
        if (key and key not in known) or (not key and part.shape != "list"):
            abort(404)
        record = filled or known.get(key) or pattern(part, value)
        page = self._console.render(
            "content_entry.html", part=part, key=key, fields=list(fields_of(record)),
            wrong=wrong or {}, labels=LABELS,
        )  # fmt: skip
        return page, 422 if wrong else 200

    def keep_entry(self, part: Part, key: str) -> ResponseReturnValue:
        value = self.value(part)
        known = entries(part, value)
        if key and key not in known:
            abort(404)
        record = read_record(known.get(key) or next(iter(known.values())), request.form)
        changed, wrong = with_entry(part, value, key, record)
        if wrong:
            return self.entry(part, key, record, wrong)
        self.keep(part, changed)
        return self.back(part)

    def take_file(self, part: Part) -> ResponseReturnValue:
        upload = request.files.get("file")
        content = upload.read() if upload else b""
        value = self.value(part)
        try:
            read = read_entries(content, part.kind or dict, part.key, _like(part, value))
        except UnreadableFile as fault:
            return self.page(part, 422, file_faults=[(1, str(fault))])
        if read.faults:
            return self.page(part, 422, file_faults=read.faults)
        self.keep(part, read.entries)
        flash(f"读入 {len(read.entries)} 行，还没有提交。")
        return self.back(part)

    def propose(self, part: Part) -> ResponseReturnValue:
        console, today = self._console, self._console.now().date()
        day, note = request.form.get("valid_from", ""), request.form.get("note", "").strip()[:200]
        try:
            valid_from = date.fromisoformat(day)
            if valid_from < today:
                raise ValueError
        except ValueError:
            return self.page(part, 422, faults=["生效日期要填今天或以后的日子。"])
        with console.database.writing() as records:
            draft = draft_of(records, part.name, console.me.by) or abort(409)
            after = {**changes(records, valid_from), part.name: draft.value}
            if not (faults := console.fits(after)):
                console.note(
                    records,
                    "content.propose",
                    f"content:{draft.id}",
                    note or part.label,
                    purpose="other",
                )
                propose(
                    records, draft, note=note, valid_from=valid_from, today=today, now=console.now()
                )
                return redirect(url_for("editions.show", number=draft.id), 303)
        return self.page(part, 422, faults=faults)

    def keep(self, part: Part, value: Any) -> None:
        with self._console.database.writing() as records:
            keep_draft(records, part.name, value, by=self._console.me.by, now=self._console.now())

    def back(self, part: Part) -> ResponseReturnValue:
        return redirect(url_for("content.part", name=part.name), 303)

    def _draft_and_held(self, part: Part) -> tuple[Any, Any]:
        console = self._console
        with console.database.reading() as records:
            draft = draft_of(records, part.name, console.me.by)
            changed = changes(records, console.now().date())
            return draft.value if draft else None, present(console.settings.city, changed, part)


def _like(part: Part, value: Any) -> Mapping[str, Any]:
    """An entry that shows which fields there are, and of what shape each is."""
    return next(iter(entries(part, value).values()))
