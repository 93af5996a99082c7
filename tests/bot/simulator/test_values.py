"""Every row of the platform's limits for the values of templates, at its edge and over it."""

from __future__ import annotations

import pytest

from bot.simulator.values import fits

ROWS = {
    "thing1": (["字" * 20, "a1，。 b"], ["字" * 21, "两\n行", "", " ", "\x02"]),
    "const2": (["已受理"], ["字" * 21]),
    "short_thing3": (["五个字以内"], ["六个字不可以"]),
    "phrase4": (["制卡中", "五个汉字呀"], ["六个汉字不行", "ok", "制卡1"]),
    "name5": (["十个汉字的名字一二三", "a" * 20], ["字" * 11, "a" * 21, "汉" + "a" * 10]),
    "character_string6": (["YZ2611250423", "#" * 32], ["a" * 33, "受理1"]),
    "number7": (["1" * 32, "12.50"], ["1" * 33, "1,000", "一"]),
    "letter8": (["abcXYZ", "a" * 32], ["a" * 33, "a1"]),
    "symbol9": (["###", "!?%&*"], ["######", "a"]),
    "time10": (
        ["15:01", "2026年11月25日 15:01", "2026-11-25 15:01:30", "09:00~17:00"],
        ["2026-11-25", "25:00", "3 pm"],
    ),
    "date11": (["2026-11-25", "2026年11月25日", "2026-11-25 15:01"], ["11-25", "明天"]),
    "amount12": (["20元", "¥1234567890", "20.50"], ["¥12345678901", "二十元", "$$5"]),
    "phone_number13": (["+86-0100-5550999", "13900001234"], ["1" * 18, "电话"]),
    "car_number14": (["粤A8Z888挂"], ["粤A8Z888挂挂挂"]),
    "enum15": (["已办结"], ["字" * 21]),
}


@pytest.mark.parametrize("field", ROWS)
def test_a_value_at_the_limit_fits(field: str) -> None:
    for value in ROWS[field][0]:
        assert fits(field, value), value


@pytest.mark.parametrize("field", ROWS)
def test_a_value_over_the_limit_does_not(field: str) -> None:
    for value in ROWS[field][1]:
        assert not fits(field, value), value


@pytest.mark.parametrize("value", [5, None, ["a"], "", "  ", "a\tb", "a\r\nb"])
def test_nothing_empty_and_no_control_character_fits_anywhere(value: object) -> None:
    assert not any(fits(field, value) for field in [*ROWS, "a_field_of_2030"])
