"""The simulated Alipay and the service over the wire: strict, in either charset, by either id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from models.platform_ids import PlatformId
from models.tickets import Ticket
from tests.rig import Bot, running, shown, wait_for

NUMBERS = iter(range(5001, 9999))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder: Path = tmp_path_factory.mktemp("pushes")
    with running(folder, redis_url, alipay=True, linger=0.05) as bot:
        yield bot.as_user("2088000000005000", "alipay")


@pytest.fixture
def bot(service: Bot) -> Iterator[Bot]:
    """Somebody new, at a platform that takes the signed acknowledgement alone."""
    habits(service)
    yield service.as_user(f"208800000000{next(NUMBERS)}")
    habits(service)


def api(bot: Bot, method: str, path: str, **more: Any) -> dict[str, Any]:
    url = f"{bot.simulator.url}/simulator/api/alipay/{path}"
    answer = requests.request(method, url, timeout=30, **more)
    assert answer.ok, answer.text
    told: dict[str, Any] = answer.json()
    return told


def habits(bot: Bot, **changed: Any) -> None:
    api(bot, "PUT", "account", json={"strict_ack": True, **changed})


def sent(bot: Bot, **message: Any) -> tuple[int, str]:
    """After how many deliveries it was acknowledged, and what came back."""
    told = api(bot, "POST", f"users/{bot.user}/messages", json=message)
    return told["attempts"], shown(told["messages"])


@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_the_console_turns_the_gateway_on(bot: Bot, charset: str) -> None:
    habits(bot, charset=charset)
    assert api(bot, "POST", "verify")["ok"]
    refused = api(bot, "POST", "verify", params={"sign": "bad"})
    assert not refused["ok"]
    assert "VERIFY_FAILED" in refused["answer"]


def heard(bot: Bot, words: str) -> None:
    """These words come, however late."""
    wait_for(lambda: words in shown(bot.history()) or None, 10)


WAYS = (("GBK", "user_id"), ("UTF-8", "open_id"), ("GBK", "both"))


@pytest.mark.parametrize(("charset", "ids"), WAYS)
def test_every_message_is_acknowledged_at_its_first_delivery(
    bot: Bot, charset: str, ids: str
) -> None:
    habits(bot, charset=charset, ids=ids)
    assert sent(bot, type="text", text="你好，我要查进度😀")[0] == 1
    heard(bot, "受理号")
    for message in (
        {"type": "event", "event": "click", "key": "authentication"},
        {"type": "event", "event": "enter", "key": "branch-BOC-01"},
        {"type": "hologram"},
        {"type": "event", "event": "unfollow"},
    ):
        assert sent(bot, **message)[0] == 1, message


def test_an_event_of_next_year_is_acknowledged(bot: Bot) -> None:
    assert sent(bot, type="event", event="paid")[0] == 1


def test_a_conversation_goes_on_through_the_move_to_open_ids(bot: Bot) -> None:
    sent(bot, type="text", text="进度")
    heard(bot, "受理号")
    for ids, said in (("both", "陈国强"), ("open_id", "陈国强 119999199003070019")):
        habits(bot, ids=ids)
        assert sent(bot, type="text", text=said)[0] == 1
    heard(bot, "若与申请一致")  # the question was opened under the old id
    with bot.database.reading() as records:
        keys = {row.account_key for row in records.query(PlatformId) if row.value == bot.user}
    assert keys == {f"alipay:{bot.settings.alipay_app_id}:{bot.user}"}


def test_what_a_person_writes_cannot_break_out(bot: Bot) -> None:
    typed = "]]></Content></Text><OpenId>x</OpenId>进度"
    assert sent(bot, type="text", text=typed)[0] == 1
    heard(bot, "受理号")


def test_sha1_is_no_signature_here(bot: Bot) -> None:
    habits(bot, sign_type="RSA")
    assert sent(bot, type="text", text="进度") == (3, "")


def test_a_withdrawal_is_taken_once_however_it_is_signed_or_sealed(bot: Bot) -> None:
    sent(bot, type="text", text="你好")
    method, content = "alipay.open.auth.userauth.cancelled", {"user_id": bot.user}
    for more in ({}, {"rule": "V2"}, {"sealed": True}):
        asked = {"msg_method": method, "biz_content": content, **more}
        told = api(bot, "POST", "ant", json=asked)
        assert (told["taken"], told["attempts"]) == (True, 1), more
    key = f"alipay:{bot.settings.alipay_app_id}:{bot.user}"
    with bot.database.reading() as records:
        tickets = records.query(Ticket).filter(Ticket.account_key == key).all()
        assert {ticket.kind for ticket in tickets} == {"deletion"}
        assert len(tickets) == 3, "three withdrawals, each taken once"
