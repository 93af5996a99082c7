"""Whom a campaign is for: a segment with its count, or a file of numbers or phones."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records
from werkzeug.datastructures import MultiDict

from bot.console.csv import Column, csv_text
from bot.console.push.audience_form import BOUNDS, groups_of, read_segment
from bot.console.push.list_file import MAX_ROWS, read_list
from bot.console.push.pushing import STALE, Pushing, Refused, is_listed, purpose_named
from bot.console.push.words import PURPOSES, WHY_LEFT
from bot.console.sheets import UnreadableFile
from models.push.audience import add_listed
from models.push.campaigns import Campaign, change
from models.push.ending import drop_deliveries
from models.push.listed import Left, Matched, match
from models.push.stages import ForbiddenStage, Stage

Row = tuple[int, str, str]
SHOWN = 50  # rows of a file that add nobody


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: `people` of `rows`; the first rows that add nobody, how many for each
    reason, and a file of all of them."""

    rows: int
    people: int
    left: Sequence[Row]
    reasons: Sequence[tuple[str, int]]
    more: int
    file: str


def choosing_views(views: Blueprint, pushing: Pushing) -> None:
    """`/push/<number>/audience` and `/push/<number>/list`."""
    desk = Choosing(pushing)

    @views.route("/<int:number>/audience", methods=["GET", "POST"])
    def audience(number: int) -> ResponseReturnValue:
        return desk.choose(number) if request.method == "POST" else desk.page(number)

    @views.post("/<int:number>/list")
    def take_file(number: int) -> ResponseReturnValue:
        return desk.take_file(number)


class Choosing:
    """The audience of a draft."""

    def __init__(self, pushing: Pushing) -> None:
        self._pushing, self._console = pushing, pushing.console

    def page(self, number: int) -> ResponseReturnValue:
        with self._pushing.looking(number) as (_, campaign):
            return self._page(campaign, campaign.audience, self._kept(campaign))

    def choose(self, number: int) -> ResponseReturnValue:
        """Kept, or counted without being kept."""
        with self._pushing.looking(number) as (_, campaign):
            groups = self._groups({})
        audience, wrong = read_segment(request.form, groups, self._pushing.districts)
        if wrong or "count" in request.form:
            return self._page(campaign, audience, request.form, wrong=wrong), 422 if wrong else 200
        total = self._pushing.count(campaign.purpose, audience)
        with self._console.database.writing() as records:
            campaign = self._pushing.own(records, number)
            if request.form.get("revision", -1, type=int) != campaign.revision:
                return self._page(campaign, audience, request.form, fault=STALE), 409
            change(records, campaign, {"audience": audience, "total": total})
            drop_deliveries(records, number)
        return redirect(url_for("push.schedule", number=number), 303)

    def take_file(self, number: int) -> ResponseReturnValue:
        """Whom a file means; the file itself is kept nowhere."""
        upload = request.files.get("file")
        try:
            rows = read_list(upload.read() if upload else b"")
        except UnreadableFile as fault:
            with self._pushing.looking(number) as (_, campaign):
                said = f"文件没有读入：{fault}。"
                return self._page(campaign, campaign.audience, {}, fault=said), 422
        with self._pushing.looking(number) as (records, campaign):
            self._may_be_listed(campaign)
            found = match(
                records, self._console.keys, rows, purpose=purpose_named(campaign.purpose),
                prefix=self._console.city.acceptance_prefix, districts=self._pushing.districts,
            )  # fmt: skip
        with self._pushing.doing(number, "push.list", rows=len(rows)) as (records, campaign):
            self._may_be_listed(campaign)
            self._keep(records, campaign, found)
            taken = _taken(len(rows), found)
            return self._page(campaign, campaign.audience, {}, taken=taken)

    def _may_be_listed(self, campaign: Campaign) -> None:
        """Looked at before the file is matched, which holds no lock, and again behind one."""
        self._pushing.writes(campaign)
        if campaign.at is not Stage.DRAFT:
            raise ForbiddenStage(campaign.at, Stage.DRAFT)
        if request.form.get("revision", -1, type=int) != campaign.revision:
            raise Refused(STALE)

    def _keep(self, records: Records, campaign: Campaign, found: Matched) -> None:
        """The good rows, where there are any; else whatever was chosen before stays."""
        if not found.people:
            return
        audience: dict[str, Any] = {
            "list": len(found.people),
            "numbered": all(found.people.values()),
        }
        if self._pushing.districts:
            audience["districts"] = list(self._pushing.districts)
        change(records, campaign, {"audience": audience})
        add_listed(records, campaign, found.people)

    # --- the page ---------------------------------------------------------------------------------

    def _kept(self, campaign: Campaign) -> dict[str, str]:
        """The bounds of the segment that was kept."""
        return {name: str(campaign.audience.get(name, "")) for name in BOUNDS}

    def _groups(self, audience: Mapping[str, Any]) -> Any:
        console = self._console
        channels = sorted(console.rungs)
        return groups_of(console.city, audience, self._pushing.districts, channels)

    def _page(
        self,
        campaign: Campaign,
        audience: Mapping[str, Any],
        typed: Mapping[str, str] | MultiDict[str, str],
        *,
        wrong: Mapping[str, str] | None = None,
        fault: str = "",
        taken: Taken | None = None,
    ) -> str:
        is_listed_now = "list" in audience
        return self._console.render(
            "push/audience.html",
            campaign=campaign,
            groups=self._groups({} if is_listed_now else audience),
            typed={name: typed.get(name, "") for name in BOUNDS},
            count=None if wrong else self._counted(campaign, audience),
            wrong=wrong or {},
            fault=fault,
            taken=taken,
            is_listed=is_listed(campaign),
            purpose=PURPOSES.get(campaign.purpose, ""),
            mine=campaign.written_by == self._console.me.by,
            most=MAX_ROWS,
            shown=SHOWN,
        )

    def _counted(self, campaign: Campaign, audience: Mapping[str, Any]) -> int:
        if "list" in audience:
            return campaign.total
        return self._pushing.count(campaign.purpose, audience)


def _taken(rows: int, found: Matched) -> Taken:
    left = [(each.row, each.text, _said(each)) for each in found.left]
    reasons = Counter(WHY_LEFT[each.why] for each in found.left)
    shown, more = left[:SHOWN], max(0, len(left) - SHOWN)
    return Taken(rows, len(found.people), shown, reasons.most_common(), more, _file(left))


def _said(left: Left) -> str:
    return f"和第 {left.of} 行重复" if left.why == "twice" else WHY_LEFT[left.why]


def _file(left: Sequence[Row]) -> str:
    """As a link holds it: nothing of the file is kept here to be fetched later."""
    columns = [Column[Row](head, itemgetter(n)) for n, head in enumerate(("行", "内容", "原因"))]
    return base64.b64encode(csv_text(columns, left).encode()).decode()
