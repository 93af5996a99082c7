"""Campaigns that the clock makes, as staff see them: apart from their own, watched and halted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.push.deliveries import Delivery
from models.push.ending import End, end
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.pushes import NAME, Pushes
from tests.bot.console.staffed import Desk, Staffed

DAY = timedelta(days=1)


@pytest.fixture
def pushes(console: Staffed) -> Pushes:
    return Pushes(console)


@pytest.fixture
def editor(console: Staffed) -> Desk:
    return console.desk(Role.PUSH_EDITOR)


def sections(editor: Desk) -> dict[str, list[str]]:
    """The campaigns of each part of the list, by name."""
    page = editor.get("/push").text
    parts = [part.split("</h2>", 1) for part in page.split("<h2>")[1:]]
    return {title: re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', of) for title, of in parts}


def test_they_have_a_part_of_the_list_to_themselves_and_what_was_halted_is_seen(
    pushes: Pushes, editor: Desk
) -> None:
    pushes.at(editor, Stage.RUNNING)
    made = [pushes.reminder(days=day) for day in range(14)]
    editor.post(f"/push/{made[3]}/pause", reason="先停一下")
    listed = sections(editor)
    assert listed["在发"] == [NAME]
    assert listed["已经结束"] == listed["草稿"] == []
    assert [name.split()[0] for name in listed["要有人看"]] == ["领卡提醒"]
    assert len(listed["自动提醒"]) == 12
    assert set(listed["自动提醒"]).isdisjoint(listed["要有人看"])


def test_its_page_says_whence_its_words_come_and_why_somebody_was_not_told(
    pushes: Pushes, editor: Desk
) -> None:
    number = pushes.reminder()
    with pushes.console.parts.database.writing() as records:
        theirs = select(Delivery.recipient).where(Delivery.campaign_id == number)
        (who,) = records.scalars(theirs)
        end(records, number, [End(who, "skipped", "", "over")], pushes.console.clock())
    page = editor.get(f"/push/{number}").text
    for said in (
        "自动提醒", "当天到期的人，陆续加进来", "系统自动发，没有人起草和批准", "系统（定时）",
        "事情已经办了，不用再提醒", "9 点到 20 点", "前没有领，会封存",
        "还没有发到的人，明天另起一批再提醒",
    ):  # fmt: skip
        assert said in page, said
    for act in ("propose", "copy", "message"):
        assert f"/push/{number}/{act}" not in page, act


def test_staff_halt_it_go_on_with_it_and_end_it_and_change_none_of_it(
    pushes: Pushes, editor: Desk
) -> None:
    number = pushes.reminder()
    for act, stage in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert editor.post(f"/push/{number}/{act}", reason="看一下").status_code == 303
        assert pushes.campaign(number).stage == stage
    for act in ("message", "schedule", "audience", "copy", "propose", "withdraw"):
        assert editor.post(f"/push/{number}/{act}", revision=1, name="改").status_code == 409, act
    assert pushes.campaign(number).revision == 1


def test_who_has_districts_sees_none_of_them(console: Staffed, pushes: Pushes) -> None:
    number = pushes.reminder()
    mine = console.desk(Role.PUSH_EDITOR, districts=("119901",))
    assert mine.get(f"/push/{number}").status_code == 404
    assert sections(mine)["自动提醒"] == []
