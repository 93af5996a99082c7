"""Moving through a form: next, back, keep, edit with its dependents, and carrying drafts over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.form import Filling, Form, Step, migrate
from bot.dialogue.messages import LATER, Reply
from bot.dialogue.readings import Answer, Leave, Stay
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import Choice, Text
from tests.bot.dialogue.tiny import (
    NOW,
    PET,
    Talk,
    answered,
    any_text,
    at_the_end,
    begun,
    pet_form,
    pet_steps,
    submitted,
    update,
)


def test_a_form_begins_with_its_first_section_and_ends_with_what_it_submits() -> None:
    talk, filling = begun()
    assert filling.ask(header=True).plain() == "第1步/共3步 同意\n同意吗？\n0 返回 · 9 人工"
    told = answered(filling, "好", "赵小云 36", "狗", "城东动物医院", "长期", "确认")
    assert told == "收到：36、True、dog、赵小云、long_term、城东动物医院"
    assert talk.session.drafts == {}


def test_the_header_stands_in_the_first_prompt_of_a_section_only() -> None:
    _, filling = begun()
    assert answered(filling, "同意").startswith("第2步/共3步 您\n")
    assert "第2步" not in answered(filling, "赵小云 36")


def test_every_prompt_has_the_one_footer() -> None:
    _, filling = begun()
    for text in ("同意", "赵小云", "36", "鳄鱼", "没有", "后天", "长期"):
        assert answered(filling, text).endswith("\n0 返回 · 9 人工")


def test_a_question_whose_condition_does_not_hold_is_not_asked() -> None:
    _, filling = begun()
    assert "哪天起？" in answered(filling, "同意", "赵小云 36", "没有")
    assert "vet" not in filling.draft.done


def test_back_opens_the_question_before_and_keep_leaves_its_answer() -> None:
    _, filling = begun()
    answered(filling, "同意", "赵小云 36", "2")
    back = filling.back()
    assert back is not None
    assert back.plain().startswith("回到您，原来选的是小猫：\n1 小狗\n2 小猫")
    kept = filling.keep()
    assert isinstance(kept, Reply)
    assert kept.plain().startswith("保留。\n哪家医院？")
    assert filling.draft.answers["kind"] == "cat"
    assert filling.draft.kept == []


def test_back_at_a_free_text_says_what_it_was() -> None:
    _, filling = begun()
    answered(filling, "同意", "赵小云 36")
    back = filling.back()
    assert back is not None
    assert back.plain().startswith("回到您，原来是赵小云，36。")


def test_back_at_the_first_question_leaves_with_the_draft_kept() -> None:
    talk, filling = begun()
    assert filling.back() is None
    assert talk.session.drafts["pet"].step == "agree"


def test_back_twice_goes_two_questions_back_and_forward_again() -> None:
    _, filling = begun()
    answered(filling, "同意", "赵小云 36", "2", "医院")
    filling.back()
    filling.back()
    assert filling.step.name == "kind"
    filling.keep()
    assert filling.step.name == "vet"
    filling.keep()
    assert filling.step.name == "since"
    assert filling.draft.answers["vet"] == "医院"


def test_back_passes_over_a_question_that_no_longer_applies() -> None:
    _, filling = at_the_end()
    filling.draft.answers["kind"] = "none"
    filling.back()
    filling.back()
    assert filling.step.name == "kind"


def test_there_is_nothing_to_keep_at_a_new_question() -> None:
    _, filling = begun()
    told = filling.keep()
    assert isinstance(told, Reply)
    assert told.plain().startswith("没有可保留的。\n同意吗？")
    assert filling.draft.done == []


def test_an_edited_answer_leads_straight_back_to_where_one_was() -> None:
    _, filling = at_the_end()
    filling.edit("since")
    assert "请核对：" in answered(filling, "长期")
    assert filling.draft.answers["since"] == "long_term"


def test_an_edit_asks_again_what_depends_on_it_and_nothing_else() -> None:
    _, filling = at_the_end()
    filling.edit("kind")
    assert answered(filling, "猫").startswith("哪家医院？")
    assert "请核对：" in answered(filling, "城西动物医院")
    assert filling.draft.answers["since"] == "2024-05-01"


def test_the_same_answer_again_asks_nothing_again() -> None:
    _, filling = at_the_end()
    filling.edit("kind")
    assert "请核对：" in answered(filling, "小狗")
    assert filling.draft.answers["vet"] == "城东动物医院"


def test_what_depends_on_what_depends_is_asked_again_too() -> None:
    steps = pet_steps()
    steps[4] = replace(steps[4], depends=("vet",))
    _, filling = at_the_end(pet_form(steps))
    filling.edit("kind")
    answered(filling, "猫")
    assert "vet" not in filling.draft.answers
    assert "since" not in filling.draft.answers


def test_a_reopened_answer_that_became_stale_cannot_be_kept() -> None:
    _, filling = begun()
    answered(filling, "同意", "赵小云 36", "狗", "城东动物医院")
    filling.back()  # the clinic, its answer kept
    filling.back()  # the kind
    answered(filling, "猫")
    assert filling.step.name == "vet"
    assert "vet" not in filling.draft.answers
    told = filling.keep()
    assert isinstance(told, Reply)
    assert told.plain().startswith("没有可保留的。")


def test_editing_what_has_no_answer_asks_the_open_question() -> None:
    _, filling = begun()
    assert filling.edit("since").plain().startswith("同意吗？")


def test_a_person_is_offered_at_the_third_failure_and_not_before() -> None:
    _, filling = begun()
    answered(filling, "同意", "赵小云 36")
    assert "回复9找人" not in answered(filling, "鳄鱼", "恐龙")
    assert "回复9找人" in answered(filling, "麒麟")
    assert "哪家医院？" in answered(filling, "狗")
    assert filling.draft.tries == 0


def test_a_question_that_goes_on_forgets_the_failures() -> None:
    _, filling = begun()
    answered(filling, "不懂", "不懂", "同意")
    filling.fail("")
    filling.take(Stay(Reply("还有一张。")))
    assert filling.draft.tries == 0
    assert filling.take(Stay(None)) is None


def test_leaving_gives_up_the_floor_and_keeps_the_draft() -> None:
    talk, filling = begun()
    assert answered(filling, "不同意") == "到窗口办。"
    assert talk.session.talk == ""
    assert "pet" in talk.session.drafts


def test_a_resumed_form_says_so_with_where_one_is() -> None:
    _, filling = begun()
    answered(filling, "同意")
    assert filling.resume().plain().startswith("接着办。\n第2步/共3步 您\n姓名和年龄？")


def test_a_question_that_waits_for_a_job_is_asked_later() -> None:
    class Slow(Choice):
        def enter(self, turn: object, draft: Draft) -> object:  # type: ignore[override]
            return LATER

    steps = pet_steps()
    steps[2] = Slow(name="kind", section="you", options=("dog", "cat", "none"))
    talk, filling = begun(pet_form(steps))
    answered(filling, "同意")
    talk.hears("赵小云 36")
    assert filling.take(filling.read()) is LATER
    assert filling.take(LATER) is LATER


def test_a_job_result_follows_the_rule_of_the_form() -> None:
    rules = {
        "looked": lambda turn, draft: Answer({"agree": True}),
        "quiet": lambda turn, draft: None,
    }
    talk, filling = begun(pet_form(results=rules))
    talk.update = update("", key="quiet")
    assert filling.result() is LATER
    talk.update = update("", key="unheard of")
    assert filling.result() is LATER
    talk.update = update("", key="looked")
    told = filling.result()
    assert isinstance(told, Reply)
    assert "姓名和年龄？" in told.plain()


def test_the_form_hears_of_every_answer_taken_down() -> None:
    heard: list[str] = []
    form = pet_form(changed=lambda turn, draft, step: heard.append(step.name))
    _, filling = begun(form)
    answered(filling, "同意", "赵小云 36")
    assert heard == ["agree", "who"]


# --- drafts of another version ---------------------------------------------------------------


def second_version(**more: object) -> Form:
    """The clinic's step and answer have new names, a colour is asked as well."""
    steps = pet_steps()
    steps[3] = Text(
        name="clinic", section="you", reads=(Value("clinic_name", any_text),), depends=("kind",)
    )
    steps.insert(4, Text(name="colour", section="you", reads=(Value("colour", any_text),)))
    return pet_form(steps, version=2, renames={"vet": "clinic", "vet_name": "clinic_name"}, **more)


def old_draft() -> tuple[Talk, Draft]:
    talk, filling = at_the_end()
    filling.draft.answers["vet_name"] = filling.draft.answers.pop("vet")
    return talk, filling.draft


def test_a_draft_of_an_older_version_keeps_its_answers_under_new_names() -> None:
    talk, draft = old_draft()
    form = second_version()
    assert migrate(form, talk, draft)
    assert draft.version == 2
    assert draft.answers["clinic_name"] == "城东动物医院"
    assert draft.done == ["agree", "who", "kind", "clinic", "since"]
    assert draft.step == "colour"
    assert not migrate(form, talk, draft)


def test_only_what_no_longer_holds_is_asked_again() -> None:
    class Recent(Choice):
        def valid(self, turn: object, draft: Draft) -> bool:
            return draft.answers.get("kind") == "cat"

    talk, draft = old_draft()
    steps = pet_steps()
    steps[2] = Recent(name="kind", section="you", options=("cat",))
    migrate(pet_form(steps, version=2, renames={"vet_name": "vet"}), talk, draft)
    assert draft.step == "kind"
    assert draft.done == ["agree", "who", "vet", "since"]


def test_answers_that_nobody_asks_any_more_are_forgotten() -> None:
    talk, draft = old_draft()
    steps = [s for s in pet_steps() if s.name != "since"]
    migrate(pet_form(steps, version=2, renames={"vet_name": "vet"}), talk, draft)
    assert "since" not in draft.answers
    assert draft.step == "check"


def test_an_open_question_that_is_gone_is_no_error() -> None:
    talk, filling = begun()
    answered(filling, "同意")
    filling.draft.step = "unheard_of"
    assert migrate(PET, talk, filling.draft)
    assert filling.draft.step == "who"
    assert "姓名和年龄？" in Filling(PET, talk, filling.draft).resume().plain()


def test_a_draft_with_everything_answered_stays_at_the_end() -> None:
    form = Form("pet", 2, ["you"], [pet_steps()[2]], submitted)
    draft = Draft("d1", "pet", 1, NOW.isoformat(), {"kind": "cat"}, ["kind"], "check")
    migrate(form, Talk(), draft)
    assert draft.step == "kind"


def test_a_draft_of_this_version_is_left_alone() -> None:
    talk, filling = at_the_end()
    before = replace(filling.draft)
    assert not migrate(PET, talk, filling.draft)
    assert filling.draft == before


def test_a_step_that_reads_nothing_is_a_mistake_seen_at_once() -> None:
    with pytest.raises(NotImplementedError, match="Step"):
        Step(name="x", section="you").read(Talk(), at_the_end()[1].draft)


def test_a_leave_without_words_says_nothing() -> None:
    talk, filling = begun()
    assert filling.take(Leave(None)) is None
    assert talk.session.talk == ""
