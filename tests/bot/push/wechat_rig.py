"""The road to WeChat over a platform of the test: what goes by it, and what was called."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bot.channels.metered import Metered
from bot.channels.wechat.client import PlatformClient
from bot.dialogue.messages import AccountKey, Link, Option, Reply
from bot.ports import Filled
from bot.push.ports import Outgoing
from bot.push.wechat_road import WeChatRoad
from tests.bot.channels.wechat.accounts import PERSON
from tests.bot.channels.wechat.platform import (
    Call,
    Platform,
)

SITE = "https://card.example"
SENT = {"errcode": 0, "errmsg": "ok", "msgid": 4151712637460643841}
VALUES = {
    "character_string1": "YZ2611230001",
    "thing2": "已上报省里，请留意\n通知",
    "phrase3": "制卡中",
}
TEMPLATE = Filled("template", "T1", VALUES, "/progress?a=b&c=d")
SUBSCRIBED = Filled("subscription", "S1", VALUES, "/progress")
PLAIN = Reply(
    "云州城东支行将于12月1日迁址。", links=(Link("/progress", "看进度"),), footer="0 返回"
)
ASKING = Reply("还去吗？", (Option("1", "去"), Option("2", "不去")), mark="m1", after="回复数字")
CUSTOM = "/cgi-bin/message/custom/send"
SENDS = "/cgi-bin/message/template/send"
TOKEN_PATH = "/cgi-bin/stable_token"


class OpenWindow:
    """A ledger that lets everything through, and writes down what it is told."""

    def __init__(self, says: Any = "ok") -> None:
        self.says, self.told = says, []  # type: ignore[var-annotated]

    def take(self, account: AccountKey) -> Any:
        return self.says

    def give_back(self, account: AccountKey) -> None:
        self.told.append("give back")

    def close(self, account: AccountKey) -> None:
        self.told.append("close")


def chat(reply: Reply = PLAIN, key: str = "p1-1") -> Outgoing:
    return Outgoing(key, PERSON, "chat", reply, None)


def filled(message: Filled = TEMPLATE, key: str = "p1-1") -> Outgoing:
    return Outgoing(key, PERSON, message.rung, None, message)


def over(
    channel: Any,
    client: PlatformClient,
    platform: Platform,
    go: Callable[[WeChatRoad], Awaitable[Any]],
    ledger: OpenWindow | None = None,
    seconds: float = 5.0,
) -> Any:
    """What `go` makes of the road."""

    async def run() -> Any:
        with ThreadPoolExecutor(2) as pool:
            meter = Metered(channel, ledger or OpenWindow())
            given = (channel, client, platform.address, meter, pool)
            road = WeChatRoad(*given, seconds=seconds)
            try:
                return await go(road)
            finally:
                road.close()

    return asyncio.run(run())


def sends(platform: Platform) -> list[Call]:
    return [call for call in platform.calls if call.path != TOKEN_PATH]
