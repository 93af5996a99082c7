"""What a person is told of an application that came back: the same words wherever it is told."""

from __future__ import annotations

from datetime import date

import pytest

from config.city import load_city
from config.locales import Texts
from models.corrections import Wording
from models.returns import Finding

FOUND = date(2026, 11, 27)
UNTIL = date(2026, 12, 27)
TODAY = date(2026, 12, 18)
OFFICE = load_city().city_office_en


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts.load(load_city())


def told(texts: Texts, *findings: Finding, locale: str = "zh_CN", today: date = TODAY) -> str:
    wording = Wording(texts, locale, today)
    return wording.correction(
        findings, found_on=FOUND, correct_by=UNTIL, tail="0731", name="陈*强"
    ).text


def test_one_finding_is_told_in_three_lines(texts: Texts) -> None:
    assert told(texts, Finding("PHOTO_BG", "portrait")) == (
        "您好，陈*强。您的社保卡申请（受理号尾号0731）差一样东西：照片要重拍。\n"
        "市人社局11月27日审核：照片背景偏灰，制卡要纯白背景。其他都合格，不用重填。\n"
        "请在12月27日前补好，还有9天。"
    )


def test_several_findings_are_one_list_the_most_important_first(texts: Texts) -> None:
    findings = Finding("PHOTO_BG", "portrait"), Finding("ID_BLUR", "id_photos")
    assert told(texts, *findings) == (
        "您好，陈*强。您的社保卡申请（受理号尾号0731）差两样东西：身份证要重拍，照片要重拍。\n"
        "市人社局11月27日审核：\n"
        "（1）身份证照片看不清，每个字都要看得清。\n"
        "（2）照片背景偏灰，制卡要纯白背景。\n"
        "其他都合格，不用重填。\n"
        "请在12月27日前补好，还有9天。"
    )


def test_two_faults_of_one_photo_want_one_new_photo(texts: Texts) -> None:
    findings = Finding("PHOTO_BG", "portrait"), Finding("PHOTO_HEAD", "portrait")
    assert "差一样东西：照片要重拍。" in told(texts, *findings)


def test_a_missing_field_is_named(texts: Texts) -> None:
    text = told(texts, Finding("FIELD_MISSING", "lives_at"))
    assert "住址要补" in text
    assert "住址没有填全" in text


def test_it_is_told_in_english_as_well(texts: Texts) -> None:
    assert told(texts, Finding("PHOTO_BG", "portrait"), locale="en") == (
        "Hello 陈*强. Your card application (acceptance number ending in 0731) lacks one thing: "
        "a new photo.\n"
        f"{OFFICE}, 27 November: the background of the photo is grey; the card needs a plain "
        "white one. Everything else is fine; nothing else need be filled in again.\n"
        "Please correct it by 27 December; 9 days are left."
    )


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 12, 26), "请在12月27日前补好，还有1天。"),
        (date(2026, 12, 27), "今天是最后一天，请今天补好。"),
        (date(2026, 12, 28), "说好的12月27日已经过了，还没终止，请马上补好。"),
    ],
)
def test_the_last_days_are_told_as_such(texts: Texts, today: date, said: str) -> None:
    assert told(texts, Finding("PHOTO_BG", "portrait"), today=today).endswith(said)


def test_a_reason_that_the_city_struck_out_is_still_told(texts: Texts) -> None:
    text = told(texts, Finding("PHOTO_SMILE", "portrait"))
    assert "差一样东西：照片要改。" in text


def test_a_refusal_tells_who_why_what_to_do_and_how_to_object(texts: Texts) -> None:
    lines = Wording(texts, "zh_CN", TODAY).refusal(["OTHER_PLACE"], FOUND)
    assert lines[0] == (
        "市人社局11月27日审核：查到您在外地有一张社保卡在用，一人只能有一张，这份申请不能受理。"
    )
    assert lines[1].startswith("想用云州的卡，请先在发卡的城市注销原卡")
    assert lines[2].startswith("不同意这个结果，回复“意见”")


def test_a_refusal_without_a_known_reason_still_tells_how_to_object(texts: Texts) -> None:
    lines = Wording(texts, "en", TODAY).refusal([], FOUND)
    assert "cannot be accepted" in lines[0]
    assert "objection" in lines[1]
