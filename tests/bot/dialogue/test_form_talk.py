"""A form as a conversation: begin, resume, cancel, edit, help, and drafts that are over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.form import Filling, Form
from bot.dialogue.form_talk import FormTalk
from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.readings import Answer, Leave, Unclear
from bot.dialogue.state import Draft
from tests.bot.dialogue.tiny import (
    NOW,
    PET,
    Talk,
    answered,
    at_the_end,
    pet_form,
    pet_steps,
    update,
)


def left(turn: Any, before: str) -> Reply:
    return Reply(f"{before}菜单")


def pet_talk(form: Form = PET) -> FormTalk:
    def create(turn: Any, intent: str) -> Filling | Reply:
        if intent == "forbidden":
            return Reply("不行。")
        draft = Draft("d2", "pet", form.version, NOW.isoformat())
        turn.session.drafts["pet"] = draft
        return Filling(form, turn, draft)

    return FormTalk(
        form,
        ("apply",),
        create=create,
        opening=lambda turn: turn.say("pet.intro"),
        leave=left,
        days=lambda turn: 30,
    )


def plain(outcome: Outcome | Unclear) -> str:
    assert isinstance(outcome, Reply), outcome
    return outcome.plain()


def heard(talk: FormTalk, turn: Talk, text: str) -> str:
    """What is answered to a text that the open question reads."""
    turn.hears(text)
    return plain(talk.take(turn, talk.read(turn)))


def test_a_new_draft_begins_with_an_introduction() -> None:
    turn = Talk()
    assert plain(pet_talk().begin(turn, "apply")).startswith(
        "我们开始。\n第1步/共3步 同意\n同意吗？"
    )
    assert turn.session.talk == "pet"


def test_a_draft_that_may_not_begin_leaves_the_floor() -> None:
    turn = Talk()
    assert plain(pet_talk().begin(turn, "forbidden")) == "不行。"
    assert turn.session.talk == ""
    assert turn.session.drafts == {}


def test_a_half_filled_draft_is_resumed_and_not_begun_anew() -> None:
    turn, filling = at_the_end()
    turn.session.talk = ""
    assert plain(pet_talk().begin(turn, "apply")).startswith("接着办。\n第3步/共3步 核对\n请核对：")
    assert filling.draft.id == "d1"


def test_a_draft_lives_for_the_city_s_days_and_no_longer() -> None:
    turn, _ = at_the_end()
    turn.now = NOW + timedelta(days=30)
    assert pet_talk().filling(turn) is not None
    turn.now += timedelta(seconds=1)
    assert pet_talk().filling(turn) is None
    assert plain(pet_talk().begin(turn, "apply")).startswith("过期了，重新开始。\n第1步")
    assert turn.session.drafts["pet"].id == "d2"


def test_an_answer_to_a_draft_that_is_over_says_so() -> None:
    turn, _ = at_the_end()
    turn.now += timedelta(days=31)
    assert heard(pet_talk(), turn, "确认") == "过期了。菜单"
    assert turn.session.talk == ""
    assert turn.session.drafts == {}


def test_an_answer_to_a_draft_that_went_elsewhere_leads_to_the_menu() -> None:
    turn = Talk()
    turn.session.talk = "pet"
    assert heard(pet_talk(), turn, "确认") == "菜单"
    assert plain(pet_talk().take(turn, Answer({}))) == "菜单"
    assert plain(pet_talk().question(turn, "")) == "菜单"
    assert isinstance(pet_talk().command(turn, "back"), Unclear)


def test_what_was_not_understood_comes_with_the_question_again() -> None:
    turn, _ = at_the_end()
    assert heard(pet_talk(), turn, "嗯？").startswith("没太明白。\n请核对：")


def test_an_aside_leads_into_the_question_on_the_same_line() -> None:
    turn, _ = at_the_end()
    assert (
        "接着刚才的问题，请核对：" in pet_talk().question(turn, "不要钱。\n接着刚才的问题，").text
    )
    assert pet_talk().question(turn, "好。").text.startswith("好。\n请核对：")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("back", "回到您，原来是2024年5月1日。"),
        ("resume", "接着办。\n第3步"),
        ("intent apply", "接着办。\n第3步"),
        ("help", "这样用。\n请核对："),
        ("edit", "要改哪样？\n请核对："),
        ("edit 1", "回到您，原来是赵小云，36。"),
        ("edit 动物", "回到您，原来选的是小狗："),
        ("keep", "没有可保留的。\n请核对："),
        ("cancel", "确定不办了吗？"),
        ("intent cancel_application", "确定不办了吗？"),
        ("menu", "菜单"),
    ],
)
def test_the_words_of_every_form_are_understood(command: str, says: str) -> None:
    turn, _ = at_the_end()
    assert plain(pet_talk().command(turn, command)).startswith(says)


def test_a_word_of_no_form_is_left_to_others() -> None:
    turn, _ = at_the_end()
    assert isinstance(pet_talk().command(turn, "human"), Unclear)
    assert isinstance(pet_talk().command(turn, "edit 天气"), Unclear)


def test_back_at_the_first_question_shows_the_menu_with_the_draft_kept() -> None:
    turn = Talk()
    pet_talk().begin(turn, "apply")
    assert plain(pet_talk().command(turn, "back")) == "菜单"
    assert turn.session.talk == ""
    assert "pet" in turn.session.drafts


def test_a_form_without_a_read_back_has_nothing_to_edit() -> None:
    form = pet_form(pet_steps()[:-1])
    turn = Talk()
    pet_talk(form).begin(turn, "apply")
    assert isinstance(pet_talk(form).command(turn, "edit 1"), Unclear)


# --- 取消 ------------------------------------------------------------------------------------


def test_cancelling_is_asked_back_and_drops_the_draft_with_its_records() -> None:
    dropped: list[str] = []
    form = pet_form(dropped=lambda turn, draft: dropped.append(draft.id))
    turn, _ = at_the_end()
    talk = pet_talk(form)
    talk.command(turn, "cancel")
    assert heard(talk, turn, "也许").startswith("确定不办了吗？")
    assert turn.session.drafts
    assert heard(talk, turn, "1").startswith("取消了。")
    assert turn.session.drafts == {}
    assert turn.session.talk == ""
    assert dropped == ["d1"]


def test_cancelling_may_be_taken_back() -> None:
    turn, _ = at_the_end()
    pet_talk().command(turn, "cancel")
    assert heard(pet_talk(), turn, "2").startswith("请核对：")
    assert heard(pet_talk(), turn, "确认").startswith("收到：")


@pytest.mark.parametrize("command", ["back", "help", "resume", "edit 1"])
def test_any_other_word_takes_the_cancelling_back(command: str) -> None:
    turn, _ = at_the_end()
    pet_talk().command(turn, "cancel")
    pet_talk().command(turn, command)
    assert "cancelling" not in turn.session.notes


def test_a_question_in_the_middle_of_cancelling_asks_that_again() -> None:
    turn, _ = at_the_end()
    pet_talk().command(turn, "cancel")
    assert pet_talk().question(turn, "不要钱。").text == "不要钱。\n确定不办了吗？"


def test_coming_back_to_the_form_forgets_that_cancelling_was_asked() -> None:
    turn, _ = at_the_end()
    pet_talk().command(turn, "cancel")
    turn.session.talk = ""
    pet_talk().begin(turn, "apply")
    heard(pet_talk(), turn, "1")
    assert "pet" in turn.session.drafts


def test_another_form_s_cancelling_is_not_this_one_s() -> None:
    turn, _ = at_the_end()
    turn.session.notes["cancelling"] = "fish"
    assert heard(pet_talk(), turn, "确认").startswith("收到：")


def test_cancelling_a_draft_that_ended_meanwhile_is_no_error() -> None:
    turn, _ = at_the_end()
    pet_talk().command(turn, "cancel")
    turn.now += timedelta(days=31)
    assert heard(pet_talk(), turn, "2") == "过期了。菜单"
    assert "cancelling" not in turn.session.notes


# --- results ---------------------------------------------------------------------------------


def test_a_result_of_another_draft_is_dropped() -> None:
    rules = {"looked": lambda turn, draft: Leave(Reply("看过了。"))}
    talk = pet_talk(pet_form(results=rules))
    turn, _ = at_the_end()
    turn.update = update("", key="looked", data={"draft": "d0"})
    assert talk.result(turn) is None
    turn.update = update("", key="looked", data={"draft": "d1"})
    assert plain(talk.result(turn)) == "看过了。"
    assert talk.result(Talk(turn.update)) is None


def test_an_older_draft_is_carried_over_when_it_is_next_touched() -> None:
    turn, filling = at_the_end()
    form = pet_form(version=2)
    assert "请核对：" in plain(pet_talk(form).begin(turn, "apply"))
    assert filling.draft.version == 2
    assert answered(Filling(form, turn, filling.draft), "确认").startswith("收到：")


def test_an_answer_to_a_question_that_is_gone_is_not_taken_for_the_new_one() -> None:
    turn, filling = at_the_end()
    turn.session.talk = "pet"
    filling.draft.done.remove("kind")  # as an answer is asked again that no longer holds
    filling.draft.version = 0
    assert heard(pet_talk(), turn, "确认").startswith("有变动。")
    assert turn.session.drafts["pet"].step == "kind"
