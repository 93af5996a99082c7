"""What residents are told, changed by staff: drafts, entry by entry, and proposals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.content_fields import fields_of, label_of, read_record
from bot.console.content_import import read_entries
from bot.console.content_shapes import entries, pattern, with_entry, without
from bot.console.desk import Console
from bot.console.sheets import UnreadableFile
from config.content import PARTS, Part, present
from models.content import (
    Edition,
    TooEarly,
    changes,
    draft_of,
    drop_draft,
    history,
    in_force,
    keep_draft,
    last_published,
    propose,
)
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
        so_far = desk.so_far(found)
        desk.keep(so_far, without(found, so_far.value, request.form.get("key", "")))
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


@dataclass(frozen=True, slots=True)
class SoFar:
    """The words of a part that somebody goes on from: of their draft, else of `last`, the edition
    that was published last, else of the city's files."""

    part: Part
    value: Any
    last: Edition | None
    drafted: bool


class Drafts:
    """What the one who is signed in is writing."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def so_far(self, part: Part) -> SoFar:
        """What they have written, or would begin with. The words and what they rest on are read at
        once: what is published meanwhile is not undone."""
        console = self._console
        with console.database.reading() as records:
            draft = draft_of(records, part.name, console.me.by)
            last = last_published(records, part.name)
            records.expunge_all()
        base = draft or last
        known = {part.name: base.value} if base else {}
        value = present(console.settings.city, known, part)
        return SoFar(part, value, last, drafted=draft is not None)

    def page(self, part: Part, status: int = 200, **more: Any) -> ResponseReturnValue:
        so_far, today = self.so_far(part), self._console.now().date()
        with self._console.database.reading() as records:
            earlier = list(history(records, part.name))
            records.expunge_all()
        page = self._console.render(
            "content_part.html", part=part, entries=entries(part, so_far.value),
            drafted=so_far.drafted, earlier=earlier, today=today,
            earliest=earliest(so_far.last, today), **more,
        )  # fmt: skip
        return page, status

    def entry(
        self, part: Part, key: str, filled: Any = None, wrong: Any = None
    ) -> ResponseReturnValue:
        value = self.so_far(part).value
        known = _entries(part, value, key)
        record = filled or known.get(key) or pattern(part, value)
        page = self._console.render(
            "content_entry.html", part=part, key=key, fields=list(fields_of(record)),
            wrong=wrong or {}, label_of=label_of,
        )  # fmt: skip
        return page, 422 if wrong else 200

    def keep_entry(self, part: Part, key: str) -> ResponseReturnValue:
        so_far = self.so_far(part)
        known = _entries(part, so_far.value, key)
        record = read_record(known.get(key) or next(iter(known.values())), request.form)
        changed, wrong = with_entry(part, so_far.value, key, record)
        if wrong:
            return self.entry(part, key, record, wrong)
        self.keep(so_far, changed)
        return self.back(part)

    def take_file(self, part: Part) -> ResponseReturnValue:
        upload = request.files.get("file")
        content = upload.read() if upload else b""
        so_far = self.so_far(part)
        try:
            like = _like(part, so_far.value)
            read = read_entries(content, part.kind or dict, part.key, like)
        except UnreadableFile as fault:
            return self.page(part, 422, file_faults=[(1, str(fault))])
        if read.faults:
            return self.page(part, 422, file_faults=read.faults)
        self.keep(so_far, read.entries)
        flash(f"读入 {len(read.entries)} 行，还没有提交。")
        return self.back(part)

    def propose(self, part: Part) -> ResponseReturnValue:
        day, note = request.form.get("valid_from", ""), request.form.get("note", "").strip()[:200]
        try:
            valid_from = date.fromisoformat(day)
            if valid_from < self._console.now().date():
                raise ValueError
        except ValueError:
            return self.page(part, 422, faults=["生效日期要填今天或以后的日子。"])
        try:
            draft, faults = self._lay_before(part, valid_from, note)
        except TooEarly:
            said = "已经发布的一版从更晚的日子起用，生效日期不能早于那一天。"
            return self.page(part, 422, faults=[said])
        if faults:
            return self.page(part, 422, faults=faults)
        return redirect(url_for("editions.show", number=draft.id), 303)

    def _lay_before(self, part: Part, valid_from: date, note: str) -> tuple[Edition, list[str]]:
        """The draft, and why it cannot be proposed. Raises TooEarly."""
        console, now = self._console, self._console.now()
        with console.database.writing() as records:
            draft = draft_of(records, part.name, console.me.by) or abort(409)
            after = {**changes(records, valid_from), part.name: draft.value}
            if not (faults := console.fits(after)):
                about, why = f"content:{draft.id}", note or part.label
                console.note(records, "content.propose", about, why, purpose="other")
                propose(records, draft, note=note, valid_from=valid_from, today=now.date(), now=now)
            return draft, faults

    def keep(self, so_far: SoFar, value: Any) -> None:
        by, now = self._console.me.by, self._console.now()
        with self._console.database.writing() as records:
            keep_draft(records, so_far.part.name, value, by=by, now=now, rests_on=so_far.last)

    def back(self, part: Part) -> ResponseReturnValue:
        return redirect(url_for("content.part", name=part.name), 303)


def _entries(part: Part, value: Any, key: str) -> dict[str, dict[str, Any]]:
    """Those of the part, where `key` is one of them, or "" and one more may be added."""
    known = entries(part, value)
    return known if key in known or (not key and part.shape == "list") else abort(404)


def earliest(last: Edition | None, today: date) -> date:
    """From which day on a draft may hold."""
    return max(last.valid_from or today, today) if last else today


def _like(part: Part, value: Any) -> Mapping[str, Any]:
    """An entry that shows which fields there are, and of what shape each is."""
    return next(iter(entries(part, value).values()))
