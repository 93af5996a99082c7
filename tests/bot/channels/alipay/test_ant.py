"""From-Ant messages: whose withdrawal it is, wherever the platform writes it."""

from __future__ import annotations

import json

import pytest

from bot.channels.alipay.ant import WITHDRAWN, AntMessage, read_ant
from bot.channels.alipay.faults import Unreadable
from bot.channels.alipay.form import read_form
from tests.bot.channels.alipay.sender import OPEN_ID, USER, Sender, body_of

SENDER = Sender()


def ant(method: str, content: object, **more: str) -> AntMessage:
    told = content if isinstance(content, str) else json.dumps(content)
    return read_ant(read_form(body_of(SENDER.ant_fields(method, told, **more))))


@pytest.mark.parametrize(
    "content",
    [
        {"user_id": USER, "open_id": OPEN_ID, "scopes": ["auth_user"]},
        {"data": {"user_id": USER}, "list": [{"open_id": OPEN_ID}], "scope": "auth_user"},
        {
            "user_id": f" {USER} ",
            "open_id": OPEN_ID,
            "user": {"user_id": USER},
            "scope": "auth_user",
        },
    ],
)
def test_a_withdrawal_names_its_person_wherever_that_stands(content: object) -> None:
    message = ant(WITHDRAWN, content)
    assert message.is_duty
    assert set(message.names) == {("user_id", USER), ("open_id", OPEN_ID)}
    assert message.scopes == ("auth_user",)
    assert message.at is not None


def test_a_withdrawal_that_names_nobody_is_one_all_the_same() -> None:
    assert ant(WITHDRAWN, {"user_id": "", "number": 7}).names == ()


@pytest.mark.parametrize("content", ["", "no json", "[" * 50_000, "ILpoMowjIQjfYMR847rnFQ=="])
def test_a_withdrawal_that_cannot_be_read_is_refused(content: str) -> None:
    with pytest.raises(Unreadable):
        ant(WITHDRAWN, content)


def test_other_messages_need_not_be_understood() -> None:
    message = ant("alipay.open.mini.version.audit.passed", "no json")
    assert (message.is_duty, message.names) == (False, ())


def test_a_message_has_the_platforms_own_id_or_what_it_says() -> None:
    assert ant(WITHDRAWN, {"user_id": USER}, notify_id="2026-1").id == "n-2026-1"
    stamp = "1795399440524"
    one = ant(WITHDRAWN, {"user_id": USER}, notify_id="a b", utc_timestamp=stamp)
    again = ant(WITHDRAWN, {"user_id": USER}, notify_id="a b", utc_timestamp=stamp, sign="x")
    other = ant(WITHDRAWN, {"user_id": "2088"}, notify_id="a b", utc_timestamp=stamp)
    assert one.id == again.id != other.id
    assert len(one.id) == 42
