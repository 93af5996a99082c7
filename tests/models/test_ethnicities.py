"""The peoples of GB/T 3304, named as people name them."""

from __future__ import annotations

import pytest

from models.ethnicities import ETHNICITIES, find_ethnicity


def test_the_table_holds_all_56_and_the_two_others() -> None:
    assert sorted(ETHNICITIES) == [f"{n:02d}" for n in range(1, 57)] + ["97", "98"]
    assert len({e.name for e in ETHNICITIES.values()}) == 58
    assert len({e.name_en for e in ETHNICITIES.values()}) == 58


@pytest.mark.parametrize("ethnicity", ETHNICITIES.values(), ids=lambda e: e.code)
def test_each_is_found_by_every_name_of_its_own(ethnicity: object) -> None:
    known = ETHNICITIES[getattr(ethnicity, "code", "")]
    for word in (known.name, known.full_name, known.name_en, known.name_en.upper(), known.code):
        assert find_ethnicity(word) == known.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我是汉族", "01"),
        ("漢", "01"),
        ("维族", "05"),
        ("满族人", "11"),
        (" 回 族", "03"),
        ("汉族。", "01"),
    ],
)
def test_common_other_words_are_understood(text: str, code: str | None) -> None:
    assert find_ethnicity(text) == code


@pytest.mark.parametrize("text", ["", "族", "火星", "57", "1", "汉族回族"])
def test_what_names_no_people_gives_none(text: str) -> None:
    assert find_ethnicity(text) is None
