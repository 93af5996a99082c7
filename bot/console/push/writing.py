"""A campaign is written: begun from nothing, a kept message, a preset or another campaign; and
what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.push.message_form import OPTIONS, message_of, typed_of, wrong_of
from bot.console.push.presets import read_presets
from bot.console.push.preview import preview
from bot.console.push.pushing import (
    STALE,
    Pushing,
    Refused,
    is_listed,
    is_of_applications,
)
from bot.console.push.words import ACTS, PARAMS, PURPOSES
from config.field_limits import LONGEST_THING
from config.template_faults import MOST_CHARACTERS
from models.push.campaigns import Campaign, change
from models.push.drafts import Begun, new_draft
from models.push.messages import OF_AN_APPLICATION, Message
from models.push.templates import keep_template, latest, templates_in_use

LINKS: Mapping[str, str] = {
    "/progress": "查进度",
    "/apply": "办卡",
    "/account": "我的",
    "/": "首页",
}
LONGEST_NAME = 64
EMPTY: Mapping[str, Any] = {"chat": {}}


def writing_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/new`, `/push/<number>/message` and what is made of it."""
    desk = Writing(pushing)

    @views.route("/new", methods=["GET", "POST"])
    def new() -> ResponseReturnValue:
        return desk.begin() if request.method == "POST" else desk.choices()

    @views.route("/<int:number>/message", methods=["GET", "POST"])
    def message(number: int) -> ResponseReturnValue:
        return desk.write(number) if request.method == "POST" else desk.page(number)

    @views.post("/<int:number>/keep")
    def keep(number: int) -> ResponseReturnValue:
        return desk.keep(number)

    @views.post("/<int:number>/copy")
    def copy(number: int) -> ResponseReturnValue:
        return desk.copy(number)


class Writing:
    """What the one who is signed in is writing."""

    def __init__(self, pushing: Pushing) -> None:
        self._pushing, self._console = pushing, pushing.console

    # --- beginning ------------------------------------------------------------------------------

    def choices(self) -> str:
        with self._console.database.reading() as records:
            kept = templates_in_use(records)
            records.expunge_all()
        presets = read_presets()
        return self._console.render("push/new.html", kept=kept, presets=presets, purposes=PURPOSES)

    def begin(self) -> ResponseReturnValue:
        """From a preset, from a kept message, or from nothing."""
        preset, name = request.form.get("preset", ""), request.form.get("template", "")
        purpose = request.form.get("purpose", "service")
        begun = Begun("未命名", purpose if purpose in PURPOSES else "service", EMPTY, {})
        if preset:
            one = read_presets().get(preset) or abort(404)
            begun = Begun(one.label, one.purpose, one.message, one.audience)
        elif name:
            with self._console.database.reading() as records:
                kept = latest(records, name) or abort(404)
                begun = Begun(kept.name, begun.purpose, kept.message, {})
        return redirect(url_for("push.message", number=self._draft(begun)), 303)

    def copy(self, number: int) -> ResponseReturnValue:
        """One's own, with the same words, for the same segment; a list is not taken along."""
        with self._pushing.looking(number) as (_, like):
            if like.kind != "message":
                raise Refused("这一种不能照样另起。")
            audience = {} if is_listed(like) else like.audience
            begun = Begun(like.name, like.purpose, like.message, audience)
        return redirect(url_for("push.message", number=self._draft(begun)), 303)

    def _draft(self, begun: Begun) -> int:
        """Its number. Of somebody with districts, for their districts alone."""
        console, audience = self._console, dict(begun.audience)
        if self._pushing.districts:
            theirs = set(audience.get("districts", ())) & set(self._pushing.districts)
            audience["districts"] = sorted(theirs) or list(self._pushing.districts)
        begun = Begun(begun.name, begun.purpose, begun.message, audience)
        total = self._pushing.count(begun.purpose, audience)
        with console.database.writing() as records:
            draft = new_draft(records, console.city, begun, console.now(), by=console.me.by)
            draft.total = total
            return draft.id

    # --- the message ----------------------------------------------------------------------------

    def page(self, number: int) -> ResponseReturnValue:
        with self._pushing.looking(number) as (_, campaign):
            typed = {
                "name": campaign.name, "purpose": campaign.purpose,
                **typed_of(campaign.message),
            }  # fmt: skip
            is_new = campaign.revision == 1
            return self._form(campaign, typed, show_faults=not is_new)

    def write(self, number: int) -> ResponseReturnValue:
        """Kept as it is typed, with what is still wrong; or looked at without being kept."""
        typed = {name: text[:2000] for name, text in request.form.items()}
        if "preview" in request.form:
            with self._pushing.looking(number) as (_, campaign):
                return self._form(campaign, typed)
        with self._console.database.writing() as records:
            campaign = self._pushing.own(records, number)
            if request.form.get("revision", -1, type=int) != campaign.revision:
                return self._form(campaign, typed, fault=STALE), 409
            change(records, campaign, self._columns(campaign, typed))
            wrong = self._wrong(campaign, typed)
            if wrong:
                return self._form(campaign, typed, kept=True), 422
        after = "push.message" if "stay" in request.form else "push.audience"
        return redirect(url_for(after, number=number), 303)

    def _columns(self, campaign: Campaign, typed: Mapping[str, str]) -> dict[str, Any]:
        """A list was chosen for its purpose: with another it would be other people."""
        purpose = typed.get("purpose", "")
        name = typed.get("name", "").strip()[:LONGEST_NAME]
        fixed = is_listed(campaign) or purpose not in PURPOSES
        return {
            "name": name or "未命名",
            "purpose": campaign.purpose if fixed else purpose,
            "message": message_of(typed),
        }

    def _wrong(self, campaign: Campaign, typed: Mapping[str, str]) -> dict[str, Any]:
        message = Message.read(message_of(typed))
        purpose = "" if is_listed(campaign) else typed.get("purpose", "")
        of_applications = is_of_applications(campaign, purpose)
        wrong = wrong_of(message, self._console.templates, of_applications=of_applications)
        if not typed.get("name", "").strip():
            wrong["name"] = ["要填"]
        return wrong

    def _form(
        self,
        campaign: Campaign,
        typed: Mapping[str, str],
        *,
        fault: str = "",
        show_faults: bool = True,
        kept: bool = False,
    ) -> str:
        console = self._console
        shown = preview(Message.read(message_of(typed)), console.templates, console.texts)
        return console.render(
            "push/message.html",
            campaign=campaign,
            typed=typed,
            fault=fault,
            kept=kept,
            wrong=self._wrong(campaign, typed) if show_faults else {},
            preview=shown,
            is_listed=is_listed(campaign),
            mine=campaign.written_by == console.me.by,
            wordings=console.templates.wanted("template"),
            texts=self._texts(),
            links=LINKS,
            purposes_of=PURPOSES,
            acts=ACTS,
            options=OPTIONS,
            most=MOST_CHARACTERS,
            thing=LONGEST_THING,
            params=PARAMS,
        )

    def _texts(self) -> dict[str, str]:
        """Registered SMS that a campaign can fill in, by name, as they read in Chinese."""
        fills = OF_AN_APPLICATION | {"status", "note"}
        return {
            name: text.text
            for name, text in self._console.city.sms.items()
            if not name.endswith("_en") and fills.issuperset(text.params)
        }

    # --- keeping it for another time -------------------------------------------------------------

    def keep(self, number: int) -> ResponseReturnValue:
        """As another version of a kept message, by a name."""
        console, name = self._console, request.form.get("template", "").strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise Refused("模板要有名称，最多 64 个字。")
        with self._pushing.doing(number, "push.keep", name) as (records, campaign):
            by, now = console.me.by, console.now()
            kept = keep_template(records, name, campaign.message, now, by=by)
            flash(f"已存为模板“{kept.name}”第 {kept.version} 版。")
        return redirect(url_for("push.campaign", number=number), 303)
