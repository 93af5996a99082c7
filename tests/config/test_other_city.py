"""Every text in a second, quite different city: nothing of the shipped one is left in it."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import faq as faq_package
from config.city import City, load_city
from config.faq import Faq, faq_facts
from config.locales import LOCALES, Texts
from config.locales.facts import city_facts
from config.locales.longest import longest_values

OTHER = Path(__file__).with_name("other_city.toml")
FIGURE = re.compile(
    r"\d+(?=个工作日|天|分钟|秒|元|岁|年|小时|MB)"
    r"|\d+(?=[ -](?:working days?|days?|minutes?|seconds?|yuan|years?|hours?|MB)\b)"
    r"|(?i:under \d+)"
    r"|\b(?:a|one) (?:full )?(?:minute|working day)\b"
)
SAME_EVERYWHERE = {"2013", "2038", "1", "30", "10"}
"""15-digit ID numbers ended in 2013; an example date; the law's days and year (unemployment
benefit, work injury); the minutes of a one-use link."""
NATIONAL = ("掌上12333",)  # an app of the whole country, not the city's phone


@pytest.fixture(scope="module")
def shipped() -> City:
    return load_city()


@pytest.fixture(scope="module")
def other() -> City:
    return load_city(OTHER)


def keys_of(texts: Texts) -> list[str]:
    return list(texts.keys())


def answers_as_written(locale: str) -> dict[str, str]:
    folder = Path(faq_package.__file__).parent
    return tomllib.loads((folder / f"{locale}.toml").read_text("utf-8"))


def filled(city: City) -> Iterator[tuple[str, str]]:
    """Every text and answer as a resident of the city reads it, by language and key."""
    texts, faq = Texts.load(city), Faq.load(city)
    for locale in LOCALES:
        longest = longest_values(city)[locale]
        for key in keys_of(texts):
            wanted = texts.placeholders(locale, key)
            values = {name: longest.get(name, f"<{name}>") for name in wanted - {"day"}}
            if "day" not in wanted:
                yield f"{locale} {key}", texts.say(locale, key, **values)
        for intent in faq.intents():
            yield f"{locale} faq.{intent}", faq.answer(locale, intent)


def names_of(city: City) -> set[str]:
    """What residents are told of a city by name: places, banks, phones, hours, offices."""
    found = {city.name, city.short, city.name_en, city.acceptance_prefix}
    found |= {city.city_office, city.city_office_en, city.province_office, city.province_office_en}
    found |= {city.human.phone, city.human.hours, city.human.hours_en}
    found |= {city.fees.post, city.fees.post_en}
    found |= {city.examples.address, city.examples.address_en}
    for district in city.districts:
        found |= {district.name, district.name_en, *district.aliases}
    for bank in city.banks:
        found |= {bank.name, bank.short, bank.name_en, bank.said(False), bank.code, bank.hotline}
    for branch in city.branches:
        found |= {branch.name, branch.name_en, branch.address, branch.address_en, branch.phone}
        found |= {branch.hours, branch.hours_en}
    for counter in city.counters:
        found |= {counter.name, counter.name_en, counter.address, counter.address_en}
        found |= {counter.hours, counter.hours_en, counter.phone}
    return found


def holds(text: str, name: str) -> bool:
    """Whether a name stands in a text; a Latin one as a word of its own."""
    bounds = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])" if name.isascii() else "{}"
    return re.search(bounds.format(re.escape(name)), text) is not None


def test_no_name_phone_or_address_of_the_shipped_city_stands_in_another(
    shipped: City, other: City
) -> None:
    names = names_of(shipped) - names_of(other)
    assert len(names) > 100
    found = []
    for key, text in filled(other):
        for national in NATIONAL:
            text = text.replace(national, "")
        found += [f"{key}: {name}" for name in names if holds(text, name)]
    assert found == []


def test_the_other_citys_own_facts_are_told(other: City) -> None:
    everything = "\n".join(text for _, text in filled(other))
    for fact in (
        "首次办卡收费24元。", "Your first card costs 24 yuan.", "到网点领卡不另收费",
        "邮寄到家（邮费由我们出）", "过90秒回复“重发”", "wait 90 seconds and reply",
        "3个工作日内回电", "within 3 working days", "9岁以上带白底近照", "未满18岁的", "Under 18,",
        "18岁以下由监护人办", "例如“望潮区栈桥路8号”", "8 Zhanqiao Road, Wangchao District",
        "交给自治区人社厅和", "市社保局", "the regional Human Resources",
        "如“海行”", "渔民银行石笋支行", '"ZSB"', "补卡收费36元", "不超过6MB",
    ):  # fmt: skip
        assert fact in everything, fact


@pytest.mark.parametrize("locale", LOCALES)
def test_no_fee_day_or_age_is_written_in_a_text(locale: str, shipped: City) -> None:
    """Figures with a unit are the city's: they are filled in, but for the law's own."""
    texts = Texts.load(shipped)
    written = {key: texts.as_written(locale, key) for key in keys_of(texts)}
    written |= {f"faq.{intent}": text for intent, text in answers_as_written(locale).items()}
    found = [
        f"{key}: {figure}"
        for key, text in written.items()
        for figure in FIGURE.findall(re.sub(r"\{[^}]*\}", "", text))
        if figure not in SAME_EVERYWHERE
    ]
    assert found == []


def test_figures_that_are_the_same_everywhere_are_the_laws(shipped: City) -> None:
    texts = Texts.load(shipped)
    held = {key for key in keys_of(texts) if "10分钟" in texts.as_written("zh_CN", key)}
    assert held == {"picture_link"}
    held = {intent for intent, text in answers_as_written("zh_CN").items() if "30天" in text}
    assert held == {"work_injury"}


@pytest.mark.parametrize("locale", LOCALES)
def test_both_languages_know_the_same_facts_and_use_the_citys(locale: str, other: City) -> None:
    assert faq_facts(other, locale).keys() == faq_facts(other, "zh_CN").keys()
    texts = Texts.load(other)
    used = {
        name
        for text in [texts.as_written(locale, key) for key in keys_of(texts)]
        + list(answers_as_written(locale).values())
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }
    elsewhere = {"example_bank_name", "answer_words_days"}  # the latter in the privacy notice
    assert city_facts(other, locale).keys() - used <= elsewhere


def test_a_fee_at_the_branch_is_told_as_it_is(shipped: City) -> None:
    dear = replace(shipped, fees=replace(shipped.fees, pickup=5))
    assert "首次办卡不收费，到网点领卡收费5元。" in Faq.load(dear).answer("zh_CN", "faq_fee")
    assert "Collecting it at the branch: 5 yuan." in Faq.load(dear).answer("en", "faq_fee")


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [(60, "1分钟", "a minute"), (120, "2分钟", "2 minutes"), (45, "45秒", "45 seconds")],
)
def test_the_wait_for_another_code_is_the_citys(
    shipped: City, seconds: int, chinese: str, english: str
) -> None:
    patient = replace(shipped, days=replace(shipped.days, resend_seconds=seconds))
    texts = Texts.load(patient)
    assert f"请等满{chinese}再" in texts.say("zh_CN", "problem.code.too_soon")
    assert f"wait {english} before" in texts.say("en", "problem.code.too_soon")
