"""The wordings of the notices: complete, short enough for the platform, told in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from config.city import Branch, City, WeChat, load_city
from config.city_alipay import Alipay
from config.template_book import LOCALES, RUNGS
from config.template_faults import longest_params
from config.templates import SHIPPED, TemplateFault, Templates, load_templates, notice_for
from models.application_states import MOVES, State
from tests.config.test_other_city import OTHER

PARAMS = {"number": "YZ2611230731", "date": "12月21日"}


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The shipped file with one place changed."""
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path = tmp_path / "templates.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def refused(city: City, path: Path) -> str:
    with pytest.raises(TemplateFault) as fault:
        Templates.load(city, path)
    return str(fault.value)


@pytest.mark.parametrize("path", [None, OTHER], ids=["shipped", "other"])
def test_every_notice_has_every_wording_in_every_language(path: Path | None) -> None:
    city = load_city(path)
    templates = load_templates(city)
    for name in templates.names():
        for locale in LOCALES:
            longest = longest_params(city, locale)
            assert templates.chat(name, locale, longest)
            assert templates.sms(name, locale, longest).template
            for rung in RUNGS:
                assert templates.filled(rung, name, locale, longest)


def test_every_state_that_a_resident_is_told_of_has_a_notice() -> None:
    told = {end for (_, end), move in MOVES.items() if move.told}
    assert [state for state in sorted(told) if notice_for(state) is None] == []


def test_no_notice_is_for_a_state_that_does_not_exist(city: City) -> None:
    named = {
        state for notice in load_templates(city).book.notice.values() for state in notice.states
    }
    assert named <= {state.value for state in State}


def test_a_wording_is_filled_with_the_acceptance_number_and_the_status(city: City) -> None:
    filled = load_templates(city).filled("template", "approved", "zh_CN", PARAMS)
    assert filled == {
        "character_string1": "YZ2611230731",
        "thing2": "审核通过",
        "thing3": "预计12月21日前可领",
    }


def test_an_sms_names_the_registered_text_and_the_end_of_the_number(city: City) -> None:
    sms = load_templates(city).sms("approved", "en", PARAMS)
    assert sms.template == city.sms["approved_en"].id
    assert sms.params == {"tail": "0731", "date": "12月21日"}


def test_a_chat_text_names_the_citys_phone(city: City) -> None:
    assert city.human.phone in load_templates(city).chat("refused", "zh_CN", PARAMS)


def test_a_language_nobody_knows_gets_chinese(city: City) -> None:
    templates = load_templates(city)
    assert templates.chat("approved", "fr", PARAMS) == templates.chat("approved", "zh_CN", PARAMS)


def test_a_wording_has_the_id_that_the_citys_profile_gives_it(city: City) -> None:
    known = replace(city, wechat=WeChat(templates={"progress": "tid"}))
    templates = load_templates(known)
    assert templates.approved("template", "approved") == "tid"
    assert templates.approved("subscription", "approved") is None
    assert templates.approved("template", "returned") is None


HOLES = {
    "no text of a language": (
        'en = "The social security function of your card (acceptance number ending',
        'fr = "The social security function of your card (acceptance number ending',
        "notice.activated.chat: no en",
    ),
    "no status": (
        'status = { zh_CN = "正在制卡", en = "Card being made" }',
        'status = { zh_CN = "正在制卡" }',
        "notice.in_production.status: no en",
    ),
    "no wording for a rung": (
        "[subscription.reminder]",
        "[subscription.elsewhere]",
        "notice.draft_reminder: there is no subscription.reminder",
    ),
    "a wording nobody uses": (
        "[subscription.reminder]",
        "[subscription.elsewhere]",
        "subscription.elsewhere: no notice uses it",
    ),
    "no SMS": (
        'sms = "draft"',
        'sms = "unheard"',
        "notice.draft_reminder: the city's profile has no sms.unheard_en",
    ),
    "a placeholder nobody fills": (
        "已寄出，{post}",
        "已寄出，{postman}",
        "notice.mailed.chat.zh_CN: nobody fills in 'postman'",
    ),
    "a parameter nobody knows": (
        'params = ["number", "days"]',
        'params = ["number", "days", "shoe_size"]',
        "notice.correction_due: nobody fills in shoe_size",
    ),
    "an SMS parameter nobody fills": (
        'sms = "late"\nparams = ["number", "date"]',
        'sms = "reminder"\nparams = ["number", "date"]',
        "notice.late: nobody fills in 'left' of the city's sms.reminder (zh_CN)",
    ),
    "no words for the days left": ("[left.en]", "[left.fr]", "left: no en"),
    "the last day in more words than a field has room for": (
        'none_brief = "last day: today"',
        'none_brief = "today is the last day"',
        "notice.correction_due as template in en: thing3 is 'today is the last day'",
    ),
    "a value over its limit": (
        'zh_CN = "卡已寄出"',
        f'zh_CN = "{"卡" * 21}"',
        "notice.mailed as template in zh_CN: thing2",
    ),
    "a value over its limit only in English": (
        'en = "By {date}" }\n\n[notice.submitted.chat]',
        'en = "Ready by {date}" }\n\n[notice.submitted.chat]',
        "notice.submitted as template in en: thing3 is 'Ready by 28 September 2027': 20 characters",
    ),
    "an empty value": (
        'note = { zh_CN = "社保功能还没有启用"',
        'note = { zh_CN = " "',
        "notice.collected as template in zh_CN: thing3 is ' ': empty",
    ),
    "Chinese where none may stand": (
        'key = "character_string1", label = "受理编号", value = "{number}"',
        'key = "character_string1", label = "受理编号", value = "受理号{number}"',
        "none of them Chinese",
    ),
    "a person's name": (
        '{ key = "thing3", label = "备注", value = "{note}" }',
        '{ key = "name3", label = "姓名", value = "{note}" }',
        "template.progress: name3 is for a person's name",
    ),
    "a key twice": (
        '{ key = "thing3"',
        '{ key = "thing2"',
        "template.progress: thing2 is there twice",
    ),
    "a key of no kind": ('{ key = "thing3"', '{ key = "thought3"', "no such kind of field"),
    "two notices of one state": (
        'states = ["MAILED"]',
        'states = ["SEALED"]',
        "SEALED: two notices tell of it",
    ),
    "a word nobody knows": ("[notice.late]\n", "[notice.late]\ncolour = 1\n", "notice.late.colour"),
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_is_refused_and_named(city: City, tmp_path: Path, hole: str) -> None:
    old, new, told = HOLES[hole]
    assert told in refused(city, changed(tmp_path, old, new))


def test_all_holes_are_told_at_once(city: City, tmp_path: Path) -> None:
    path = changed(tmp_path, 'sms = "draft"', 'sms = "unheard"')
    path.write_text(
        path.read_text("utf-8").replace('{ key = "thing3"', '{ key = "thing2"'), "utf-8"
    )
    assert len(re.findall("is there twice|has no sms", refused(city, path))) > 2


def test_a_chat_text_longer_than_a_bubble_is_refused(city: City, tmp_path: Path) -> None:
    path = changed(tmp_path, "开始制卡了", "开始制卡了" * 60)
    assert "300 at most" in refused(city, path)


def test_the_citys_longest_names_count(city: City) -> None:
    (first, *others) = city.branches
    endless = Branch(**{**vars(first), "address": "很远的路" * 80})
    with pytest.raises(TemplateFault, match=r"notice\.ready\.chat\.zh_CN: 4\d\d characters"):
        load_templates(replace(city, branches=(endless, *others)))


def test_alipays_ids_stand_in_its_own_tables(city: City) -> None:
    style = Alipay(single_templates={"progress": "A1"}, mini_templates={"action": "A2"})
    templates = load_templates(replace(city, alipay=style))
    assert templates.approved("alipay_single", "activated") == "A1"
    assert templates.approved("alipay_single", "returned") is None
    assert templates.approved("alipay_mini", "returned") == "A2"
    assert templates.approved("template", "activated") is None


def test_a_value_beyond_a_field_of_alipays_is_refused(city: City, tmp_path: Path) -> None:
    old = 'key = "remark", label = "备注", value = "{note}"'
    long = changed(tmp_path, old, old.replace("{note}", "{note}" + "长" * 50))
    assert "as alipay_single in zh_CN: remark is" in refused(city, long)
    wrong = changed(tmp_path, old, old.replace("remark", "thing3"))
    assert "no such field" in refused(city, wrong)
    style = Alipay(mini_templates={"no_such": "A1"})
    with pytest.raises(TemplateFault, match=r"alipay_mini\.no_such, which is no wording"):
        load_templates(replace(city, alipay=style))


def test_an_id_for_a_wording_that_does_not_exist_is_refused(city: City) -> None:
    wrong = replace(city, wechat=WeChat(subscriptions={"progres": "tid"}))
    with pytest.raises(TemplateFault, match=r"subscription\.progres, which is no wording"):
        load_templates(wrong)


def test_a_city_without_an_sms_text_is_refused(city: City) -> None:
    fewer = {name: text for name, text in city.sms.items() if name != "progress_en"}
    with pytest.raises(TemplateFault, match=r"no sms\.progress_en"):
        load_templates(replace(city, sms=fewer))


def test_a_broken_file_is_a_template_fault(city: City, tmp_path: Path) -> None:
    path = tmp_path / "templates.toml"
    path.write_text("[notice", "utf-8")
    assert path.name in refused(city, path)
