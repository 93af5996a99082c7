"""A branch is to close: the edition of the content and the campaign for those whose card goes
there, begun in one act. Each takes its own way to a second person, the content first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.content import Drafts, SoFar, earliest
from bot.console.content_shapes import with_entry
from bot.console.desk import Console
from config.content import PARTS
from config.written import read_written
from models.content import changes, keep_draft, propose
from models.push.closing import Closing, begin
from models.staff import Role

BRANCHES = PARTS["branches"]
_NOT_THEIRS = "停办网点要同时写内容和推送：请由兼内容编辑和推送编辑、看全市的人来做。"


def closing_views(console: Console) -> Blueprint:
    """`/content/branches/closing`."""
    views = Blueprint("closing", __name__)
    desk = Closings(console)

    @views.route("/content/branches/closing", methods=["GET", "POST"])
    def branch() -> ResponseReturnValue:
        code = request.values.get("key", "")
        return desk.begin(code) if request.method == "POST" else desk.page(code)

    return views


@dataclass(frozen=True, slots=True)
class Typed:
    """What was filled in, as it was."""

    closes_on: str
    successor: str


class Closings:
    """The page of one branch, by code."""

    def __init__(self, console: Console) -> None:
        self._console, self._drafts = console, Drafts(console)

    def page(
        self, code: str, typed: Typed | None = None, faults: Sequence[str] = (), status: int = 200
    ) -> ResponseReturnValue:
        so_far = self._drafts.so_far(BRANCHES)
        branch = _entry(so_far, code)
        stops = self._stops(so_far)
        shown = self._console.render(
            "content_closing.html",
            branch=branch,
            others=[b for b in so_far.value if b["bank"] == branch["bank"] and b["code"] != code],
            typed=typed or Typed(branch["closes_on"] or "", branch["successor"]),
            stops=stops,
            faults=faults,
            today=self._console.now().date(),
        )
        return shown, 409 if stops and request.method == "POST" else status

    def _stops(self, so_far: SoFar) -> list[str]:
        """Why nobody can begin it here just now."""
        me = self._console.me
        both = me.has(Role.CONTENT_EDITOR) and me.has(Role.PUSH_EDITOR)
        stops = [] if both and not me.districts else [_NOT_THEIRS]
        if so_far.drafted:
            stops.append("您有一份网点的草稿还没有提交：先提交，或者丢掉。")
        return stops

    def begin(self, code: str) -> ResponseReturnValue:
        """Both drafts, the content's laid before a second person at once; or what is wrong."""
        so_far = self._drafts.so_far(BRANCHES)
        entry = _entry(so_far, code)
        typed = Typed(request.form.get("closes_on", ""), request.form.get("successor", ""))
        if self._stops(so_far):
            return self.page(code, typed)
        today = self._console.now().date()
        starts = earliest(so_far.last, today)
        day = _day(typed.closes_on)
        if day is None or day <= starts:
            return self.page(code, typed, [f"停办日期要晚于 {starts}。"], 422)
        if typed.successor not in {branch["code"] for branch in so_far.value}:
            return self.page(code, typed, ["请选由哪个网点接着办。"], 422)
        closing = Closing(code, day, typed.successor)
        entry = {**entry, "closes_on": day.isoformat(), "successor": typed.successor}
        changed, _ = with_entry(BRANCHES, so_far.value, code, entry)
        if faults := self._console.fits(self._after(changed, starts)):
            return self.page(code, typed, faults, 422)
        number = self._keep(so_far, changed, closing, starts)
        return redirect(url_for("push.closing", number=number), 303)

    def _after(self, branches: Any, starts: date) -> Mapping[str, Any]:
        with self._console.database.reading() as records:
            return {**changes(records, starts), BRANCHES.name: branches}

    def _keep(self, so_far: SoFar, branches: Any, closing: Closing, starts: date) -> int:
        """The campaign's number. Both are written, or neither."""
        console, now, by = self._console, self._console.now(), self._console.me.by
        written = read_written(console.settings.city, self._after(branches, starts))
        with console.database.writing() as records:
            campaign = begin(records, written.city, written.texts, closing, now, by=by)
            draft = keep_draft(
                records, BRANCHES.name, branches, by=by, now=now, rests_on=so_far.last
            )
            note = campaign.name
            propose(records, draft, note=note, valid_from=starts, today=now.date(), now=now)
            about = f"content:{draft.id}"
            console.note(records, "content.propose", about, note, purpose="other")
            return campaign.id


def _entry(so_far: SoFar, code: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = next((b for b in so_far.value if b["code"] == code), None)
    return found or abort(404)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
