"""What is done with a campaign, by whom, and what is said where it cannot be done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.console.push.shown import AT_ONCE
from models.audit import audit_of
from models.people import account_of, find_account
from models.push.campaigns import GROWN, events_of, locked
from models.push.deliveries import Delivery
from models.push.stages import Stage
from models.staff import Role, Staff
from tests.bot.console.pushes import Pushes, number_in
from tests.bot.console.staffed import Desk, Staffed

FULL = "119904"
"""A district with more people than one may tell alone."""


@pytest.fixture(scope="module")
def pushes(console: Staffed) -> Pushes:
    made = Pushes(console)
    for _ in range(console.parts.city.push.alone_below):
        made.person(district=FULL)
    return made


@pytest.fixture
def editor(console: Staffed) -> Desk:
    return console.desk(Role.PUSH_EDITOR)


@pytest.fixture
def approver(console: Staffed) -> Desk:
    return console.desk(Role.PUSH_APPROVER, Role.PUSH_EDITOR)


def whole(pushes: Pushes, editor: Desk, **columns: Any) -> int:
    return pushes.draft(editor, districts=(FULL,), **columns)


def said(answer: Any, words: str) -> tuple[int, bool]:
    return answer.status_code, words in answer.text


def test_the_forecast_stands_before_proposing_and_before_approving(
    pushes: Pushes, editor: Desk, approver: Desk
) -> None:
    number = whole(pushes, editor)
    for desk in (editor, approver):
        page = desk.get(f"/push/{number}").text
        assert "共 <strong>50</strong> 人" in page and "微信公众号会话消息" in page
        assert "短信费 0.00 元，上限 0.00 元" in page
        if desk is editor:
            assert "提交，请另一个人批准" in page
            assert editor.post(f"/push/{number}/propose", revision="1").status_code == 303
    assert ">批准</button>" in approver.get(f"/push/{number}").text


def test_a_campaign_for_many_wants_two_people(
    console: Staffed, pushes: Pushes, approver: Desk
) -> None:
    number = whole(pushes, approver)
    approver.post(f"/push/{number}/propose", revision="1")
    assert pushes.campaign(number).stage == Stage.PROPOSED
    assert ">批准</button>" not in approver.get(f"/push/{number}").text
    own = approver.post(f"/push/{number}/approve", revision="1")
    assert said(own, "自己起草的，要由另一个人批准") == (409, True)
    assert said(approver.post(f"/push/{number}/refuse", reason="x"), "另一个人批准") == (409, True)
    assert pushes.campaign(number).stage == Stage.PROPOSED
    other = console.desk(Role.PUSH_APPROVER)
    assert other.post(f"/push/{number}/approve", revision="1").status_code == 303
    approved = pushes.campaign(number)
    assert (approved.stage, approved.total) == (Stage.APPROVED, 50)
    assert approved.approved_by == f"staff:{other.staff_id}"
    with console.parts.database.reading() as records:
        assert [e.to_stage for e in events_of(records, number)] == ["proposed", "approved"]
        acts = [event.act for event in audit_of(records, f"push:{number}")]
    assert acts == ["push.propose", "push.approve"]  # what was refused is not in it


def test_an_editor_approves_nothing(pushes: Pushes, editor: Desk, console: Staffed) -> None:
    number = pushes.at(editor, Stage.PROPOSED)
    other = console.desk(Role.PUSH_EDITOR)
    assert other.post(f"/push/{number}/approve", revision="1").status_code == 403
    assert console.desk(Role.PUSH_APPROVER).post("/push/new", preset="branch").status_code == 403


def test_a_campaign_for_few_wants_nobody_else(pushes: Pushes, editor: Desk) -> None:
    pushes.person(district="119903")
    number = pushes.draft(editor, districts=("119903",))
    assert "不用另一个人批准" in editor.get(f"/push/{number}").text
    assert editor.post(f"/push/{number}/propose", revision="1").status_code == 303
    made = pushes.campaign(number)
    assert (made.stage, made.approved_by) == (Stage.APPROVED, f"staff:{editor.staff_id}")


def test_what_was_approved_is_what_was_looked_at(
    pushes: Pushes, editor: Desk, approver: Desk
) -> None:
    number = whole(pushes, editor)
    assert said(editor.post(f"/push/{number}/propose", revision="0"), "又有人改过") == (409, True)
    editor.post(f"/push/{number}/propose", revision="1")
    editor.post(f"/push/{number}/withdraw")
    form = {"name": "另一句", "chat.zh_CN": "另一句", "chat.en": "Another", "revision": "1"}
    assert editor.post(f"/push/{number}/message", **form).status_code == 303
    editor.post(f"/push/{number}/propose", revision="2")
    for stale in ({"revision": "1"}, {}, {"revision": "x"}):
        answer = approver.post(f"/push/{number}/approve", **stale)
        assert said(answer, "又有人改过") == (409, True)
    assert approver.post(f"/push/{number}/approve", revision="2").status_code == 303


def test_what_would_cost_too_much_cannot_be_proposed(pushes: Pushes, editor: Desk) -> None:
    for _ in range(2):  # nobody's chat is open: they would get an SMS
        pushes.person(district="119902", silent_days=3)
    message = {**pushes.campaign(whole(pushes, editor)).message, "sms": "action"}
    number = pushes.draft(editor, districts=("119902",), message=message, cost_cap=9)
    page = editor.get(f"/push/{number}").text
    assert "短信要 0.10 元，超过费用上限 0.09 元" in page and "开始发送" not in page
    refused = editor.post(f"/push/{number}/propose", revision="1")
    assert said(refused, "超过费用上限") == (409, True)
    assert pushes.campaign(number).stage == Stage.DRAFT
    number = pushes.draft(editor, districts=("119902",), message=message, cost_cap=10)
    assert "短信费 0.10 元" in editor.get(f"/push/{number}").text
    assert editor.post(f"/push/{number}/propose", revision="1").status_code == 303


def test_what_reaches_nobody_or_comes_too_late_cannot_be_proposed(
    pushes: Pushes, editor: Desk
) -> None:
    empty = pushes.draft(editor, audience={"districts": [FULL], "age_from": 130})
    late = whole(pushes, editor, expires_at=pushes.console.clock() - timedelta(hours=1))
    quiet = whole(pushes, editor, from_hour=22, until_hour=23)
    for number, words in ((empty, "没有选到人"), (late, "截止时间已经过了"), (quiet, "时段")):
        assert said(editor.post(f"/push/{number}/propose", revision="1"), words) == (409, True)
        assert pushes.campaign(number).stage == Stage.DRAFT


def test_after_the_first_people_somebody_looks_and_goes_on_or_stops(
    pushes: Pushes, editor: Desk, approver: Desk
) -> None:
    on, off = (pushes.at(editor, Stage.LOOK) for _ in range(2))
    for number in (on, off):
        pushes.listed(number, 500)
        pushes.ended(number, sent=45, failed_account=5)
    page = approver.get(f"/push/{on}").text
    assert "先发的 50 人发完了" in page and "我们的账号不能发 5 人" in page and "退订 0 人" in page
    assert approver.post(f"/push/{on}/resume").status_code == 303
    assert pushes.campaign(on).stage == Stage.RUNNING
    assert said(approver.post(f"/push/{off}/stop"), "请写明原因") == (409, True)
    assert approver.post(f"/push/{off}/stop", reason="失败太多").status_code == 303
    stopped = pushes.campaign(off)
    assert (stopped.stage, stopped.reason) == (Stage.STOPPED, "失败太多")
    assert "失败太多" in editor.get(f"/push/{off}").text


def test_it_is_halted_gone_on_with_and_stopped(pushes: Pushes, editor: Desk) -> None:
    number = pushes.at(editor, Stage.RUNNING)
    assert editor.post(f"/push/{number}/pause").status_code == 303
    assert pushes.campaign(number).stage == Stage.PAUSED
    twice = editor.post(f"/push/{number}/pause")
    assert said(twice, "现在是“暂停”，不能这样做") == (409, True)
    assert editor.post(f"/push/{number}/resume").status_code == 303
    assert editor.post(f"/push/{number}/stop", reason="发错了").status_code == 303
    for act in ("resume", "pause", "withdraw"):
        answer = editor.post(f"/push/{number}/{act}")
        assert said(answer, "现在是“已停止”") == (409, True), act


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("failed 12 of 100", "100 次里失败了 12 次，超过限度，自动暂停"),
        ("left 3 of 100", "收到的 100 人里有 3 人退订，超过限度，自动暂停"),
        (GROWN, "人数比提交时多了，要另一个人批准"),
        ("failed 12 of 100 <b>", "failed 12 of 100 &lt;b&gt;"),
    ],
)
def test_what_the_clock_or_a_bound_did_says_why(
    pushes: Pushes, editor: Desk, reason: str, words: str
) -> None:
    number = pushes.at(editor, Stage.PAUSED)
    with pushes.console.parts.database.writing() as records:
        locked(records, number).reason = reason
    assert words in editor.get(f"/push/{number}").text


def test_those_that_failed_are_tried_once_more_by_reason(pushes: Pushes, editor: Desk) -> None:
    number = pushes.at(editor, Stage.RUNNING)
    pushes.listed(number, 20)
    pushes.ended(number, sent=10, failed_account=4, failed_permanent=6)
    pushes.move(number, Stage.DONE)
    page = editor.get(f"/push/{number}").text
    assert "我们的账号不能发（4 人）" in page and "对方收不了（6 人）" in page
    assert said(editor.post(f"/push/{number}/again"), "请先选原因") == (409, True)
    assert editor.post(f"/push/{number}/again", reason=["account"]).status_code == 303
    assert pushes.campaign(number).stage == Stage.RUNNING
    assert pushes.deliveries(number) == {"sent": 10, "waiting": 4, "failed": 6}
    nobody = editor.post(f"/push/{number}/again", reason=["account"])
    assert said(nobody, "没有因为这些原因") == (409, True)
    stopped = pushes.at(editor, Stage.STOPPED)
    assert editor.post(f"/push/{stopped}/again", reason=["account"]).status_code == 409


def test_who_did_what_stands_on_the_page(pushes: Pushes, editor: Desk, approver: Desk) -> None:
    number = whole(pushes, editor)
    editor.post(f"/push/{number}/propose", revision="1")
    approver.post(f"/push/{number}/refuse", reason="时间不合适")
    page = approver.get(f"/push/{number}").text
    assert "没有批准" in page and "时间不合适" in page and "李工" in page


# --- trials --------------------------------------------------------------------------------------


def test_a_trial_goes_to_ones_own_account_and_to_nobody_else(
    console: Staffed, pushes: Pushes, editor: Desk, approver: Desk
) -> None:
    number = whole(pushes, editor)
    assert said(editor.post(f"/push/{number}/trial"), "还没有绑定试发的账号") == (409, True)
    with console.parts.database.writing() as records:
        account_of(records, "wechat:wx1:oTrial", console.clock())
        records.get_one(Staff, editor.staff_id).account_key = "wechat:wx1:oTrial"
    trial = number_in(editor.post(f"/push/{number}/trial").location)
    made = pushes.campaign(trial)
    assert (made.kind, made.stage, made.priority, made.total) == ("test", Stage.APPROVED, 100, 1)
    assert made.from_hour == made.until_hour
    assert "{" not in made.message["chat"]["zh_CN"]  # they have no application: samples
    assert made.message["wording"] == ""
    with console.parts.database.reading() as records:
        found = find_account(records, "wechat:wx1:oTrial")
        assert found and records.get(Delivery, (trial, found.recipient))
    assert editor.get(f"/push/{trial}").status_code == 200
    assert approver.get(f"/push/{trial}").status_code == 404
    assert editor.post(f"/push/{trial}/copy").status_code == 409


def test_the_code_that_links_an_account_stands_on_one_page(console: Staffed, editor: Desk) -> None:
    wanted = re.compile(r"绑定工作号 <strong>(\d{6})</strong>")
    assert not wanted.search(editor.get("/push/link").text)
    shown = wanted.search(editor.post("/push/link").text)
    assert shown
    with console.parts.database.reading() as records:
        me = records.get_one(Staff, editor.staff_id)
        assert shown[1] not in me.link_hash and len(me.link_hash) == 64
    with console.parts.database.writing() as records:
        records.get_one(Staff, editor.staff_id).account_key = "alipay:2021:x"
    assert "支付宝生活号" in editor.get("/push/link").text
    assert "还没有绑定" in editor.post("/push/link", unlink="1").text


def test_for_very_many_the_forecast_is_asked_for_before_anything_is_decided(
    pushes: Pushes, editor: Desk, approver: Desk
) -> None:
    number = whole(pushes, editor, total=AT_ONCE + 1)
    page = editor.get(f"/push/{number}").text
    assert "试算（人多，要等一会儿）" in page and "提交，请另一个人批准" not in page
    assert "共 <strong>50</strong> 人" in editor.get(f"/push/{number}?forecast=1").text
    pushes.move(number, Stage.PROPOSED)
    assert ">批准</button>" not in approver.get(f"/push/{number}").text
    assert ">批准</button>" in approver.get(f"/push/{number}?forecast=1").text


def test_what_cannot_be_sent_is_not_tried_either(
    console: Staffed, pushes: Pushes, editor: Desk
) -> None:
    with console.parts.database.writing() as records:
        account_of(records, "wechat:wx1:oTrial", console.clock())
        records.get_one(Staff, editor.staff_id).account_key = "wechat:wx1:oTrial"
    number = whole(pushes, editor, message={"chat": {"zh_CN": "{nobody}"}})
    assert said(editor.post(f"/push/{number}/trial"), "改好再试发") == (409, True)
