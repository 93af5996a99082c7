"""Photos of the ID card, and what the identity office says of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.dialogue.messages import Kind
from tests.handlers.chat import BACK, FRONT, NAME, NUMBER, OTHER, PHONE, Chat

# --- photos ----------------------------------------------------------------------------------


def test_other_photos_make_everything_that_followed_from_the_old_ones_be_asked_again(
    chat: Chat,
) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    chat.checks()
    chat.says("上一步", "上一步")
    assert chat.draft.step == "id"
    chat.photo()
    shown = chat.hears("read_id_photo", side="front", fields=OTHER, document="o" * 32)
    assert "姓名：赵小云" in shown
    assert chat.says("保留").startswith("这一步还没有填过")
    chat.says("1")
    chat.checks()
    assert chat.draft.answers["name"] == "赵小云"
    assert chat.draft.step == "phone"


def test_photos_sent_after_typing_replace_what_was_typed(chat: Chat) -> None:
    chat.to_address()
    for _ in range(6):
        if chat.draft.step != "id":
            chat.says("上一步")
    chat.reads(OTHER)
    chat.says("1")
    chat.checks()
    assert chat.draft.answers["name"] == "赵小云"
    assert chat.draft.step == "phone"
    assert "phone" not in chat.draft.answers


@pytest.mark.parametrize(
    ("fault", "says"),
    [("type", "不是照片"), ("broken", "打不开"), ("blurred", "糊"), ("not_a_card", "身份证")],
)
def test_a_photo_that_cannot_be_taken_says_what_to_do(chat: Chat, fault: str, says: str) -> None:
    chat.says("办卡", "同意")
    chat.photo()
    assert says in chat.hears("read_id_photo", fault=fault)
    assert "国徽面" in (chat.photo() or chat.hears("read_id_photo", side="front", fields=FRONT))


def test_two_photos_of_one_side_ask_for_the_other(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.photo()
    chat.hears("read_id_photo", side="front", fields=FRONT)
    chat.photo()
    assert "国徽面" in chat.hears("read_id_photo", side="front", fields=FRONT)
    chat.photo()
    assert "姓名：陈国强" in chat.hears("read_id_photo", side="back", fields=BACK)


def test_where_nothing_could_be_read_the_form_goes_on_by_typing(chat: Chat) -> None:
    chat.says("办卡", "同意")
    assert "姓名和身份证号" in chat.reads({}, {})


def test_without_a_reader_the_photos_are_kept_and_the_rest_typed(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.photo()
    chat.hears("read_id_photo", side="unknown", fields={}, fault="no_reader", document="f" * 32)
    chat.photo()
    told = chat.hears("read_id_photo", side="unknown", fields={}, fault="no_reader", document="b")
    assert "姓名和身份证号" in told


def test_a_photo_that_takes_too_long_is_not_waited_for(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.photo()
    assert "正在读" in chat.says("好了吗")
    chat.now += timedelta(seconds=21)
    assert "姓名和身份证号" in chat.says("好了吗")


def test_while_the_first_side_is_read_the_question_is_the_other_side(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.photo()
    assert "国徽面" in chat.hears("read_id_photo", side="front")
    for answer in (chat.sends(Kind.VOICE), chat.sends(Kind.OTHER), chat.says("我去拿")):
        assert "请再发国徽面的照片" in answer
    chat.now += timedelta(seconds=60)
    assert "请再发国徽面的照片" in chat.says("正在找")
    chat.photo()
    assert "正在读" in chat.says("好了吗")


# --- who it is -------------------------------------------------------------------------------


def test_a_line_put_right_is_what_is_checked_and_shown_when_reopened(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads(FRONT | {"name": "陈国张"})
    assert "姓名：陈国强" in chat.says("姓名不对", NAME)
    chat.says("1")
    chat.checks()
    assert "姓名：陈国强" in chat.says("上一步")


@pytest.mark.parametrize("identity", ["mismatch", "not_found"])
def test_a_name_that_does_not_fit_the_number_may_be_insisted_on(chat: Chat, identity: str) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    assert "第3步" not in chat.checks(identity)
    assert "第3步" in chat.says("1")


def test_an_unknown_number_is_told_in_the_words_of_a_wrong_name(chat: Chat) -> None:
    answers = []
    for identity in ("mismatch", "not_found"):
        chat.says("取消", "1", "办卡", "同意")
        chat.reads()
        chat.says("1")
        answers.append(chat.checks(identity))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("said", ["是的就是这个", "没错", "照原样", "对的，就这样"])
def test_a_name_is_insisted_on_in_ones_own_words(chat: Chat, said: str) -> None:
    chat.says("办卡", "同意", "手输", f"{NAME} {NUMBER}")
    chat.checks("mismatch")
    assert "由工作人员核对" in chat.says(said)
    assert chat.draft.answers["name"] == NAME


def test_an_answer_that_nobody_waits_for_any_more_ends_the_wait(chat: Chat) -> None:
    """Found by the soak: who had been told to wait a moment was remembered as waiting for weeks."""
    chat.says("办卡", "同意", "手输", f"{NAME} {NUMBER}")
    assert "正在核对身份" in chat.says("继续")
    chat.now += timedelta(seconds=11)
    assert "民族" in chat.says("好了吗")
    chat.checks()
    assert chat.last is None
    chat.hears("check_person", portrait=None)
    assert chat.last is None


def test_a_word_is_no_number_of_two_places(chat: Chat) -> None:
    chat.says("办卡", "同意", "我没有身份证照片", "张 三")
    assert "没看到身份证号" in chat.says("确认")
    assert chat.draft.inner["got"] == {"name": "张三"}


def test_a_day_that_does_not_exist_is_said_to_be_none(chat: Chat) -> None:
    chat.to_phone()
    chat.says("上一步")
    assert "没有这一天" in chat.says("2038年2月30日")


@pytest.mark.parametrize("said", [PHONE, "119999", "……"])
def test_what_is_neither_name_nor_number_does_not_insist_on_them(chat: Chat, said: str) -> None:
    chat.says("办卡", "同意", "手输", f"{NAME} {NUMBER}")
    chat.checks("mismatch")
    assert "由工作人员核对" not in chat.says(said)
    assert chat.draft.step == "name_number"


def test_a_silent_office_is_waited_for_and_then_passed_over(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    assert "正在核对" in chat.says("好了吗")
    chat.now += timedelta(seconds=11)
    said = chat.says("好了吗")
    assert "由工作人员核对" in said
    assert "第3步" in said
    assert chat.draft.facts["identity"] == "unavailable"


def test_an_office_that_is_away_does_not_stop_anybody(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    assert "第3步" in chat.hears("check_person", error="unavailable")


def test_the_young_need_a_guardian_at_the_counter(chat: Chat) -> None:
    chat.says("办卡", "同意", "手输")
    told = chat.says("李小明 119999201506010018")
    assert "16" in told
    assert chat.session.talk == ""


def test_an_id_card_that_has_run_out_is_no_id_card(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads(FRONT, {"valid_until": "2020-01-01"})
    assert "已经过期" in chat.says("2020年1月1日")


def test_who_is_not_insured_here_is_told_so_and_goes_on(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.reads()
    chat.says("1")
    told = chat.checks(known={"insured": False})
    assert "第3步" in told
    assert "参保" in told
