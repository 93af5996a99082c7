"""What a form must keep, checked at start: each fault is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.dialogue.checks import Check
from bot.dialogue.form import Form
from bot.dialogue.form_checks import MOST_CHARACTERS, FormFault, check_form, longest_prompt
from bot.dialogue.several import Value
from bot.dialogue.steps import Choice, Text
from tests.bot.dialogue.tiny import PET, TEXTS, Texts, any_text, pet_form, pet_steps

LONGEST: Mapping[str, Mapping[str, str]] = {"zh_CN": {"name": "阿卜杜热合曼"}, "en": {"name": "Al"}}


def faults(form: Form = PET, texts: Texts | None = None) -> list[str]:
    """Every fault of a form; none is a failure of the test."""
    with pytest.raises(FormFault) as found:
        check_form(form, texts or Texts(), LONGEST)
    return found.value.faults


def with_text(key: str, text: str) -> Texts:
    return Texts(zh_CN=TEXTS | {key: text}, en=TEXTS)


def without(key: str, locale: str) -> Texts:
    tables = {name: dict(TEXTS) for name in ("zh_CN", "en")}
    del tables[locale][key]
    return Texts(**tables)


def changed(n: int, **more: Any) -> Form:
    """The form with its n-th step changed."""
    steps = pet_steps()
    steps[n] = replace(steps[n], **more)
    return pet_form(steps)


def test_a_sound_form_passes() -> None:
    check_form(PET, Texts(), LONGEST)


def test_two_steps_of_one_name() -> None:
    assert "kind: two steps of this name" in faults(changed(3, name="kind", reads=()))


def test_a_step_in_an_unknown_section() -> None:
    assert faults(changed(2, section="nowhere")) == ["kind: no section nowhere"]


def test_a_section_without_a_step() -> None:
    form = pet_form(sections=["start", "you", "extra", "end"])
    assert "section extra: no step" in faults(form)


def test_steps_that_do_not_follow_the_sections() -> None:
    form = pet_form(sections=["you", "start", "end"])
    assert faults(form) == ["the steps do not follow the order of the sections"]


def test_a_dependency_on_an_unknown_step() -> None:
    assert faults(changed(3, depends=("fish",))) == ["vet: depends on an unknown step fish"]


def test_a_dependency_that_points_backwards() -> None:
    assert faults(changed(2, depends=("vet",))) == ["kind: depends on vet, which comes later"]
    assert faults(changed(2, depends=("kind",))) == ["kind: depends on kind, which comes later"]


def test_a_step_that_cannot_be_reached_behind_the_read_back() -> None:
    steps = pet_steps()
    form = pet_form([*steps, replace(steps[4], name="since", section="end", fills=("x",))])
    assert any("cannot be reached" in fault for fault in faults(form))


def test_a_step_whose_answer_another_always_fills() -> None:
    step = Text(name="again", section="you", reads=(Value("kind", any_text),), line="")
    steps = pet_steps()
    steps.insert(3, step)
    expected = "again: cannot be reached for kind, which kind always fills"
    assert expected in faults(pet_form(steps))


def test_two_steps_may_share_an_answer_where_conditions_decide() -> None:
    steps = pet_steps()
    steps[2] = replace(steps[2], when=lambda turn, draft: True)
    steps.insert(
        3,
        Choice(
            name="sort", fills=("kind",), section="you", options=("cat",), line="kind",
            when=lambda turn, draft: False,
        ),
    )  # fmt: skip
    texts = TEXTS | {
        "pet.sort.ask": "？",
        "pet.sort.option.cat": "猫",
        "pet.sort.option_words.cat": "",
    }
    check_form(pet_form(steps), Texts(zh_CN=texts, en=texts), LONGEST)


def test_a_choice_with_no_way_out() -> None:
    expected = "kind: a choice with nothing to choose has no way out"
    assert faults(changed(2, options=())) == [expected]


def test_six_options() -> None:
    names = ("dog", "cat", "none", "fish", "bird", "cow")
    assert "kind: more than 5 options" in faults(changed(2, options=names))
    assert "kind: more than 5 options" in faults(changed(2, options=lambda turn, draft: [], most=6))


def test_six_lines_of_a_check() -> None:
    step = Check(
        name="who",
        section="you",
        values=tuple(Value(f"v{n}", any_text) for n in range(6)),
        learned=lambda turn, draft: {},
        confirmed=lambda turn, draft, values: None,  # type: ignore[arg-type,return-value]
    )
    steps = pet_steps()
    steps[1] = step
    assert "who: more than 5 options" in faults(pet_form(steps))


def test_a_rename_to_what_nobody_has() -> None:
    assert faults(pet_form(renames={"old": "unheard_of"})) == [
        "old: renamed to unheard_of, which is neither a step nor an answer"
    ]


@pytest.mark.parametrize(
    "key",
    [
        "pet.section.you", "pet.agree.ask", "pet.who.need.age", "pet.kind.label",
        "pet.kind.option.cat", "pet.kind.option_words.cat", "pet.check.after", "pet.since.ask",
    ],
)  # fmt: skip
def test_a_missing_text(key: str) -> None:
    assert faults(texts=without(key, "zh_CN")) == [f"no text {key}"]


def test_a_locale_that_lacks_a_prompt() -> None:
    (fault,) = faults(texts=without("pet.kind.ask", "en"))
    assert fault == "kind: nobody gives 'pet.kind.ask' in en"


def test_a_placeholder_that_nobody_fills() -> None:
    (fault,) = faults(texts=with_text("pet.who.ask", "{title}，姓名？"))
    assert fault == "who: nobody gives 'title' in zh_CN"


@pytest.mark.parametrize("locale", MOST_CHARACTERS)
def test_a_prompt_that_is_too_long(locale: str) -> None:
    most = MOST_CHARACTERS[locale] - len("\n0 返回 · 9 人工")
    tables = {name: dict(TEXTS) for name in MOST_CHARACTERS}
    tables[locale]["pet.since.ask"] = "长" * most
    check_form(PET, Texts(**tables), LONGEST)
    tables[locale]["pet.since.ask"] += "长"
    (fault,) = faults(texts=Texts(**tables))
    assert fault.startswith(f"since: a prompt of {MOST_CHARACTERS[locale] + 1} characters")


def test_a_prompt_that_only_the_longest_value_makes_too_long() -> None:
    texts = with_text("pet.since.ask", "长" * 280 + "{name}{name}")
    (fault,) = faults(texts=texts)
    assert fault.startswith("since: a prompt of")


def test_all_faults_are_told_at_once() -> None:
    form = changed(2, options=(), depends=("vet",), section="nowhere")
    with pytest.raises(FormFault, match=r"form pet has 3 fault\(s\):\n"):
        check_form(form, Texts(), LONGEST)


def test_the_longest_prompt_is_named_with_its_step() -> None:
    step, prompt = longest_prompt(PET, Texts(), "zh_CN", LONGEST)
    assert step == "check"
    assert prompt.splitlines()[:3] == ["请核对：", "您：", "宠物："]
