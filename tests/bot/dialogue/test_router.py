"""Who answers: a result's own conversation, a global word, the open question, an intent, help."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.dialogue.intents import Guess
from bot.dialogue.messages import Kind, Media, Option, Outcome, Place, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Unclear
from bot.dialogue.router import CERTAIN, SURE, Conversation, Router
from bot.dialogue.words import Words
from tests.bot.dialogue.test_form_talk import pet_talk
from tests.bot.dialogue.tiny import Talk, update

GUESSES = {
    "要多少钱": ("fees", 0.95),
    "大概什么价钱呢": ("fees", 0.7),
    "价钱": ("fees", 0.2),
    "我要办卡": ("apply", 0.95),
    "到哪了": ("progress", 0.95),
    "找真人": ("human", 0.95),
    "你好": ("greeting", 0.95),
    "挂失": ("lost_card", 0.95),
    "天气": ("other", 0.99),
    "换颜色": ("colour", 0.95),
}
GLOBAL = Words(
    {
        "back": ["0", "上一步"], "keep": ["保留"], "cancel": ["取消"], "help": ["帮助"],
        "human": ["9", "人工"], "menu": ["菜单"], "resume": ["继续"], "edit": ["修改"],
    }
)  # fmt: skip


class Progress:
    """A conversation of another kind: it answers in passing when it can."""

    name, intents = "progress", ("progress",)
    passing: str | None = "还在审核。"

    def begin(self, turn: Any, intent: str) -> Outcome:
        turn.session.talk = self.name
        return Reply("谁的？")

    def aside(self, turn: Any, intent: str) -> str | None:
        return self.passing

    def read(self, turn: Any) -> Reading:
        return Leave(Reply("好。")) if turn.update.text == "我的" else UNCLEAR

    def take(self, turn: Any, reading: Reading) -> Outcome:
        return reading.reply if isinstance(reading, Leave) else Reply("谁的呢？")

    def question(self, turn: Any, before: str) -> Reply:
        return Reply(f"{before}谁的？")

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        return UNCLEAR

    def result(self, turn: Any) -> Outcome:
        return Reply("查好了。")


def menu(turn: Any, before: str) -> Reply:
    return Reply(f"{before}菜单", (Option("1", "办卡"), Option("2", "进度")))


def human(turn: Any, open_: Conversation | None) -> Outcome:
    return open_.question(turn, "请打12333。") if open_ else Reply("请打12333。")


def guess(text: str, at_least: float) -> list[Guess]:
    intent, score = GUESSES.get(text, ("other", 0.1))
    return [Guess(intent, score)]


ROUTER = Router(
    conversations={"pet": pet_talk(), "progress": Progress()},
    jobs={"look": "progress"},
    words=GLOBAL,
    openers=Words({"fees": ["收费标准"]}),
    understand=guess,
    menu=menu,
    menu_intents=("apply", "progress", "lost_card"),
    answers=lambda turn, intent: {"fees": "不要钱。", "lost_card": "打电话挂失。"}.get(intent),
    commands={"human": human},
    events={Kind.SUBSCRIBE: lambda turn: menu(turn, "您好，")},
)


class Phone:
    """One person before the router."""

    def __init__(self, router: Router = ROUTER) -> None:
        self.router, self.talk = router, Talk()

    def says(self, *texts: str) -> str:
        """The last answer, in plain words."""
        return [self.sends(text) for text in texts][-1]

    def sends(self, text: str = "", kind: Kind = Kind.TEXT, **more: Any) -> str:
        outcome = self.router(self.talk.hears(text, kind, **more))
        return outcome.plain() if isinstance(outcome, Reply) else repr(outcome)

    @property
    def open(self) -> str:
        return self.talk.session.talk


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def at_choice(phone: Phone) -> Phone:
    phone.says("我要办卡", "同意", "赵小云 36")
    return phone


# --- where nothing is open -------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "我要办卡", "第一个"])
def test_a_form_is_opened_by_its_number_or_in_words(phone: Phone, text: str) -> None:
    assert phone.says(text).startswith("我们开始。")
    assert phone.open == "pet"


@pytest.mark.parametrize("text", ["3", "挂失"])
def test_what_has_no_conversation_is_answered_from_the_faq(phone: Phone, text: str) -> None:
    assert phone.says(text) == "打电话挂失。\n0 返回 · 9 人工"


@pytest.mark.parametrize("text", ["0", "菜单", "帮助"])
def test_a_word_for_the_menu_shows_it(phone: Phone, text: str) -> None:
    assert phone.says(text) == "菜单\n1 办卡\n2 进度"


@pytest.mark.parametrize("text", ["天气", "阿巴阿巴", "价钱", "保留", "修改"])
def test_what_nobody_understands_leads_to_the_menu(phone: Phone, text: str) -> None:
    assert phone.says(text).startswith("没太明白。菜单")


def test_a_greeting_is_answered_with_the_menu(phone: Phone) -> None:
    assert phone.says("你好").startswith("菜单")


def test_an_intent_that_nobody_answers_leads_to_the_menu(phone: Phone) -> None:
    assert phone.says("换颜色").startswith("没太明白。菜单")


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Kind.VOICE, "语音没有文字。"), (Kind.IMAGE, "不用图片。"), (Kind.LOCATION, "不用位置。"),
        (Kind.OTHER, "看不懂。"), (Kind.VIDEO, "看不懂。"), (Kind.LINK, "看不懂。"),
    ],
)  # fmt: skip
def test_nothing_that_is_sent_meets_silence(phone: Phone, kind: Kind, says: str) -> None:
    assert phone.sends(kind=kind) == f"{says}菜单\n1 办卡\n2 进度"
    phone.says("我要办卡")
    assert phone.sends(kind=kind) == f"{says}\n同意吗？\n0 返回 · 9 人工"


def test_a_voice_with_words_is_read_like_a_text(phone: Phone) -> None:
    assert phone.sends("要多少钱", Kind.VOICE).startswith("不要钱。")


def test_an_event_has_an_answer_of_its_own(phone: Phone) -> None:
    assert phone.sends(kind=Kind.SUBSCRIBE).startswith("您好，菜单")


def test_a_click_on_the_platforms_menu_means_its_key(phone: Phone) -> None:
    assert phone.sends(kind=Kind.CLICK, key="apply").startswith("我们开始。")
    assert phone.sends(kind=Kind.CLICK, key="fees").startswith("不要钱。\n接着刚才的问题，同意吗？")
    assert Phone().sends(kind=Kind.CLICK, key="unheard of").startswith("菜单")


def test_an_unknown_conversation_with_the_floor_is_no_error(phone: Phone) -> None:
    phone.talk.session.talk = "fish"
    assert phone.says("你好").startswith("菜单")


# --- in the middle of a form -----------------------------------------------------------------


def test_an_answer_goes_to_the_open_question_before_anything_else(at_choice: Phone) -> None:
    assert at_choice.says("1").startswith("哪家医院？")


@pytest.mark.parametrize("text", ["要多少钱", "大概什么价钱呢"])
def test_a_question_in_the_middle_gets_its_answer_and_the_open_question_in_one_message(
    at_choice: Phone, text: str
) -> None:
    assert at_choice.says(text).startswith("不要钱。\n接着刚才的问题，养什么？\n1 小狗")
    assert at_choice.says("1").startswith("哪家医院？")


def test_only_a_clear_question_interrupts_where_any_sentence_would_do(at_choice: Phone) -> None:
    assert SURE < 0.7 < CERTAIN
    assert at_choice.says("1", "要多少钱").startswith("不要钱。\n接着刚才的问题，哪家医院？")
    assert at_choice.says("大概什么价钱呢").startswith("哪天起？")


def test_a_question_in_the_middle_is_not_taken_for_a_name(phone: Phone) -> None:
    phone.says("我要办卡", "同意")
    assert phone.says("要多少钱").startswith("不要钱。\n接着刚才的问题，姓名和年龄？")
    phone.says("赵小云 36", "0")
    assert phone.talk.session.drafts["pet"].answers["name"] == "赵小云"


def test_another_conversation_answers_in_passing_if_it_can(at_choice: Phone) -> None:
    assert at_choice.says("到哪了").startswith("还在审核。\n接着刚才的问题，养什么？")
    assert at_choice.open == "pet"


def test_another_conversation_gets_the_floor_where_it_must_ask_back(
    at_choice: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Progress, "passing", None)
    assert at_choice.says("到哪了") == "谁的？"
    assert at_choice.open == "progress"
    assert at_choice.says("我要办卡").startswith("接着办。")


@pytest.mark.parametrize("text", ["9", "人工", "找真人"])
def test_a_person_is_a_word_away_and_the_question_stays(at_choice: Phone, text: str) -> None:
    assert at_choice.says(text).startswith("请打12333。\n养什么？")


def test_a_greeting_in_the_middle_gets_the_question_again(at_choice: Phone) -> None:
    assert at_choice.says("你好").startswith("养什么？")


def test_wanting_the_same_form_again_resumes_it(at_choice: Phone) -> None:
    assert at_choice.says("我要办卡").startswith("接着办。")


def test_wrong_input_is_told_with_the_question(at_choice: Phone) -> None:
    assert at_choice.says("鳄鱼").startswith("没太明白。\n养什么？\n1 小狗")
    at_choice.says("鳄鱼")
    assert "回复9找人。" in at_choice.says("鳄鱼")


@pytest.mark.parametrize("text", ["修改1", "改名字", "我要改 名字"])
def test_an_answer_may_be_edited_from_anywhere(at_choice: Phone, text: str) -> None:
    assert at_choice.says(text).startswith("回到您，原来是赵小云，36。")
    assert at_choice.says("保留").startswith("保留。\n养什么？")


def test_editing_what_there_is_not_asks_the_question_again(at_choice: Phone) -> None:
    assert at_choice.says("改天气").startswith("没太明白。\n养什么？")


def test_the_words_of_every_form_reach_the_form(at_choice: Phone) -> None:
    assert at_choice.says("上一步").startswith("回到您，原来是赵小云，36。")
    assert at_choice.says("保留").startswith("保留。")
    assert at_choice.says("帮助").startswith("这样用。\n养什么？")
    assert at_choice.says("菜单") == "菜单"
    assert at_choice.says("我要办卡").startswith("接着办。")


def test_a_question_while_cancelling_does_not_cancel(at_choice: Phone) -> None:
    at_choice.says("取消")
    assert at_choice.says("要多少钱").endswith(
        "确定不办了吗？\n1 不办了，删掉\n2 接着办\n0 返回 · 9 人工"
    )
    assert at_choice.says("2").startswith("养什么？")


def test_a_picture_where_words_are_wanted_is_named_as_one(at_choice: Phone) -> None:
    assert at_choice.sends(kind=Kind.IMAGE, media=Media("m")).startswith("不用图片。\n养什么？")
    place = Place(32.0, 123.0)
    assert at_choice.sends(kind=Kind.LOCATION, place=place).startswith("不用位置。")


# --- background ------------------------------------------------------------------------------


def test_a_result_goes_to_the_conversation_that_asked(phone: Phone) -> None:
    assert phone.sends(kind=Kind.RESULT, key="look") == "查好了。"
    assert phone.sends(kind=Kind.RESULT, key="unheard of") == "None"


def test_a_result_is_never_read_as_words(at_choice: Phone) -> None:
    at_choice.talk.update = replace(update("1", Kind.RESULT), key="unheard of")
    assert ROUTER(at_choice.talk) is None
    assert at_choice.talk.session.drafts["pet"].step == "kind"


def test_a_word_that_names_what_is_wanted_needs_no_guess() -> None:
    assert Phone().says("收费标准").startswith("不要钱。")
