"""群发: one text to many followers, of whom each gets four in a month; told of when it is done.

Source: developers.weixin.qq.com, 根据OpenID列表群发, 查询群发消息发送状态, 删除群发,
事件推送群发结果.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.simulator.account import Account
from bot.simulator.chats import Said, choices_in
from bot.simulator.errcodes import ApiFault
from bot.simulator.push import Fields
from bot.simulator.quotas import BEIJING
from bot.simulator.reply import MAX_TEXT
from bot.simulator.result_events import mass_result
from bot.simulator.sends import parse
from bot.simulator.store import NOBODY

LEAST, MOST = 2, 10_000
A_MONTH = 4
KEY_LENGTH = 64
REMEMBERED = 24 * 3600.0  # so long a clientmsgid is
ASSISTANT = "mphelper"
"""Who sends the result: the platform's assistant, no person."""

Tell = Callable[[str, Fields], None]


class MassSends:
    """The calls of one account. `tell` pushes the result to its webhook after the answer."""

    def __init__(self, account: Account, tell: Tell) -> None:
        self._account, self._tell = account, tell

    def send(self, body: bytes, result: str) -> dict[str, Any]:
        """`message/mass/send`; `result` is what becomes of it, `send success` as a rule. What has
        a clientmsgid of the last day is refused with the id that it has."""
        message = parse(body)
        people, text, key = self._people(message), _text(message), _key(message)
        store, now = self._account.store, self._account.clock.seconds()
        with store.together():
            row = key and store.row(
                "SELECT id FROM masses WHERE client_msg_id = ? AND at > ?", key, now - REMEMBERED
            )
            if row:
                self._account.sent.repeated(key)
                return self._again(row["id"])
            new = store.write(
                "INSERT INTO masses(client_msg_id, at, status) VALUES(?, ?, ?)",
                key,
                now,
                "SEND_SUCCESS" if result == "send success" else "SEND_FAIL",
                seen_by=NOBODY,
            )
            msg_id = self._account.chats.message_id(new)
            told = self._deliver(people, text, result)
        self._tell(ASSISTANT, mass_result(msg_id, result, *told))
        return {"errcode": 0, "errmsg": "send job submission success", **_ids(msg_id)}

    def get(self, body: bytes) -> dict[str, Any]:
        """`message/mass/get`. Raises `ApiFault` 40059 for an id that there is none of."""
        asked = str(parse(body).get("msg_id"))
        number = int(asked) if asked.isdecimal() else 0
        first = self._account.chats.message_id(0)
        row = self._account.store.row("SELECT status FROM masses WHERE id = ?", number - first)
        if row is None:
            raise ApiFault(40059)
        return {"msg_id": number, "msg_status": row["status"]}

    def delete(self, body: bytes) -> dict[str, Any]:
        """`message/mass/delete`: texts cannot be taken back, articles and videos alone. Raises
        `ApiFault`."""
        self.get(body)
        raise ApiFault(40059)

    def _again(self, row: int) -> dict[str, Any]:
        fault = ApiFault(45065)
        ids = _ids(self._account.chats.message_id(row))
        return {"errcode": fault.errcode, "errmsg": fault.meaning, **ids}

    def _people(self, message: Mapping[str, Any]) -> list[str]:
        people = message.get("touser")
        if not isinstance(people, list) or not all(isinstance(each, str) for each in people):
            raise ApiFault(40003)
        unique = list(dict.fromkeys(people))
        if not LEAST <= len(unique) <= MOST:
            raise ApiFault(40130)
        if not any(self._account.chats.is_known(each) for each in unique):
            raise ApiFault(40003)
        return unique

    def _deliver(self, people: list[str], text: str, result: str) -> tuple[int, int, int, int]:
        """How many it was for, how many were left after the filter, got it, did not."""
        account, chats = self._account, self._account.chats
        today = account.clock().astimezone(BEIJING).date()
        left = [each for each in people if self._may_have(each, today)]
        if result != "send success":
            return len(people), len(left), 0, len(left)
        got = [each for each in left if chats.follows(each)]
        said = Said("bot", "text", text, "mass", choices_in(text))
        for each in got:
            self._count(each, today)
            chats.add(each, said)
            account.sent.accepted(each)
        return len(people), len(left), len(got), len(left) - len(got)

    def _may_have(self, openid: str, today: date) -> bool:
        """Who had four this month, or wants none, is filtered."""
        if openid in self._account.refusals:
            return False
        row = self._account.store.row(
            "SELECT count FROM mass_months WHERE month = ? AND openid = ?", f"{today:%Y-%m}", openid
        )
        return row is None or row["count"] < A_MONTH

    def _count(self, openid: str, today: date) -> None:
        self._account.store.write(
            "INSERT INTO mass_months VALUES(?, ?, 1) "
            "ON CONFLICT(month, openid) DO UPDATE SET count = count + 1",
            f"{today:%Y-%m}",
            openid,
            seen_by=NOBODY,
        )


def _text(message: Mapping[str, Any]) -> str:
    """Texts alone: articles, pictures and videos are uploaded material, of which there is none."""
    part = message.get("text")
    if message.get("msgtype") != "text" or not isinstance(part, Mapping):
        raise ApiFault(40008)
    text = part.get("content")
    if not isinstance(text, str) or not text:
        raise ApiFault(44004)
    if len(text.encode()) > MAX_TEXT:
        raise ApiFault(45002)
    return text


def _key(message: Mapping[str, Any]) -> str:
    key = message.get("clientmsgid", "")
    if not isinstance(key, str):
        raise ApiFault(47001)
    if len(key.encode()) > KEY_LENGTH:
        raise ApiFault(45067)
    return key


def _ids(msg_id: int) -> dict[str, int]:
    return {"msg_id": msg_id, "msg_data_id": msg_id + 1}
