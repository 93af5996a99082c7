"""What a page makes of a transcript: bubbles, buttons, links; and which words become buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue.messages import Link, Option, Position, Reply
from bot.sessions import PICTURE_LIFE, Entry
from bot.website.chat import Chat, chat_of, chosen, masked
from bot.website.quick_words import quick_words

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FOOTER = "0 返回 · 9 人工"
MENU = Reply(
    "要办什么？", (Option("1", "办卡"), Option("2", "查进度")), footer=FOOTER, mark="a" * 10
)


def said(*what: Reply | str | None, more: dict[str, bool] | None = None) -> list[Entry]:
    """A transcript: texts are the person's, replies the bot's."""
    return [
        Entry(f"k{n}", "me", NOW, text=one, number=n)
        if isinstance(one, str)
        else Entry(f"k{n}", "bot", NOW, reply=one, number=n, more=more or {})
        for n, one in enumerate(what, 1)
    ]


def shown(*what: Reply | str | None) -> Chat:
    return chat_of(said(*what), NOW)


def test_the_last_question_has_buttons_and_earlier_ones_are_lines() -> None:
    chat = shown(MENU, "你好", MENU)
    assert chat.asked.choices == (("aaaaaaaaaa-1", "办卡"), ("aaaaaaaaaa-2", "查进度"))
    assert [bubble.lines for bubble in chat.bubbles] == [("1 办卡", "2 查进度"), (), ()]
    assert chat.asked.ways == (("0", "返回"), ("9", "人工"))


def test_the_first_message_since_the_person_spoke_is_the_new_one() -> None:
    chat = shown(MENU, "你好", Reply("好。"), Reply("还有。"))
    assert [bubble.is_new for bubble in chat.bubbles] == [False, False, True, False]
    assert chat.last == 4


def test_nothing_to_say_is_no_bubble_and_asks_nothing_else() -> None:
    chat = shown(MENU, "嗯", None)
    assert [bubble.by for bubble in chat.bubbles] == ["bot", "me"]
    assert chat.asked.choices


def test_what_the_page_itself_says_leaves_the_question_open() -> None:
    aside = Entry("x", "bot", NOW, reply=Reply("太大。"), number=2, more={"aside": True})
    chat = chat_of([*said(MENU), aside], NOW)
    assert chat.asked.choices
    assert not chat.asked.pending


def test_while_an_answer_is_to_come_the_old_question_has_no_buttons() -> None:
    late = Reply("请稍候。", pending=True)
    assert (shown(MENU, "1", late).asked.pending, shown(MENU, "1", late).asked.choices) == (
        True,
        (),
    )
    assert not shown(MENU, "1", late, Reply("好了。")).asked.pending


def test_a_link_stands_where_its_label_does_else_below() -> None:
    reply = Reply("见《告知》。", links=(Link("/privacy", "《告知》"), Link("/notices", "订阅")))
    [bubble] = shown(reply).bubbles
    assert bubble.parts == (("见", ""), ("《告知》", "/privacy"), ("。", ""))
    assert bubble.below == (Link("/notices", "订阅"),)


def test_a_picture_is_shown_for_its_minutes() -> None:
    entry = Entry("p", "picture", NOW, number=1)
    for later, key in ((PICTURE_LIFE - timedelta(seconds=1), "p"), (PICTURE_LIFE, "")):
        [bubble] = chat_of([entry], NOW + later).bubbles
        assert bubble.picture == key


def test_each_message_says_in_which_language_it_is() -> None:
    chat = shown(Reply("好。", locale="zh_CN"), "english", Reply("Fine.", locale="en"))
    assert [bubble.lang for bubble in chat.bubbles] == ["zh-CN", "", "en"]
    assert chat.asked.lang == "en"


def test_how_far_the_form_is_comes_with_its_question() -> None:
    at = Position("id", "身份证", 2, 6)
    assert shown(Reply("请发照片。", position=at, asks="photo")).asked.position == at


def test_a_button_is_found_wherever_it_was_shown() -> None:
    entries = said(MENU, "1", Reply("好。"))
    assert chosen(entries, "aaaaaaaaaa-2") == Option("aaaaaaaaaa-2", "查进度")
    for value in ("aaaaaaaaaa-3", "bbbbbbbbbb-1", "", "1"):
        assert chosen(entries, value) is None


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("陈国强 119999199003070019", "陈国强 119***********0019"),
        ("11999919780911005x。", "119***********005x。"),
        ("13900001234", "13900001234"),
        ("受理号YZ2611230731", "受理号YZ2611230731"),
        ("6222021199991990030700191", "6222021199991990030700191"),
    ],
)
def test_a_whole_id_number_is_not_shown_again(typed: str, seen: str) -> None:
    assert masked(typed) == seen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("请回复“同意”；给孩子办，回复“孩子”。", ("同意", "孩子")),
        ('reply "agree"; for a child, reply "child".', ("agree", "child")),
        ("例如“城东区人民路1号”。", ()),
        ("例如“赵小云 119999199203080026”。", ()),
        ("“同意”“同意”", ("同意",)),
        ("回复“继续”接着办；请回复“同意”。", ("同意",)),
        ("想接着办，回复“继续”。", ("继续",)),
        ("发“进度”就能看；不想要了，回复“解绑”，不办了回复“取消”。", ("进度",)),
        ("", ()),
    ],
)
def test_words_that_can_be_replied_become_buttons(text: str, words: tuple[str, ...]) -> None:
    assert quick_words(text) == words
