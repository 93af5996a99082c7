"""The editable answers: complete in every language, filled from the city, short."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.city import City, load_city
from config.faq import LOCALES, Faq, FaqFault
from config.intents import load_intents


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture(scope="module")
def faq(city: City) -> Faq:
    return Faq.load(city)


def test_every_intent_has_an_answer(faq: Faq) -> None:
    assert faq.intents() == load_intents().patterns.keys()


def test_no_answer_shows_a_blank_that_was_not_filled(faq: Faq) -> None:
    assert not [i for locale in LOCALES for i in faq.intents() if "{" in faq.answer(locale, i)]


def test_answers_take_fees_and_phones_from_the_city(faq: Faq, city: City) -> None:
    assert faq.answer("zh_CN", "faq_fee").startswith("首次办卡不收费，到网点领卡也不收费。")
    assert f"收费{city.fees.reissue}元" in faq.answer("zh_CN", "replace_card")
    assert city.human.phone in faq.answer("en", "consult_human")


def test_what_cannot_be_done_here_yet_says_so(faq: Faq) -> None:
    for intent in ("lost_card", "replace_card", "records_payment", "training", "work_injury"):
        assert "这里还不能" in faq.answer("zh_CN", intent)
        assert "here yet" in faq.answer("en", intent)


def test_a_language_without_answers_gets_the_chinese_ones(faq: Faq) -> None:
    assert faq.answer("fr", "help") == faq.answer("zh_CN", "help")


@pytest.mark.parametrize(
    ("chinese", "english", "fault"),
    [
        ('a = "好"', "", "en: no answer to a"),
        ("", 'a = "well"', "en: nobody asks a"),
        ('a = "{moon}"', 'a = "x"', "zh_CN: a names {moon}, which nobody knows"),
        (f'a = "{"长" * 301}"', 'a = "x"', "zh_CN: a has 301 characters, 300 at most"),
    ],
)
def test_a_faulty_answer_is_refused_at_start(
    tmp_path: Path, city: City, chinese: str, english: str, fault: str
) -> None:
    (tmp_path / "zh_CN.toml").write_text(chinese, "utf-8")
    (tmp_path / "en.toml").write_text(english, "utf-8")
    with pytest.raises(FaqFault) as caught:
        Faq.load(city, tmp_path)
    assert str(caught.value) == fault
