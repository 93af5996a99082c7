"""A campaign as it goes, what people said to it, and the files that are taken along."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from bot.console.push import exporting
from bot.console.push.words import PARAMS
from models.applications import find_application
from models.audit import audit_of
from models.push.aftermath import record_receipts
from models.push.answers import forget_words
from models.push.campaigns import locked
from models.push.counts import SAID_NO, add_counts
from models.push.deliveries import Delivery
from models.push.mass_results import MassResult, record_mass_result
from models.push.masses import gather, masses_of
from models.push.messages import OF_AN_APPLICATION
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.pushes import Pushes
from tests.bot.console.staffed import Desk, Staffed
from tests.bot.console.test_hostile_values import Page, hostile

WHY = {"purpose": "complaint", "reason": "有人投诉"}


@pytest.fixture
def pushes(console: Staffed) -> Pushes:
    return Pushes(console)


@pytest.fixture
def editor(console: Staffed) -> Desk:
    return console.desk(Role.PUSH_EDITOR)


def table(answer: TestResponse) -> list[list[str]]:
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_what_the_script_asks_for_is_what_the_page_shows(pushes: Pushes, editor: Desk) -> None:
    number = pushes.at(editor, Stage.RUNNING)
    pushes.listed(number, 200)
    pushes.ended(number, sent=40, failed_account=3, skipped_stopped=7)
    with pushes.console.parts.database.writing() as records:
        left = {("left", "wechat:chat", "window 45015"): 4}
        add_counts(records, number, Counter({SAID_NO: 2, **left}))
    told = editor.get(f"/push/{number}/progress.json").json
    assert told is not None
    assert (told["stage"], told["total"], told["ended"], told["open"]) == ("running", 200, 50, 150)
    assert (told["percent"], told["unsubscribed"], told["again"]) == (25.0, 2, 1500)
    assert told["rows"] == [
        ["已发出", "微信公众号模板消息", "", 40],
        ["没发成", "微信公众号模板消息", "我们的账号不能发", 3],
        ["不能发", "", "本人已退订", 7],
    ]
    assert told["left_roads"] == [["微信公众号会话消息", "超出会话时间（45015）", 4]]
    page = editor.get(f"/push/{number}").text
    assert "25.0" in page and "本人已退订" in page
    chart = editor.get(f"/push/{number}/outcomes.svg")
    assert chart.mimetype == "image/svg+xml" and "还没发" in chart.text and "150" in chart.text
    pushes.move(number, Stage.DONE)
    done = editor.get(f"/push/{number}/progress.json").json
    assert done is not None and done["left"] == ""


def test_receipts_are_counted_by_road_and_word(pushes: Pushes, editor: Desk) -> None:
    number = pushes.at(editor, Stage.RUNNING)
    pushes.listed(number, 3)
    pushes.ended(number, sent=3)
    with pushes.console.parts.database.writing() as records:
        rows = records.scalars(select(Delivery).where(Delivery.campaign_id == number)).all()
        results = ("success", "failed:user block", "failed:odd")
        for row in rows:
            row.sent_as = f"m{number}-{row.recipient}"
        records.flush()
        told = [(str(row.sent_as), word) for row, word in zip(rows, results, strict=True)]
        record_receipts(records, told)
    told_now = editor.get(f"/push/{number}/progress.json").json
    assert told_now is not None
    assert told_now["receipts"] == [
        ["微信公众号模板消息：failed:odd", 1],
        ["微信公众号模板消息：用户拒收", 1],
        ["微信公众号模板消息：送达", 1],
    ]


def test_the_batches_of_mass_sends_are_shown_with_their_numbers(
    pushes: Pushes, editor: Desk
) -> None:
    message = {"chat": {"zh_CN": "停机公告", "en": "Closed"}, "mass": True}
    number = pushes.at(editor, Stage.RUNNING, message=message)
    now = pushes.console.clock()
    with pushes.console.parts.database.writing() as records:
        done = gather(records, locked(records, number), "wx1", "zh_CN", 5, now)[0]
        gather(records, locked(records, number), "wx1", "en", 2, now)
        mass = next(each for each in masses_of(records, number) if each.name == done.sent_as)
        mass.state, mass.sent_as = "called", f"at-{number}"
        records.flush()
        assert record_mass_result(records, f"at-{number}", MassResult("", 4, 3, 1))
    told = editor.get(f"/push/{number}/progress.json").json
    assert told is not None
    assert told["masses"] == [
        ["中文", "已有结果", 5, "4", "3", "1"],
        ["英文", "等人齐", 2, "—", "—", "—"],
    ]
    assert told["receipts"] == [
        ["微信公众号群发：平台没送到", 1],
        ["微信公众号群发：超过平台的频率，或者用户不收", 1],
        ["微信公众号群发：送达", 3],
    ]
    assert "已有结果" in editor.get(f"/push/{number}").text


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(pushes: Pushes, editor: Desk) -> None:
    number = pushes.at(editor, Stage.RUNNING)
    idle = pushes.console.parts.city.console.idle_minutes
    for _ in range(idle - 1):
        pushes.console.clock.shift(timedelta(minutes=1))
        assert editor.get(f"/push/{number}/progress.json").status_code == 200
        assert editor.get(f"/push/{number}/outcomes.svg").status_code == 200
    pushes.console.clock.shift(timedelta(minutes=2))
    assert editor.get(f"/push/{number}/progress.json").status_code == 303


def test_a_list_of_campaigns_is_a_few_statements(pushes: Pushes, editor: Desk) -> None:
    for _ in range(5):
        number = pushes.at(editor, Stage.RUNNING, name="一百人")
        pushes.listed(number, 100)
        pushes.ended(number, sent=7, failed_account=2)
    said: list[str] = []
    with pushes.console.parts.database.reading() as records:
        event.listen(records.get_bind(), "before_cursor_execute", lambda *a: said.append(a[2]))
    page = editor.get("/push").text
    assert page.count("9／100") == 5
    assert len(said) < 15


def test_quiet_hours_are_said(pushes: Pushes, editor: Desk) -> None:
    hour = pushes.console.clock().astimezone(pushes.console.parts.city.tz).hour
    number = pushes.at(editor, Stage.RUNNING, from_hour=(hour + 2) % 24, until_hour=(hour + 3) % 24)
    told = editor.get(f"/push/{number}/progress.json").json
    assert told is not None and "现在不在可以发的时段" in told["waits"]


def test_outcomes_are_taken_along_masked_and_audited(pushes: Pushes, editor: Desk) -> None:
    about = pushes.person(district="119902")
    number = pushes.at(editor, Stage.RUNNING, districts=("119902",), name="=1+1")
    pushes.expand(number)
    pushes.ended(number, sent=1)
    for form in ({}, {"purpose": "complaint"}, {"purpose": "x", "reason": "y"}):
        assert editor.post(f"/push/{number}/outcomes.csv", **form).status_code == 422
    answer = editor.post(f"/push/{number}/outcomes.csv", **WHY)
    head, row = table(answer)
    assert head[:4] == ["受理号", "结果", "途径", "原因"]
    assert row[:3] == [f"****{about[-4:]}", "已发出", "微信公众号模板消息"]
    assert about not in answer.text
    with pushes.console.parts.database.reading() as records:
        (noted,) = audit_of(records, f"push:{number}")
        assert (noted.act, noted.reason) == ("push.export", "有人投诉")
        assert noted.detail == {"role": "push_editor", "purpose": "complaint"}


def test_answers_are_opened_for_a_purpose_which_their_people_are_told(
    pushes: Pushes, editor: Desk
) -> None:
    text = hostile("answer")
    number, one, _ = pushes.answered(editor, text)
    page = editor.get(f"/push/{number}/answers").text
    assert "1 换网点" in page and "有文字，没有打开" in page and text not in Page(page).text
    assert editor.post(f"/push/{number}/answers", purpose="other").status_code == 422
    opened = editor.post(f"/push/{number}/answers", **WHY).text
    shown = Page(opened)
    assert text in shown.text and shown.faults == [] and one in shown.text
    with pushes.console.parts.database.reading() as records:
        (noted,) = audit_of(records, f"push:{number}")
        assert noted.act == "push.answers"
        about = find_application(records, one)
        assert about
        assert [e.act for e in audit_of(records, f"application:{about.id}")] == ["application.view"]


def test_words_that_were_deleted_by_their_age_are_said_to_be(pushes: Pushes, editor: Desk) -> None:
    number, _, _ = pushes.answered(editor, "好")
    with pushes.console.parts.database.writing() as records:
        forget_words(records, pushes.console.clock() + timedelta(days=1))
    page = editor.get(f"/push/{number}/answers").text
    assert page.count("过了保存期，已经删掉") == 1 and "有文字，没有打开" not in page


def test_who_said_nothing_is_counted_and_taken_along(pushes: Pushes, editor: Desk) -> None:
    number, one, other = pushes.answered(editor, "好")
    found = re.search(
        r"收到的 2 人里，<strong>1</strong> 人没有回答", editor.get(f"/push/{number}/answers").text
    )
    assert found
    rows = table(editor.post(f"/push/{number}/silent.csv", **WHY))
    assert [row[0] for row in rows] == ["受理号", other]
    assert one not in str(rows)


def test_what_somebody_wrote_is_text_on_every_page_of_a_campaign(
    pushes: Pushes, editor: Desk
) -> None:
    form = {
        "name": hostile("name")[:64], "chat.zh_CN": hostile("chat"), "chat.en": "x",
        "link": hostile("link"), "option1.zh_CN": "<b>&\"'", "option1.en": "<script>x()",
        "revision": "1",
    }  # fmt: skip
    number = pushes.draft(editor)
    answers = [editor.post(f"/push/{number}/message", **form)]
    answers.append(editor.post(f"/push/{number}/keep", template="<script>x()</script>"))
    answers += [
        editor.get(f"/push{path}")
        for path in ("", "/new", f"/{number}", f"/{number}/message", f"/{number}/audience",
                     f"/{number}/schedule", f"/{number}/answers", "/templates",
                     "/templates/<script>x()</script>")
    ]  # fmt: skip
    answers.append(editor.post(f"/push/{number}/stop", reason=hostile("reason")))
    answers.append(editor.get(f"/push/{number}"))
    upload = io.BytesIO(f"受理号\n{hostile('row')[:60]}\n".encode()), "x.csv"
    answers.append(editor.post(f"/push/{pushes.draft(editor)}/list", file=upload, revision="1"))
    shown = ""
    for answer in answers:
        assert answer.status_code in (200, 303, 422), answer.request.path
        page = Page(answer.text)
        assert page.faults == [], answer.request.path
        shown += page.text
    for written in (hostile("name")[:64], hostile("link"), hostile("reason"), hostile("row")[:60]):
        assert written in shown


def test_a_long_file_is_read_in_short_looks(
    pushes: Pushes, editor: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 3)
    number = pushes.at(editor, Stage.RUNNING)
    for people in (0, 3, 7):
        pushes.listed(number, people)
        assert len(table(editor.post(f"/push/{number}/outcomes.csv", **WHY))) == people + 1


def test_everything_a_message_may_be_filled_with_is_explained() -> None:
    assert PARAMS.keys() == OF_AN_APPLICATION
