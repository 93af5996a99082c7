"""Pages in WeChat: the ticket, and the check of what was signed with it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import requests

from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import Clock, Phone

URL = "https://a.example/notices?from=chat"
PAGE: dict[str, Any] = {"url": URL, "timestamp": 1414587457, "nonceStr": "Wm3WZYTPz0wzccnW"}


def ticket(account: Account, kind: str = "jsapi") -> dict[str, Any]:
    return account.get("ticket/getticket", type=kind)


def sign(ticket: str, page: dict[str, Any]) -> str:
    url = page["url"].split("#")[0]
    joined = (
        f"jsapi_ticket={ticket}&noncestr={page['nonceStr']}&timestamp={page['timestamp']}&url={url}"
    )
    return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - the platform's own choice


def is_signed(phone: Phone, **page: Any) -> bool:
    answer = requests.post(f"{phone.api}/jssdk/check", json=page, timeout=5)
    return bool(answer.json() == {"ok": True})


def test_a_ticket_stays_the_same_until_shortly_before_its_end(
    account: Account, clock: Clock
) -> None:
    first = ticket(account)
    assert (first["errcode"], first["errmsg"], first["expires_in"]) == ("0", "ok", 7200)
    clock.forward(seconds=3600)
    second = ticket(account)
    assert (second["ticket"], second["expires_in"]) == (first["ticket"], 3600)
    assert ticket(account, "wx_card")["ticket"] != first["ticket"]
    clock.forward(seconds=3400)
    account.renew()
    assert ticket(account)["ticket"] != first["ticket"]


def test_a_ticket_is_of_a_known_kind_and_needs_a_token(account: Account) -> None:
    assert ticket(account, "dance")["errcode"] == "40097"
    assert account.get("ticket/getticket")["errcode"] == "40097"
    account.token = ""
    assert ticket(account)["errcode"] == "41001"


def test_a_page_signed_with_the_ticket_is_known(account: Account, phone: Phone) -> None:
    own = ticket(account)["ticket"]
    assert is_signed(phone, **PAGE, signature=sign(own, PAGE))
    anchored = {**PAGE, "url": f"{URL}#here"}
    assert is_signed(phone, **anchored, signature=sign(own, PAGE))
    assert is_signed(phone, **{**PAGE, "timestamp": "1414587457"}, signature=sign(own, PAGE))


@pytest.mark.parametrize(
    "change", [{"url": f"{URL}&x=1"}, {"timestamp": 1}, {"nonceStr": "x"}, {"signature": "0" * 40}]
)
def test_a_page_signed_for_something_else_is_not(
    account: Account, phone: Phone, change: dict[str, Any]
) -> None:
    page = {**PAGE, "signature": sign(ticket(account)["ticket"], PAGE)}
    assert not is_signed(phone, **{**page, **change})


def test_a_page_signed_with_no_ticket_or_a_dead_one_is_not(
    account: Account, phone: Phone, clock: Clock
) -> None:
    assert not is_signed(phone, **PAGE, signature=sign("made-up", PAGE))
    old = sign(ticket(account)["ticket"], PAGE)
    clock.forward(seconds=7201)
    assert not is_signed(phone, **PAGE, signature=old)
    assert not is_signed(phone)
