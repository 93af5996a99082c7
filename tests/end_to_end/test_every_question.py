"""At every question of the form: whatever is sent, the question stands, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.end_to_end.player import Player
from tests.end_to_end.service import Service
from tests.end_to_end.steps import QUESTIONS, Question
from tests.end_to_end.walks import BACK, FRONT, picture_read_before, walk

AT_EVERY_QUESTION = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)


@pytest.fixture(scope="module", autouse=True)
def card_read_before() -> None:
    picture_read_before(FRONT, BACK)


def at(service: Service, question: Question) -> Player:
    """Somebody who has come to this question."""
    return at_with(service, question, service.phone())


def at_with(service: Service, question: Question, phone: str) -> Player:
    player = service.player()
    assert question.asks in walk(player, question.prefix(phone))
    return player


@pytest.fixture(scope="module")
def waiting(service: Service) -> Callable[[Question], Player]:
    """Somebody at the question, walked there once: for what must not move them away."""
    known: dict[str, Player] = {}

    def waiting(question: Question) -> Player:
        if question.name not in known:
            known[question.name] = at(service, question)
        return known[question.name]

    return waiting


@AT_EVERY_QUESTION
def test_a_message_without_words_gets_the_question_again(
    waiting: Callable[[Question], Player], question: Question
) -> None:
    player = waiting(question)
    wordless = {
        "voice": player.voice(),
        "voice, empty": player.voice(""),
        "sticker": player.deliver(player.message("sticker")),
        "link": player.deliver(player.message("link", Title="好物", Description="", Url="u")),
        "video": player.deliver(player.message("video", MediaId="v", ThumbMediaId="t")),
        "emoji": player.say("/::)"),
        "emoji, drawn": player.say("😀👍"),
        "blank": player.say(" "),
        "location": "" if question.takes_place else player.place(),
    }
    silent = [kind for kind, said in wordless.items() if question.asks not in said]
    assert silent == (["location"] if question.takes_place else [])


@AT_EVERY_QUESTION
def test_a_wrong_answer_is_explained_and_the_third_offers_a_person(
    service: Service, question: Question
) -> None:
    player = at(service, question)
    first, second, third = (player.say(question.wrong) for _ in range(3))
    assert question.explained in first
    assert "回复“9”找人帮您" not in first + second
    assert "回复“9”找人帮您" in third
    assert question.asks in player.voice()


@AT_EVERY_QUESTION
def test_a_question_in_the_middle_is_answered_before_the_open_one(
    waiting: Callable[[Question], Player], question: Question
) -> None:
    player = waiting(question)
    said = player.say("办卡要钱吗")
    assert said.startswith("首次办卡不收费")
    assert "接着刚才的问题" in said
    assert question.asks in said


@AT_EVERY_QUESTION
def test_after_a_break_of_two_days_the_form_goes_on(
    service: Service, waiting: Callable[[Question], Player], question: Question
) -> None:
    player = waiting(question)
    service.bot.clock.shift(timedelta(days=2))
    try:
        assert question.asks in player.say("继续")
    finally:
        service.bot.clock.shift(-timedelta(days=2))


@AT_EVERY_QUESTION
def test_the_menu_and_back_lose_nothing(
    waiting: Callable[[Question], Player], question: Question
) -> None:
    player = waiting(question)
    menu = player.say("菜单")
    assert "1 办卡" in menu
    assert "继续" in menu
    resumed = player.say("继续")
    assert question.asks in resumed
    assert "没太明白" not in resumed


@AT_EVERY_QUESTION
def test_help_counter_and_a_change_of_language_keep_the_question(
    waiting: Callable[[Question], Player], question: Question
) -> None:
    player = waiting(question)
    assert question.asks in player.say("帮助")
    assert "到窗口也能办" in player.say("窗口")
    assert question.asks in player.voice()
    english = player.say("English")
    assert "English from here on" in english
    assert question.asks in player.say("中文")


@AT_EVERY_QUESTION
def test_back_and_keep_come_to_the_same_question_again(
    service: Service, question: Question
) -> None:
    phone = service.phone()
    player = at_with(service, question, phone)
    before = player.say("上一步")
    inside = (phone,) if question.name == "code" else question.further
    if inside:  # out of the question's inner part, and in again
        assert question.asks not in before
        assert question.asks in [player.say(text) for text in inside][-1]
        return
    if question.name == "notice":
        assert "1 办卡" in before
        assert question.asks in player.say("继续")
        return
    assert "保留" in before
    kept = player.say("保留")
    assert "好，保留原来的" in kept
    assert question.asks in kept
