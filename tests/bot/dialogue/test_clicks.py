"""A click on an option means its number at its own question, and its words at any other."""

from __future__ import annotations

import pytest

from bot.dialogue.clicks import click_key
from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.state import Session
from tests.bot.dialogue.test_router import ROUTER
from tests.bot.dialogue.tiny import Talk


def said(turn: Talk, text: str, key: str = "") -> Reply:
    outcome: Outcome = ROUTER(turn.hears(text, key=key))
    assert isinstance(outcome, Reply)
    turn.session = Session.from_json(turn.session.to_json())
    return outcome


def clicked(turn: Talk, asked: Reply, key: str) -> Reply:
    """The option of `asked` with this number, as the platform pushes a click on it."""
    label = next(option.label for option in asked.options if option.key == key)
    return said(turn, label, click_key(asked.mark, key))


def at_the_kinds() -> tuple[Talk, Reply]:
    """The question which pet it is."""
    turn = Talk()
    for text in ("我要办卡", "好"):
        said(turn, text)
    return turn, said(turn, "小明 30")


def test_every_question_with_options_has_a_mark_and_others_have_none() -> None:
    turn, kinds = at_the_kinds()
    assert kinds.mark and kinds.mark == turn.session.asked
    assert not said(Talk(), "我要办卡").mark


def test_a_click_is_the_number() -> None:
    turn, kinds = at_the_kinds()
    by_click = clicked(turn, kinds, "2")
    turn, _ = at_the_kinds()
    assert by_click == said(turn, "2")
    assert turn.session.drafts["pet"].answers["kind"] == "cat"


def test_the_words_decide_nothing_where_the_mark_is_right() -> None:
    """What a click sends along may be shortened, or changed on its way."""
    turn, kinds = at_the_kinds()
    said(turn, "小狗", click_key(kinds.mark, "2"))
    assert turn.session.drafts["pet"].answers["kind"] == "cat"


def test_a_click_further_up_is_not_taken_for_the_number_of_another_question() -> None:
    turn = Talk()
    menu = said(turn, "天气")
    assert menu.options
    said(turn, "我要办卡")
    said(turn, "好")
    kinds = said(turn, "小明 30")
    assert kinds.options[1].key == "2"
    turn.session.drafts["pet"].tries = 2
    answer = said(turn, "别的", click_key(menu.mark, "2"))
    assert answer.text.startswith("那是前面的选项。")
    assert answer.options == kinds.options
    assert "kind" not in turn.session.drafts["pet"].answers
    assert turn.session.drafts["pet"].tries == 2, "nobody failed at the open question"


def test_an_old_click_whose_words_name_something_else_does_that() -> None:
    turn, kinds = at_the_kinds()
    answer = said(turn, "到哪了", click_key("0" * 10, "2"))
    assert answer.text.startswith("还在审核。")
    assert answer.options == kinds.options
    assert said(turn, "人工", click_key("0" * 10, "1")).text.startswith("请打12333。")


def test_at_the_menu_an_old_click_is_what_it_says() -> None:
    turn = Talk()
    said(turn, "天气")
    assert said(turn, "我要办卡", click_key("0" * 10, "2")).text.startswith("我们开始。")


def test_the_same_question_asked_again_is_the_same_question() -> None:
    """After an answer in passing or a failure the first of the two messages can still be used."""
    turn, kinds = at_the_kinds()
    again = said(turn, "到哪了")
    assert again.mark == kinds.mark
    assert said(turn, "猴子").mark == kinds.mark
    clicked(turn, kinds, "1")
    assert turn.session.drafts["pet"].answers["kind"] == "dog"


def test_a_question_answered_anew_is_another_one() -> None:
    turn, kinds = at_the_kinds()
    turn.session.drafts["pet"].answers["age"] = 31
    turn.session.drafts["pet"].step = "since"
    ROUTER(turn.hears("0"))
    assert turn.session.asked != kinds.mark


def test_options_end_with_their_question() -> None:
    turn, kinds = at_the_kinds()
    since = clicked(turn, kinds, "3")
    assert not since.options
    answer = clicked(turn, kinds, "2")
    assert answer.text.startswith("那是前面的选项。")
    assert turn.session.drafts["pet"].step == "since"


def test_what_is_learned_in_the_background_leaves_the_question_open() -> None:
    turn, kinds = at_the_kinds()
    turn.session.drafts["pet"].facts["vet"] = "found"
    ROUTER(turn.hears(kind=Kind.RESULT, key="nobody"))
    clicked(turn, kinds, "2")
    assert turn.session.drafts["pet"].answers["kind"] == "cat"


def test_cancelling_is_asked_with_options_that_no_older_click_answers() -> None:
    turn, kinds = at_the_kinds()
    asked = said(turn, "取消")
    assert [option.label for option in asked.options] == ["不办了，删掉", "接着办"]
    assert clicked(turn, kinds, "1").options == asked.options
    assert "pet" in turn.session.drafts
    assert clicked(turn, asked, "1").text.startswith("取消了。")
    assert "pet" not in turn.session.drafts


@pytest.mark.parametrize("key", ["7", "menu", "abc-1", "0123456789-", "0123456789-999", "-1"])
def test_a_key_that_is_not_ours_is_left_alone(key: str) -> None:
    turn, _ = at_the_kinds()
    said(turn, "小猫", key)
    assert turn.session.drafts["pet"].answers["kind"] == "cat"


def test_the_mark_lasts_with_the_reply_and_the_session() -> None:
    turn, kinds = at_the_kinds()
    assert Reply.from_json(kinds.to_json()).mark == kinds.mark
    assert Session.from_json(turn.session.to_json()).asked == kinds.mark
    assert Session.from_json(b'{"talk": "pet"}').asked == ""
