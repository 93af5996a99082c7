"""Mobile numbers as people type them; the count of digits is told where it is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.phones import PhoneFault, normalise_phone


@pytest.mark.parametrize(
    "typed",
    [
        "13900001234",
        "139 0000 1234",
        "139-0000-1234",
        "+86 139 0000 1234",
        "008613900001234",
        "8613900001234",
        "(+86)13900001234",
        "１３９００００１２３４",
        " 13900001234\u200b ",
    ],
)
def test_the_ways_to_write_a_phone_give_eleven_digits(typed: str) -> None:
    assert normalise_phone(typed) == "13900001234"


@pytest.mark.parametrize(
    ("typed", "code", "digits"),
    [
        ("", "empty", 0),
        ("没有手机", "empty", 0),
        ("1390000123", "length", 10),
        ("139000012345", "length", 12),
        ("86139000012", "range", 11),
        ("12900001234", "range", 11),
        ("010-88886666", "range", 11),
        ("我的是13900001234", "characters", 11),
        ("1390000123X", "characters", 10),
    ],
)
def test_a_wrong_phone_is_told_with_its_digits(typed: str, code: str, digits: int) -> None:
    with pytest.raises(PhoneFault) as raised:
        normalise_phone(typed)
    assert (raised.value.code, raised.value.digits) == (code, digits)


@given(st.text(alphabet="0123456789+- １８６", max_size=20))
def test_nothing_but_eleven_digits_of_a_mobile_ever_comes_out(text: str) -> None:
    try:
        phone = normalise_phone(text)
    except PhoneFault:
        return
    assert len(phone) == 11
    assert phone.isascii()
    assert "13" <= phone[:2] <= "19"
