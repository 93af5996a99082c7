"""Identity numbers of every kind, as people type them, and what is said of the wrong ones."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from models.id_numbers import IdKind, IdNumberFault, age_on, clean_id_number, parse_id_number

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "kind", "sex", "birth"),
    [
        ("11010519491231002X", IdKind.RESIDENT_ID, "female", date(1949, 12, 31)),
        ("440524188001010014", IdKind.RESIDENT_ID, "male", date(1880, 1, 1)),
        ("119999199003070019", IdKind.RESIDENT_ID, "male", date(1990, 3, 7)),
        ("119999201806150020", IdKind.RESIDENT_ID, "female", date(2018, 6, 15)),
        ("810000199408230021", IdKind.HKMO_RESIDENCE_PERMIT, "female", date(1994, 8, 23)),
        ("820000199101010018", IdKind.HKMO_RESIDENCE_PERMIT, "male", date(1991, 1, 1)),
        ("830000199201300022", IdKind.TW_RESIDENCE_PERMIT, "female", date(1992, 1, 30)),
        ("911840198001010013", IdKind.FOREIGN_PR, "male", date(1980, 1, 1)),
        ("USA110081010109", IdKind.FOREIGN_PR, "female", date(1981, 1, 1)),
    ],
)
def test_each_kind_of_number_gives_what_follows_from_it(
    text: str, kind: IdKind, sex: str, birth: date
) -> None:
    number = parse_id_number(text, TODAY)
    assert (number.value, number.kind, number.sex, number.birth) == (text, kind, sex, birth)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002Ⅹ",
        "11010519491231002ⅹ",
        "110105\u200b19491231\u3000002X",
        "110105–19491231—002X",
    ],
)
def test_what_fingers_and_keyboards_add_is_put_right(typed: str) -> None:
    assert parse_id_number(typed, TODAY).value == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "code", "length"),
    [
        ("", "length", 0),
        ("11999919900307001", "length", 17),
        ("1199991990030700199", "length", 19),
        ("110105491231002", "fifteen", 15),
        ("11999919900307001A", "characters", 18),
        ("X19999199003070019", "characters", 18),
        ("019999199003070019", "characters", 18),
        ("身份证号码十八位数字身份证号码十八位", "characters", 18),
        ("119999199003070010", "checksum", 18),
        ("119999199003070091", "checksum", 18),
        ("USA110081010108", "checksum", 15),
        ("USA1100810101O9", "characters", 15),
    ],
)
def test_a_wrong_number_is_named_by_its_first_fault(text: str, code: str, length: int) -> None:
    with pytest.raises(IdNumberFault) as raised:
        parse_id_number(text, TODAY)
    assert (raised.value.code, raised.value.length) == (code, length)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("11999919900230001", "birth"),
        ("11999919901301001", "birth"),
        ("11999918791231001", "birth"),
        ("11999920261124001", "future"),
        ("11999921000101001", "future"),
    ],
)
def test_a_birth_that_cannot_be_is_refused_though_the_checksum_is_right(
    body: str, code: str
) -> None:
    with pytest.raises(IdNumberFault) as raised:
        parse_id_number(body + ric.calc_check_digit(f"{body}0"), TODAY)
    assert raised.value.code == code


def test_born_today_is_accepted() -> None:
    body = "11999920261123001"
    assert parse_id_number(body + ric.calc_check_digit(f"{body}0"), TODAY).birth == TODAY


def test_two_digits_of_a_year_never_lie_in_the_future() -> None:
    born_99 = parse_id_number(_foreign("USA1100990101"), TODAY)
    born_26 = parse_id_number(_foreign("USA1100260101"), TODAY)
    assert (born_99.birth.year, born_26.birth.year) == (1999, 2026)


@pytest.mark.parametrize("digit", range(18))
def test_any_single_wrong_digit_is_found(digit: int) -> None:
    right = "119999199003070019"
    for other in set("0123456789") - {right[digit]}:
        with pytest.raises(IdNumberFault):
            parse_id_number(right[:digit] + other + right[digit + 1 :], TODAY)


@pytest.mark.parametrize("place", range(17))
def test_two_neighbours_exchanged_are_found(place: int) -> None:
    right = "11010519491231002X"
    if right[place] == right[place + 1]:
        return
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    with pytest.raises(IdNumberFault):
        parse_id_number(swapped, TODAY)


@given(st.text(max_size=24))
def test_no_text_does_more_than_raise_a_fault(text: str) -> None:
    try:
        assert len(parse_id_number(text, TODAY).value) in (15, 18)
    except IdNumberFault as fault:
        assert fault.length == len(clean_id_number(text))


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2010, 11, 24), date(2026, 11, 23), 15),
        (date(2010, 11, 23), date(2026, 11, 23), 16),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
    ],
)
def test_age_counts_full_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def _foreign(stem: str) -> str:
    """A made-up card of 2017 with its check digit (weights 7, 3, 1)."""
    body = f"{stem}0"
    total = sum(int(letter, 36) * (7, 3, 1)[place % 3] for place, letter in enumerate(body))
    return f"{body}{total % 10}"
