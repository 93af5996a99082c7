"""A value is made to fit its field; what cannot be is not sent, and named without its value."""

from __future__ import annotations

import pytest

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.values import NOTHING, sendable


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("可以领卡了", "可以领卡了"),
        ("长" * 50, "长" * 50),
        ("长" * 51, "长" * 49 + "…"),
        (" 两\n行\t话\u2028 ", "两 行 话"),
        ("", NOTHING),
        (" \n", NOTHING),
        ("半\ud800个", "半 个"),
        ("𠮷" * 50, "𠮷" * 50),
    ],
)
def test_a_value_leaves_on_one_line_within_its_field(value: str, sent: str) -> None:
    assert sendable({"keyword1": value, "remark": "好"}) == {"keyword1": sent, "remark": "好"}


@pytest.mark.parametrize("key", ["thing1", "keyword", "keyword0", "keyword100", "", "name1"])
def test_a_field_that_there_is_none_of_is_our_own_fault(key: str) -> None:
    with pytest.raises(GatewayError) as fault:
        sendable({key: "陈国强"})
    assert fault.value.kind is Kind.BUG
    assert "陈国强" not in str(fault.value)
