"""The kinds of question: how each reads what people send, asks again and shows an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.dialogue.form import Filling, Step
from bot.dialogue.messages import Kind, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Fault, Leave, Problem, Reading, Stay
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import Choice, Consent, Date, Text, words_of
from bot.dialogue.words import Item
from tests.bot.dialogue.tiny import (
    NOW,
    PET,
    PHOTO,
    PLACE,
    WORDS,
    Talk,
    any_text,
    pet_form,
    read_age,
    read_name,
    refused,
)


def asked(step: Step, text: str = "", kind: Kind = Kind.TEXT, **more: Any) -> Reading:
    """What a question of the form `pet` makes of one message."""
    pet_form([step])
    return step.read(Talk().hears(text, kind, **more), draft())


def draft(**answers: Any) -> Draft:
    return Draft("d1", "pet", 1, NOW.isoformat(), answers)


KIND = Choice(name="kind", section="you", options=("dog", "cat", "none"))
WHO = Text(name="who", section="you", reads=(Value("name", read_name), Value("age", read_age)))
SINCE = Date(name="since", section="you")
CONSENT = Consent(
    name="agree",
    section="start",
    yes=lambda turn: WORDS,
    given=lambda turn, draft: None,
    refused=refused,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "dog"), ("第二个", "cat"), ("小猫", "cat"), ("汪星人", "dog"), ("没有养", "none")],
)
def test_a_choice_is_answered_by_number_word_and_synonym(text: str, value: str) -> None:
    assert asked(KIND, text) == Answer({"kind": value})


def test_a_voice_with_words_is_as_good_as_typing() -> None:
    assert asked(KIND, "小猫。", Kind.VOICE) == Answer({"kind": "cat"})
    assert words_of(Talk().hears(" 好 ", Kind.VOICE)) == "好"


@pytest.mark.parametrize("step", [KIND, WHO, SINCE, CONSENT])
@pytest.mark.parametrize(
    "sent", [{"kind": Kind.VOICE}, {"kind": Kind.OTHER}, {"kind": Kind.VIDEO}, PHOTO, PLACE]
)
def test_what_has_no_words_is_no_answer_to_a_question_in_words(
    step: Step, sent: dict[str, Any]
) -> None:
    assert asked(step, **sent) == UNCLEAR


def test_a_word_that_fits_two_options_is_asked_back() -> None:
    assert asked(KIND, "小狗和小猫") == Problem("您说的可能是：小狗、小猫")


def test_a_choice_shows_its_label_and_old_values_as_they_are() -> None:
    pet_form([KIND])
    assert KIND.show(Talk(), draft(kind="cat")) == "小猫"
    assert KIND.show(Talk(), draft(kind="fish")) == "fish"
    assert KIND.show(Talk(), draft()) == ""


def test_a_choice_may_make_its_options_for_the_turn() -> None:
    step = Choice(
        name="kind", section="you", options=lambda turn, draft: [Item(7, "乌龟", ())], most=1
    )
    assert asked(step, "乌龟") == Answer({"kind": 7})
    assert step.options_at_most() == 1
    assert step.texts() == ("pet.kind.ask", "pet.kind.label")
    assert list(step.longest(lambda key: key)) == ["pet.kind.ask"]


@pytest.mark.parametrize(
    ("text", "kind", "pet_name"),
    [
        ("1 旺财", "dog", "旺财"), ("1旺财", "dog", "旺财"), ("1，旺财", "dog", "旺财"),
        ("小狗 旺财", "dog", "旺财"), ("狗", "dog", None), ("2", "cat", None),
    ],
)  # fmt: skip
def test_words_after_the_choice_fill_a_second_answer(
    text: str, kind: str, pet_name: str | None
) -> None:
    step = Choice(name="kind", section="you", options=("dog", "cat"), with_text="pet_name")
    values = {"kind": kind} | ({"pet_name": pet_name} if pet_name else {})
    assert asked(step, text) == Answer(values)


def test_a_year_before_a_word_is_not_the_number_of_an_option() -> None:
    step = Choice(name="kind", section="you", options=("dog", "none"), with_text="pet_name")
    assert asked(step, "1996年起没有养") == Answer({"kind": "none"})


# --- several values in one message -----------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["赵小云 36", "36 赵小云", "赵小云，36", "赵小云、36", "赵小云,36", " 赵小云  36 "]
)
def test_several_values_come_in_one_message_in_any_order(text: str) -> None:
    assert asked(WHO, text) == Answer({"name": "赵小云", "age": 36})


def test_a_value_of_several_words_is_one_value() -> None:
    assert asked(WHO, "Anna Maria Li 36") == Answer({"name": "Anna Maria Li", "age": 36})
    assert asked(WHO, "36 Anna Maria Li") == Answer({"name": "Anna Maria Li", "age": 36})


def filling_at(step: Step) -> Filling:
    form = pet_form([step])
    open_draft = draft()
    open_draft.step = step.name
    return Filling(form, Talk(), open_draft)


def told(filling: Filling, text: str) -> Reply:
    filling.turn.update = Talk().hears(text).update
    outcome = filling.take(filling.read())
    assert isinstance(outcome, Reply)
    return outcome


def test_what_was_understood_is_kept_and_the_rest_asked_for() -> None:
    filling = filling_at(WHO)
    assert told(filling, "赵小云").text == "还要年龄。"
    assert told(filling, "36岁").text == "年龄是数字，收到36岁。"
    told(filling, "36")
    assert filling.draft.answers == {"name": "赵小云", "age": 36}


def test_a_fault_in_one_value_keeps_the_other() -> None:
    filling = filling_at(WHO)
    assert told(filling, "Anna Li 三十六3").text == "年龄是数字，收到三十六3。"
    told(filling, "36")
    assert filling.draft.answers == {"name": "Anna Li", "age": 36}


def test_everything_sent_again_replaces_what_was_kept() -> None:
    filling = filling_at(WHO)
    told(filling, "赵小芸")
    told(filling, "赵小云 36")
    assert filling.draft.answers == {"name": "赵小云", "age": 36}


def test_what_was_only_looked_at_leaves_no_trace() -> None:
    """The router may find that something else was meant: then nothing was answered."""
    filling = filling_at(WHO)
    filling.turn.update = Talk().hears("要多少钱").update
    assert isinstance(filling.read(), Stay)
    assert filling.draft.inner == {}


def test_several_values_are_shown_together() -> None:
    pet_form([WHO])
    assert WHO.show(Talk(), draft(name="赵小云", age=36)) == "赵小云，36"
    assert WHO.show(Talk(), draft(name="赵小云")) == "赵小云"


def test_any_sentence_answers_a_free_text_but_not_surely() -> None:
    step = Text(name="vet", section="you", reads=(Value("vet", any_text),))
    assert asked(step, "要多少钱？") == Answer({"vet": "要多少钱？"}, sure=False)
    assert step.texts() == ("pet.vet.ask", "pet.vet.label")


def test_a_wrong_free_text_is_told_why() -> None:
    step = Text(name="who", section="you", reads=(Value("age", read_age),))
    assert asked(step, "老") == Problem("年龄是数字，收到老。")


# --- days and consents -----------------------------------------------------------------------


def test_a_day_is_stored_in_one_writing_and_shown_in_words() -> None:
    assert asked(SINCE, "2024/5/1") == Answer({"since": "2024-05-01"})
    assert SINCE.show(Talk(), draft(since="2024-05-01")) == "2024年5月1日"
    assert SINCE.show(Talk(), draft()) == ""


def test_long_term_counts_only_where_it_may() -> None:
    assert asked(SINCE, "长期") == UNCLEAR
    long = Date(name="since", section="you", long_term=True)
    assert asked(long, "长期") == Answer({"since": "long_term"})
    assert long.show(Talk(), draft(since="long_term")) == "长期"


def test_a_day_may_be_refused_by_the_form() -> None:
    def over(turn: Any, draft: Draft, day: date) -> None:
        if day < turn.now.date():
            raise Fault("over")

    step = Date(name="since", section="you", long_term=True, check=over)
    assert asked(step, "2020-1-1") == Problem("这一天过了。")
    assert asked(step, "2030-1-1") == Answer({"since": "2030-01-01"})
    assert asked(step, "昨天") == UNCLEAR


def test_a_consent_is_recorded_when_given_and_not_before() -> None:
    given: list[str] = []
    step = Consent(
        name="agree",
        section="start",
        yes=lambda turn: WORDS,
        given=lambda turn, draft: given.append(draft.id),
        refused=refused,
        also=lambda turn, draft, said: Problem(f"{said}？"),
    )
    assert asked(step, "孩子") == Problem("孩子？")
    assert isinstance(asked(step, "不同意"), Leave)
    assert given == []
    assert asked(step, "同意。") == Answer({"agree": True})
    assert given == ["d1"]
    assert step.show(Talk(), draft()) == "已同意"
    assert asked(CONSENT, "孩子") == UNCLEAR


def test_a_question_shows_its_answer_as_it_is_unless_it_says_otherwise() -> None:
    step = Step(name="x", section="you")
    assert step.show(Talk(), draft(x=3)) == "3"
    assert step.old(Talk(), draft(x=3)) == "3"
    assert step.longest_shown(lambda key: key) == []
    assert PET.step("kind").longest(lambda key: key) == [
        "pet.kind.ask\n1 pet.kind.option.dog\n2 pet.kind.option.cat\n3 pet.kind.option.none"
    ]


@pytest.mark.parametrize(
    "text", ["😀👍", "/::)", "/::)/:heart", "[微笑]", "[Smile][Smile]", "？！", "。"]
)
def test_emoticons_and_marks_alone_are_no_words(text: str) -> None:
    assert words_of(Talk().hears(text)) == ""


@pytest.mark.parametrize("text", ["好的[微笑]", "0", "𠮷", "1️⃣", "ok/::)"])
def test_words_beside_an_emoticon_are_words(text: str) -> None:
    assert words_of(Talk().hears(text)) == text
