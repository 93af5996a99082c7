"""A campaign is written: from nothing, a preset, a kept message or another campaign."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.console.push.presets import read_presets
from models.push.messages import Message, faults
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.pushes import EAST, Pushes, number_in
from tests.bot.console.staffed import Desk, Staffed

WEST = "119902"
TYPED = {
    "name": "领卡提醒", "purpose": "service", "kind": "message", "wording": "action", "sms": "",
    "chat.zh_CN": "您的卡在{branch}。", "chat.en": "Your card is at {branch}.",
    "status.zh_CN": "社保卡等您领取", "status.en": "Card is ready",
    "note.zh_CN": "请带身份证", "note.en": "Bring your ID card", "link": "/progress",
}  # fmt: skip


@pytest.fixture
def pushes(console: Staffed) -> Pushes:
    return Pushes(console)


@pytest.fixture
def editor(console: Staffed) -> Desk:
    return console.desk(Role.PUSH_EDITOR)


def typed(desk: Desk, number: int, **other: str) -> dict[str, str]:
    """What is typed into the form as it stands now."""
    page = desk.get(f"/push/{number}/message").text
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return {**TYPED, "revision": found[1], **other}


@pytest.mark.parametrize("name", read_presets())
def test_a_preset_begins_with_people_and_words_that_fit(
    console: Staffed, pushes: Pushes, editor: Desk, name: str
) -> None:
    preset = read_presets()[name]
    number = number_in(editor.post("/push/new", preset=name).location)
    made = pushes.campaign(number)
    assert (made.name, made.purpose, made.stage) == (preset.label, preset.purpose, "draft")
    assert made.audience == preset.audience
    wrong = faults(
        Message.read(made.message), console.parts.templates, of_applications=name != "district"
    )
    assert wrong == (["chat.zh_CN: missing", "chat.en: missing"] if name == "district" else [])
    assert editor.get(f"/push/{number}/message").status_code == 200


def test_what_is_typed_is_kept_and_leads_on_to_the_people(pushes: Pushes, editor: Desk) -> None:
    number = number_in(editor.post("/push/new", purpose="announcement").location)
    options = {
        "option1.zh_CN": "好的", "option1.en": "Yes", "option1.act": "branches", "answers": "on",
    }  # fmt: skip
    answer = editor.post(f"/push/{number}/message", **typed(editor, number, **options))
    assert (answer.status_code, answer.location) == (303, f"/console/push/{number}/audience")
    made = pushes.campaign(number)
    message = Message.read(made.message)
    assert (made.name, made.purpose, made.revision) == ("领卡提醒", "service", 2)
    assert message.chat["zh_CN"] == "您的卡在{branch}。"
    assert (message.options[0].label["en"], message.options[0].act) == ("Yes", "branches")
    assert message.answers and not message.mass
    page = editor.get(f"/push/{number}/message").text
    assert 'value="好的"' in page and "Your card is at {branch}." in page


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(
    pushes: Pushes, editor: Desk
) -> None:
    number = number_in(editor.post("/push/new", purpose="service").location)
    wrong = {
        "chat.en": "", "note.zh_CN": "请本人带身份证原件到领卡网点的柜台上来领取",
        "link": "progress", "option1.zh_CN": "好的",
    }  # fmt: skip
    answer = editor.post(f"/push/{number}/message", **typed(editor, number, **wrong))
    assert answer.status_code == 422
    for name in ("chat-en", "note-zh_CN", "link", "option1-en"):
        assert f'id="wrong-{name}"' in answer.text, name
    assert "平台最多 20 个字" in answer.text and "以 / 开头" in answer.text
    assert "草稿已经存下" in answer.text
    for text in ("请本人带身份证原件到领卡网点的柜台上来领取", 'value="progress"', 'value="好的"'):
        assert text in answer.text
    assert pushes.campaign(number).message["note"]["zh_CN"] == wrong["note.zh_CN"]
    assert "处要改" in editor.get(f"/push/{number}").text
    refused = editor.post(f"/push/{number}/propose", revision="2")
    assert (refused.status_code, "内容还有要改的地方" in refused.text) == (409, True)


@pytest.mark.parametrize(
    "text", ["{nobody}", "{", "}", "{}", "{0}", "{branch.x}", "{branch:d}", "{branch!z}", "{{}}"]
)
def test_no_brace_is_more_than_a_fault_in_words(editor: Desk, text: str) -> None:
    number = number_in(editor.post("/push/new", purpose="service").location)
    answer = editor.post(f"/push/{number}/message", **typed(editor, number, **{"chat.zh_CN": text}))
    assert answer.status_code == (303 if text == "{{}}" else 422)
    assert editor.get(f"/push/{number}/message").status_code == 200
    assert editor.get(f"/push/{number}").status_code == 200


def test_a_preview_shows_each_road_and_keeps_nothing(pushes: Pushes, editor: Desk) -> None:
    number = number_in(editor.post("/push/new", purpose="service").location)
    form = typed(editor, number, sms="action", preview="1")
    page = editor.post(f"/push/{number}/message", **form).text
    assert "聊天消息 · 中文" in page and "业务待办提醒" in page and "短信 · 英文" in page
    assert re.search(r"短信 · 中文 · \d+ 字，1 条", page)
    assert pushes.campaign(number).message == {"chat": {}}


def test_a_preview_shows_what_can_be_filled_in_already(editor: Desk) -> None:
    number = number_in(editor.post("/push/new", purpose="service").location)
    form = typed(editor, number, preview="1", **{"chat.en": ""})
    page = editor.post(f"/push/{number}/message", **form).text
    assert "聊天消息 · 中文" in page and "聊天消息 · 英文" not in page


def test_a_stale_form_is_said_and_nothing_of_it_is_lost(pushes: Pushes, editor: Desk) -> None:
    number = pushes.draft(editor)
    form = typed(editor, number, name="第一次")
    editor.post(f"/push/{number}/message", **form)
    late = editor.post(f"/push/{number}/message", **{**form, "name": "第二次"})
    assert (late.status_code, "又有人改过" in late.text, "第二次" in late.text) == (409, True, True)
    assert pushes.campaign(number).name == "第一次"
    again = re.search(r'name="revision" value="(\d+)"', late.text)
    assert again
    form = {**form, "name": "第二次", "revision": again[1]}
    assert editor.post(f"/push/{number}/message", **form).status_code == 303
    assert pushes.campaign(number).name == "第二次"


def test_nobody_but_its_writer_changes_a_draft(
    console: Staffed, pushes: Pushes, editor: Desk
) -> None:
    other, number = console.desk(Role.PUSH_EDITOR), pushes.draft(editor)
    for path, form in (
        ("message", typed(other, number)), ("audience", {"revision": "1"}),
        ("propose", {"revision": "1"}), ("stop", {"reason": "x"}),
        ("schedule", {"revision": "1", "expires_at": "2027-01-01T08:00", "from_hour": "8",
                      "until_hour": "9", "rate": "0", "priority": "0", "cost_cap": "0"}),
    ):  # fmt: skip
        answer = other.post(f"/push/{number}/{path}", **form)
        assert (answer.status_code, "只有起草的人能改" in answer.text) == (409, True), path
    assert pushes.campaign(number).revision == 1
    copied = number_in(other.post(f"/push/{number}/copy").location)
    mine = pushes.campaign(copied)
    assert mine.written_by == f"staff:{other.staff_id}"
    assert mine.message == pushes.campaign(number).message


def test_what_is_no_draft_any_more_is_not_changed(pushes: Pushes, editor: Desk) -> None:
    number = pushes.at(editor, Stage.PROPOSED)
    answer = editor.post(f"/push/{number}/message", **TYPED, revision="1")
    assert (answer.status_code, "等人批准" in answer.text) == (409, True)
    assert pushes.campaign(number).revision == 1


def test_messages_are_kept_in_versions_and_go_out_of_use(pushes: Pushes, editor: Desk) -> None:
    number, name = pushes.draft(editor), "领卡/两周"
    for text in ("您的卡到了。", "您的卡到了，请来领。"):
        editor.post(
            f"/push/{number}/message", **typed(editor, number, **{"chat.zh_CN": text}), stay="1"
        )
        assert editor.post(f"/push/{number}/keep", template=name).status_code == 303
    page = editor.get(f"/push/templates/{name}").text
    assert page.index("第 2 版") < page.index("第 1 版")
    assert "您的卡到了。" in page
    begun = number_in(editor.post("/push/new", template=name, purpose="service").location)
    assert pushes.campaign(begun).message["chat"]["zh_CN"] == "您的卡到了，请来领。"
    assert editor.post(f"/push/templates/{name}").status_code == 303
    assert name not in editor.get("/push/templates").text
    assert "已经不再使用" in editor.get(f"/push/templates/{name}").text
    assert editor.post(f"/push/{number}/keep", template=" ").status_code == 409
    for unknown in ("/push/templates/nothing",):
        assert editor.get(unknown).status_code == editor.post(unknown).status_code == 404
    for form in ({"preset": "nothing"}, {"template": "nothing"}):
        assert editor.post("/push/new", **form).status_code == 404


def test_who_has_districts_begins_within_them(console: Staffed, pushes: Pushes) -> None:
    editor = console.desk(Role.PUSH_EDITOR, districts=(WEST,))
    begun: dict[str, Any] = pushes.campaign(
        number_in(editor.post("/push/new", preset="branch").location)
    ).audience
    assert begun["districts"] == [WEST]
    city_wide = pushes.draft(console.desk(Role.PUSH_EDITOR), districts=())
    both = pushes.draft(console.desk(Role.PUSH_EDITOR), districts=(EAST, WEST))
    for number in (city_wide, both):
        assert editor.get(f"/push/{number}").status_code == 404
        assert editor.post(f"/push/{number}/copy").status_code == 404


def test_an_announcement_knows_of_no_application(pushes: Pushes, editor: Desk) -> None:
    number = pushes.draft(editor, districts=())
    form = typed(editor, number, purpose="announcement", preview="1")
    page = editor.post(f"/push/{number}/message", **form).text
    assert "{branch} 只有和申请有关时才有，公告不能用" in page
    form = typed(editor, number, preview="1")
    assert "公告不能用" not in editor.post(f"/push/{number}/message", **form).text
