"""Check: everything at one look, only the wrong line typed. ReadBack: the last look."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.checks import Check, ReadBack
from bot.dialogue.form import Filling, Form, Step
from bot.dialogue.messages import Kind, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Problem, Reading, Unclear
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import Text
from tests.bot.dialogue.tiny import (
    NOW,
    TEXTS,
    WORDS,
    Talk,
    any_text,
    at_the_end,
    read_age,
    read_name,
    submitted,
    update,
)

CHECK_TEXTS = TEXTS | {
    "tag.section.you": "您",
    "tag.look.ask": "读到：{name}，{age}。",
    "tag.look.label": "您",
    "tag.look.words": "本人",
    "tag.look.which": "哪一行不对？",
    "tag.look.line.name": "姓名",
    "tag.look.line_words.name": "名字",
    "tag.look.line.age": "年龄",
    "tag.look.line_words.age": "岁数",
    "tag.look.type.name": "请发姓名。",
    "tag.look.type.age": "请发年龄。",
    "tag.colour.ask": "颜色？",
    "tag.colour.label": "颜色",
    "tag.colour.words": "色",
    "tag.check.ask": "请核对：",
    "tag.check.after": "回复确认。",
}


def right(turn: Any, draft: Draft, values: dict[str, Any]) -> Reading:
    return Problem("太小。") if values["age"] < 16 else Answer(values)


LOOK = Check(
    name="look",
    section="you",
    values=(Value("name", read_name), Value("age", read_age)),
    learned=lambda turn, draft: draft.facts["read"],
    confirmed=right,
)
COLOUR = Text(name="colour", section="you", reads=(Value("colour", any_text),))
TAG: Form = Form(
    "tag",
    1,
    ["you"],
    [
        LOOK,
        COLOUR,
        ReadBack(name="check", section="you", line="", whole=lambda: TAG, yes=lambda turn: WORDS),
    ],
    submitted,
)


class Looking:
    """A draft whose check is open, over what was read."""

    def __init__(self, **read: Any) -> None:
        self.talk = Talk(texts=CHECK_TEXTS)
        self.draft = Draft("d1", "tag", 1, NOW.isoformat(), facts={"read": read})
        self.filling = Filling(TAG, self.talk, self.draft)
        self.first = self._plain(self.filling.start())

    def says(self, text: str, kind: Kind = Kind.TEXT) -> str:
        self.talk.update = update(text, kind)
        return self._plain(self.filling.take(self.filling.read()))

    def _plain(self, outcome: object) -> str:
        assert isinstance(outcome, Reply), outcome
        return outcome.plain().removesuffix("\n0 返回 · 9 人工")


def test_everything_is_shown_at_once_with_two_answers() -> None:
    assert Looking(name="赵小云", age=36).first.endswith("读到：赵小云，36。\n1 都对\n2 有不对的")


@pytest.mark.parametrize("text", ["1", "都对", "没错", "对"])
def test_all_right_takes_everything_down(text: str) -> None:
    looking = Looking(name="赵小云", age=36)
    assert looking.says(text) == "颜色？"
    assert looking.draft.answers == {"name": "赵小云", "age": 36}


@pytest.mark.parametrize("line", ["2", "年龄", "岁数"])
@pytest.mark.parametrize("wrong", ["2", "有不对的", "错了"])
def test_only_the_wrong_line_is_typed(wrong: str, line: str) -> None:
    looking = Looking(name="赵小云", age=63)
    assert looking.says(wrong) == "哪一行不对？\n1 姓名\n2 年龄"
    assert looking.says(line) == "请发年龄。"
    assert looking.says("36").startswith("读到：赵小云，36。")
    looking.says("1")
    assert looking.draft.answers == {"name": "赵小云", "age": 36}


@pytest.mark.parametrize("text", ["年龄不对", "年龄错了"])
def test_the_wrong_line_may_be_named_at_once(text: str) -> None:
    assert Looking(name="赵小云", age=63).says(text) == "请发年龄。"


def test_what_could_not_be_read_is_typed_before_anything_is_shown() -> None:
    looking = Looking(age=36)
    assert looking.first.endswith("请发姓名。")
    assert looking.says("赵小云").startswith("读到：赵小云，36。")


def test_a_wrong_line_typed_wrongly_says_why() -> None:
    looking = Looking(name="赵小云")
    assert looking.says("老") == "年龄是数字，收到老。"


def test_what_is_right_in_the_eyes_of_the_person_may_still_be_refused() -> None:
    looking = Looking(name="赵小云", age=6)
    assert looking.says("1") == "太小。"
    assert looking.says("2").startswith("哪一行不对？")


@pytest.mark.parametrize(
    ("text", "kind"), [("", Kind.IMAGE), ("恐龙", Kind.TEXT), ("3", Kind.TEXT)]
)
def test_what_is_neither_right_nor_wrong_is_unclear(text: str, kind: Kind) -> None:
    looking = Looking(name="赵小云", age=36)
    looking.talk.update = update(text, kind)
    assert looking.filling.read() == UNCLEAR
    looking.says("2")
    looking.talk.update = update(text, kind)
    assert isinstance(looking.filling.read(), Unclear)


def test_back_inside_the_check_leads_to_what_was_read_and_then_out() -> None:
    looking = Looking(name="赵小云", age=63)
    looking.says("2")
    looking.says("2")
    back = looking.filling.back()
    assert back is not None
    assert "1 都对" in back.plain()
    assert looking.filling.back() is None


def test_a_line_put_right_stays_right_after_back() -> None:
    looking = Looking(name="赵小云", age=63)
    for text in ("年龄不对", "36", "2"):
        looking.says(text)
    back = looking.filling.back()
    assert back is not None
    assert "赵小云，36" in back.plain()


def test_a_reopened_check_shows_what_was_confirmed_and_not_what_was_read() -> None:
    looking = Looking(age=63)
    for text in ("赵小云", "年龄不对", "36", "1"):
        looking.says(text)
    looking.filling.back()
    assert looking.says("1") == "颜色？"
    assert looking.draft.answers == {"name": "赵小云", "age": 36}


def test_what_is_missing_is_still_asked_after_leaving_and_coming_back() -> None:
    looking = Looking(name="赵小云")
    assert looking.filling.back() is None
    assert "请发年龄。" in looking.filling.resume().plain()
    assert looking.says("36").startswith("读到：赵小云，36。")


def test_a_check_names_its_texts_and_its_longest_prompt() -> None:
    assert {"tag.look.type.age", "tag.look.line_words.name", "tag.look.which"} <= set(LOOK.texts())
    assert list(LOOK.longest(lambda key: key)) == [
        "tag.look.ask\n1 form.all_right\n2 form.something_wrong"
    ]
    assert LOOK.options_at_most() == 2


# --- the read-back ---------------------------------------------------------------------------


def read_back_of(filling: Filling) -> ReadBack:
    step: Step = filling.step
    assert isinstance(step, ReadBack)
    return step


def test_the_read_back_shows_every_line_that_has_an_answer() -> None:
    _, filling = at_the_end()
    assert filling.ask().text.splitlines() == [
        "请核对：",
        "您：赵小云，36",
        "宠物：小狗",
        "医院：城东动物医院",
        "日期：2024年5月1日",
    ]
    assert filling.ask().after == "回复确认。"


def test_the_read_back_leaves_out_what_no_longer_applies() -> None:
    _, filling = at_the_end()
    filling.draft.answers["kind"] = "none"
    assert "医院" not in filling.ask().text


@pytest.mark.parametrize(
    ("target", "step"),
    [("1", "who"), ("名字", "who"), ("宠物", "kind"), ("第三个", "vet"), ("日子", "since")],
)
def test_a_line_is_named_by_its_number_or_in_words(target: str, step: str) -> None:
    talk, filling = at_the_end()
    found = read_back_of(filling).line_named(talk, filling.draft, target)
    assert found is not None
    assert [s.name for s in found] == [step]


@pytest.mark.parametrize("target", ["9", "天气", ""])
def test_what_names_no_line_is_none(target: str) -> None:
    talk, filling = at_the_end()
    assert read_back_of(filling).line_named(talk, filling.draft, target) is None


def test_only_the_word_itself_confirms() -> None:
    _, filling = at_the_end()
    filling.turn.update = update("好")
    assert filling.read() == UNCLEAR
    filling.turn.update = update("确认。")
    assert filling.read() == Answer({})


def test_a_read_back_is_never_carried_over_as_answered() -> None:
    talk, filling = at_the_end()
    assert not filling.step.valid(talk, filling.draft)
