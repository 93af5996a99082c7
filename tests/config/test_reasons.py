"""Why an application is sent back: every usual reason, in words that can be filled everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.city import load_city
from config.locales import LOCALES, Texts
from config.reasons import SHIPPED, ReasonFault, load_reasons, sentence_faults
from tests.config.test_other_city import OTHER
from tests.config.test_punctuation import _WRONG, texts_of

USUAL = """
PHOTO_SIZE PHOTO_BG PHOTO_HEAD PHOTO_QUALITY PHOTO_COVER PHOTO_NOT_SELF ID_BLUR ID_CORNER ID_GLARE
ID_COVER ID_EXPIRED ID_MISMATCH NAME_MISMATCH ID_NOT_FOUND NO_POLICE_PHOTO DUPLICATE OTHER_PLACE
FIELD_MISSING REGION_CODE PHONE_INVALID GUARDIAN_MISSING BANK_KYC TRIES
"""
AT_ONCE = 40  # characters of a sentence that is read in one breath, in Chinese


def test_every_usual_reason_is_there() -> None:
    assert set(load_reasons()) == set(USUAL.split())


@pytest.mark.parametrize("path", [None, OTHER], ids=["shipped", "other"])
def test_every_sentence_can_be_filled_in_every_city(path: Path | None) -> None:
    assert sentence_faults(load_reasons(), Texts.load(load_city(path))) == []


def test_a_sentence_that_nobody_fills_is_named() -> None:
    reason = replace(load_reasons()["ID_BLUR"], fact={"zh_CN": "{whose}看不清", "en": "blurred"})
    faults = sentence_faults({"ID_BLUR": reason}, Texts.load(load_city()))
    assert faults == ["ID_BLUR.fact.zh_CN: cannot be filled ('whose')"]


def test_every_field_has_words() -> None:
    texts = Texts.load(load_city())
    fields = {field for reason in load_reasons().values() for field in reason.fields}
    assert [f for f in sorted(fields) if not texts.has(f"returned.field.{f}")] == []


def test_what_can_be_mended_is_sent_back_and_the_rest_refused() -> None:
    refused = {reason.code for reason in load_reasons().values() if reason.outcome == "refuse"}
    assert refused == {"ID_NOT_FOUND", "DUPLICATE", "OTHER_PLACE", "GUARDIAN_MISSING", "TRIES"}


def test_the_sentences_are_short_and_end_without_a_stop() -> None:
    for reason in load_reasons().values():
        for sentence in (reason.need, reason.fact, reason.rule, reason.remedy):
            assert sentence.keys() == set(LOCALES)
            assert not [words for words in sentence.values() if words[-1] in "。.，；"]
        told = f"{reason.fact['zh_CN']}，{reason.rule['zh_CN']}"
        assert len(told) <= 2 * AT_ONCE, reason.code


def test_the_sentences_use_full_width_marks() -> None:
    assert [wrong.group() for text in texts_of(SHIPPED) for wrong in _WRONG.finditer(text)] == []


def test_a_code_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    path = tmp_path / "reasons.toml"
    path.write_text(text.replace('"ID_CORNER"', '"ID_BLUR"'), "utf-8")
    with pytest.raises(ReasonFault, match="twice"):
        load_reasons(path)
