"""Nobody becomes the proven holder of another person's number, whatever the order of things."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.dialogue.messages import Reply
from models.applications import Application
from tests.handlers.chat import CODE, ELIGIBLE, NAME, NUMBER, OTHER, PHONE, Chat

VICTIM, VICTIMS_NUMBER = OTHER["name"], OTHER["id_number"]


def picture(chat: Chat) -> str | None:
    """The document of the picture in the last answer."""
    assert isinstance(chat.last, Reply)
    return chat.last.picture.document if chat.last.picture else None


def to_the_end(chat: Chat) -> Application:
    """From the address to the application, with a photo of the person's own."""
    chat.place()
    chat.says("3", "1")
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    assert "已提交" in chat.says("1", "确认")
    (application,) = chat.rows(Application, Application.account_key == str(chat.account))
    assert isinstance(application, Application)
    return application


def own_card_read(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    chat.checks()


def test_a_late_answer_about_ones_own_phone_proves_nothing_of_anothers_number(chat: Chat) -> None:
    own_card_read(chat)
    chat.says(PHONE, CODE)  # the office is slow …
    chat.now += timedelta(seconds=11)
    chat.says("好了吗")  # … and is not waited for
    chat.says("上一步", "上一步", "上一步", "手输", f"{VICTIM} {VICTIMS_NUMBER}")
    chat.checks()
    chat.says("汉", "2038年5月12日")
    chat.hears("check_phone", on_file=True)  # of the own number
    chat.says("保留")
    assert chat.draft.step == "phone"
    chat.now += timedelta(minutes=2)
    chat.says(PHONE, CODE)
    chat.hears("check_phone", on_file=False)
    application = to_the_end(chat)
    assert not application.holder_proven


def test_another_number_asks_for_the_phone_and_the_portrait_again(chat: Chat) -> None:
    own_card_read(chat)
    chat.hears("check_person", portrait="p" * 32)
    chat.says(PHONE, CODE)
    chat.hears("check_phone", on_file=True)
    chat.place()
    chat.says("3", "1", "1")
    assert chat.draft.answers["portrait"]["document"] == "p" * 32
    chat.says(*["上一步"] * 7)
    assert chat.draft.step == "id"
    chat.says("手输", f"{VICTIM} {VICTIMS_NUMBER}")
    chat.checks()
    chat.says("汉", "2038年5月12日")
    assert chat.draft.step == "phone"
    assert "portrait" not in chat.draft.answers
    assert "phone" not in chat.draft.answers


@pytest.mark.parametrize("on_file", [True, False])
def test_the_portrait_on_file_is_shown_to_the_phone_on_file_alone(
    chat: Chat, on_file: bool
) -> None:
    own_card_read(chat)
    chat.hears("check_person", portrait="p" * 32)
    chat.says(PHONE, CODE)
    chat.hears("check_phone", on_file=on_file)
    chat.place()
    chat.says("3", "1")
    assert picture(chat) == ("p" * 32 if on_file else None)
    if not on_file:
        assert "没有找到" in chat.says("登记照")


def test_a_name_that_was_kept_is_not_proven_by_the_check_of_another(chat: Chat) -> None:
    chat.says("办卡", "同意", "手输", f"假名字 {NUMBER}")
    chat.checks("mismatch")
    chat.says("没错", "汉", "2038年5月12日")
    chat.says("上一步", "上一步", "上一步")
    chat.says(f"{NAME} {NUMBER}", "保留")
    chat.checks()
    chat.says("保留", "保留")
    assert chat.draft.step == "phone"
    chat.says(PHONE, CODE)
    chat.hears("check_phone", on_file=True)
    application = to_the_end(chat)
    assert not application.holder_proven


def test_a_card_that_is_told_too_late_makes_the_application_contested(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    chat.checks(known={"has_card": True})
    chat.says(PHONE, CODE)
    chat.now += timedelta(seconds=11)
    chat.says("好了吗")
    chat.hears("check_phone", on_file=True)
    application = to_the_end(chat)
    assert (application.holder_proven, application.contested) == (True, True)


def test_an_account_has_few_names_and_numbers_checked_a_day(chat: Chat) -> None:
    chat.says("办卡", "同意", "手输")
    for name in ("甲甲甲", "乙乙乙", "丙丙丙", "丁丁丁", "戊戊戊"):
        chat.says(f"{name} {NUMBER}")
        chat.checks("mismatch")
    assert "由工作人员核对" in chat.says(f"己己己 {NUMBER}")
    assert len(chat.jobs("check_person")) == 5
    chat.now += timedelta(days=1)
    chat.says("上一步", f"{NAME} {NUMBER}")
    assert len(chat.jobs("check_person")) == 6


def test_of_two_portraits_the_second_counts_and_the_first_is_not_waited_for(chat: Chat) -> None:
    chat.to_portrait()
    chat.photo()
    chat.photo()
    first, second = chat.jobs("take_portrait")
    chat.reports(first, fault="broken")
    assert chat.last is None
    assert "1 " in chat.reports(second, document="d" * 32)


def test_a_result_does_not_ask_while_the_floor_is_elsewhere(chat: Chat) -> None:
    chat.to_portrait()
    chat.photo()
    chat.says("菜单")
    assert chat.hears("take_portrait", document="d" * 32) == ""
    assert "查进度" in chat.says("2")
    chat.says("0")
    assert "您刚发的照片" in chat.says("继续")
    assert picture(chat) == "d" * 32


def test_full_width_digits_are_the_same_code(chat: Chat) -> None:
    chat.to_phone()
    chat.says(PHONE, "４８２９１５")
    assert "第4步" in chat.hears("check_phone", on_file=True)


def test_eligibility_counts_for_the_number_it_was_asked_about(chat: Chat) -> None:
    own_card_read(chat)
    assert chat.draft.facts["eligibility"] == dict(ELIGIBLE)
    chat.says("上一步", "上一步", "手输", f"{VICTIM} {VICTIMS_NUMBER}")
    assert "eligibility" not in chat.draft.facts


def test_another_photo_of_the_front_is_answered_itself_and_leaves_nothing_of_the_old(
    chat: Chat,
) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("上一步")
    chat.photo()
    newest = chat.jobs("read_id_photo")[-1]
    read = {"name": VICTIM, "id_number": VICTIMS_NUMBER, "ethnicity": "汉"}  # no address
    answer = chat.reports(newest, side="front", fields=read, document="f" * 32)
    assert "住址" in answer
    assert chat.draft.facts["read"].get("id_address") is None
    assert chat.answered == newest.answers
