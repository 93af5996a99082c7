"""Every row of what the platform lets stand in a field of an approved wording."""

from __future__ import annotations

import pytest

from bot.simulator.values import fits
from config.field_limits import LIMITS, alipay_fault_of, fault_of, kind_of

FITS = [
    ("thing1", "字" * 20),
    ("const2", "已提交"),
    ("short_thing3", "五个字以内"),
    ("phrase4", "审核通过"),
    ("name5", "字" * 10),
    ("name5", "x" * 20),
    ("character_string6", "YZ2611230731-" + "x" * 19),
    ("number7", "12.5"),
    ("number7", "1" * 32),
    ("letter8", "abc"),
    ("symbol9", "#*!"),
    ("time10", "2026年11月30日 09:00"),
    ("time10", "15:01"),
    ("time10", "2026-11-30 09:00~2026-11-30 17:00"),
    ("date11", "2026年11月30日"),
    ("date11", "2026-11-30 09:00"),
    ("amount12", "¥20.00"),
    ("amount12", "20元"),
    ("phone_number13", "0100-5550101"),
    ("car_number14", "粤A8Z888挂"),
    ("enum15", "已完成"),
]
DOES_NOT_FIT = [
    ("thing1", "字" * 21),
    ("const2", "字" * 21),
    ("short_thing3", "字" * 6),
    ("phrase4", "六个汉字太多"),
    ("phrase4", "OK"),
    ("name5", "字" * 11),
    ("name5", "字" + "x" * 10),
    ("name5", "x" * 21),
    ("character_string6", "x" * 33),
    ("character_string6", "受理号1"),
    ("number7", "1" * 33),
    ("number7", "十"),
    ("letter8", "a" * 33),
    ("letter8", "字"),
    ("symbol9", "!!!!!!"),
    ("symbol9", "é"),
    ("number7", "١٢"),
    ("time10", "上午"),
    ("time10", "25:00"),
    ("time10", "24:30"),
    ("date11", "11月30日"),
    ("amount12", "12345678901"),
    ("amount12", "1.12345678901"),
    ("phone_number13", "1" * 18),
    ("car_number14", "字" * 9),
    ("thing1", ""),
    ("thing1", "  "),
    ("thing1", "一\n二"),
    ("thing1", "一\u0007二"),
    ("thought1", "x"),
    ("thing", "x"),
]


@pytest.mark.parametrize(("key", "value"), FITS)
def test_a_value_within_its_limit_fits(key: str, value: str) -> None:
    assert fault_of(key, value) == ""


@pytest.mark.parametrize(("key", "value"), DOES_NOT_FIT)
def test_a_value_beyond_its_limit_has_a_fault_that_does_not_show_it(key: str, value: str) -> None:
    told = fault_of(key, value)
    assert told
    assert not value.strip() or len(value) < 4 or value not in told


@pytest.mark.parametrize(("key", "value"), FITS + DOES_NOT_FIT)
def test_the_other_end_of_the_wire_reads_the_limits_as_we_do(key: str, value: str) -> None:
    """It was written from the same page by others."""
    if kind_of(key) in LIMITS and kind_of(key) != key:
        assert fits(key, value) is (fault_of(key, value) == "")


def test_every_kind_of_field_has_a_row() -> None:
    assert {key.rstrip("0123456789") for key, _ in FITS} == set(LIMITS)


@pytest.mark.parametrize("key", ["first", "keyword1", "keyword12", "remark"])
def test_a_field_of_alipay_holds_fifty_characters(key: str) -> None:
    assert alipay_fault_of(key, "字" * 50) == ""
    assert "50" in alipay_fault_of(key, "字" * 51)
    assert alipay_fault_of(key, " ") == "empty"
    assert alipay_fault_of(key, "两\n行") == "a line break or a control character"


@pytest.mark.parametrize("key", ["keyword", "keyword0", "thing1", "first1", ""])
def test_alipay_has_no_other_fields(key: str) -> None:
    assert alipay_fault_of(key, "字") == "no such field"
