"""Every row of the platform's table of values: what fits is sent as it is, what does not is not
sent at all, and the fault names the field and not the value."""

from __future__ import annotations

import pytest

from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.values import NOTHING, sendable

ROWS: dict[str, tuple[list[str], list[str]]] = {
    "thing": (["长" * 20, "A-1，好"], []),  # what does not fit is made to: see below
    "const": (["长" * 20], ["长" * 21]),
    "short_thing": (["五个字以内"], ["超过五个字了"]),
    "phrase": (["审核", "审核已通过"], ["审核已经通过", "审核1", "OK"]),
    "name": (["YZ2611230001", "A" * 20], ["陈国强", "买买提·吐尔逊", "A" * 21]),
    "character_string": (["YZ-2611/230001", "a" * 32], ["a" * 33, "受理号1"]),
    "number": (["12", "0.5", "1" * 32], ["1" * 33, "一", "1,000", "12个"]),
    "letter": (["A" * 32], ["A" * 33, "A1"]),
    "symbol": (["￥！", "#####"], ["######", "A", "中"]),
    "time": (
        ["15:01", "9:30", "2026-11-23 15:01", "2026年11月23日 15:01", "9:00~17:00"],
        ["3 p.m.", "明天", "15点", "2026-11-23"],
    ),
    "date": (["2026-11-23", "2026年11月23日", "2026年11月23日 15:01"], ["11-23", "明天", "15:01"]),
    "amount": (["20", "￥20", "20元", "¥1234567890"], ["¥12345678901", "二十元", "20 dollars"]),
    "phone_number": (["13900000001", "+86-0100-5550001"], ["1" * 18, "打12333"]),
    "car_number": (["粤A8Z888挂", "A12345"], ["粤A8Z8888挂车"]),
    "enum": (["普通"], []),
}
FITTING = [(f"{kind}{n}", v) for kind, (good, _) in ROWS.items() for n, v in enumerate(good, 1)]
WRONG = [(f"{kind}{n}", v) for kind, (_, bad) in ROWS.items() for n, v in enumerate(bad, 1)]
EMPTY = [kind for kind in ROWS if kind != "thing"]


@pytest.mark.parametrize(("field", "value"), FITTING)
def test_a_value_that_fits_is_sent_as_it_is(field: str, value: str) -> None:
    assert sendable({field: value}) == {field: value}


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_value_that_would_be_refused_names_its_field_and_not_itself(
    field: str, value: str
) -> None:
    with pytest.raises(PlatformError, match=rf"data\.{field}\.value") as fault:
        sendable({"thing9": "好", field: value})
    assert fault.value.kind is Kind.BUG
    assert value not in str(fault.value)


@pytest.mark.parametrize("kind", EMPTY)
@pytest.mark.parametrize("value", ["", " ", "a\nb", "a\x1db", "a\u2028b", "\ud83d"])
def test_neither_nothing_nor_line_ends_nor_control_characters_are_sent(
    kind: str, value: str
) -> None:
    with pytest.raises(PlatformError, match=rf"data\.{kind}1\.value"):
        sendable({f"{kind}1": value})


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("长" * 21, "长" * 19 + "…"),
        ("第一行\n第二行\r\n第三行", "第一行 第二行 第三行"),
        ("有\x02控\x1d制", "有 控 制"),
        ("  两边空  ", "两边空"),
        ("", NOTHING),
        ("\n", NOTHING),
    ],
)
def test_a_thing_is_made_to_fit(value: str, sent: str) -> None:
    assert sendable({"thing1": value}) == {"thing1": sent}


@pytest.mark.parametrize("field", ["first", "remark", "thing", "thing1x", "sth1", "", "thing-1"])
def test_a_field_that_the_platform_does_not_have_is_refused(field: str) -> None:
    with pytest.raises(PlatformError):
        sendable({field: "好"})


def test_a_value_is_a_text() -> None:
    with pytest.raises(PlatformError, match=r"data\.number1\.value"):
        sendable({"number1": 5})  # type: ignore[dict-item]
