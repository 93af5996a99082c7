"""Days as people write them."""

from __future__ import annotations

import time
from datetime import date

import pytest

from bot.dialogue.dates import LONG_TERM, names_no_day, read_date


@pytest.mark.parametrize(
    "text",
    [
        "2038-05-12", "2038-5-12", "2038.05.12", "2038/5/12", "20380512", "2038年5月12日",
        "2038 年 5 月 12 号", "２０３８年５月１２日", "到2038年5月12日", "2018.05.12-2038.05.12",
        "20180512-20380512", "2038 5 12",
    ],
)  # fmt: skip
def test_one_day_is_read_in_every_writing(text: str) -> None:
    assert read_date(text) == date(2038, 5, 12)


@pytest.mark.parametrize("text", ["长期", "长期有效", "2018.05.12-长期", "Long-term", "no expiry"])
def test_long_term_is_no_day(text: str) -> None:
    assert read_date(text) == LONG_TERM


@pytest.mark.parametrize("text", ["", "明年", "2038", "2038-13-01", "20380230", "5月12日"])
def test_what_names_no_day_that_exists_is_nothing(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("text", ["2038年2月30日", "20381301", "31 April 2038", "到2038-02-30"])
def test_a_day_that_does_not_exist_is_known_from_no_day_at_all(text: str) -> None:
    assert read_date(text) is None
    assert names_no_day(text)


@pytest.mark.parametrize("text", ["", "明年", "2038年5月12日", "长期"])
def test_what_names_no_day_names_no_wrong_one(text: str) -> None:
    assert not names_no_day(text)


@pytest.mark.parametrize("gap", [" ", "\t", "\n", "\u3000"])
def test_a_long_gap_in_a_date_costs_little(gap: str) -> None:
    """With blanks matched in three ways beside each other, 800 of them took six seconds."""
    started = time.thread_time()
    assert read_date(f"2038{gap * 50_000}5{gap * 50_000}x") is None
    assert read_date(f"2038{gap * 50_000}5{gap * 50_000}12") == date(2038, 5, 12)
    assert time.thread_time() - started < 1
