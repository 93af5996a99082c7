"""`python -m benchmarks.push.senders NAME PORT MESSAGES AT_ONCE`: one way to send, in a process of
its own; prints how long it took and what processor time, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from redis import Redis
from wechatpy import WeChatClient

from bot.channels.metered import Metered
from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.tokens import AccessTokens
from bot.dialogue.messages import AccountKey
from bot.ports import Filled
from bot.push.ports import Outgoing, Result
from bot.push.wechat_road import WeChatRoad
from models.sealing import Keyring

APP = "wx0000000000bench1"
SITE = "https://card.example"
TEMPLATE = "T-PROGRESS"


def person(number: int) -> str:
    """An openid of 28 characters."""
    return f"oBench-{number:021d}"


def values(number: int) -> dict[str, str]:
    """What a person's message says."""
    return {
        "character_string1": f"YZ261123{number:08d}",
        "phrase2": "制卡中",
        "thing3": "您的社保卡正在制作，请留意通知",
        "time4": "2026-11-23 12:00",
    }


# --- ours ---


class NoLedger:
    """Templates need no window."""

    def take(self, account: AccountKey) -> Any:
        raise NotImplementedError

    give_back = close = take


def road(port: int, messages: int, at_once: int) -> None:
    """The road of pushes, as the lane uses it."""
    base = f"http://127.0.0.1:{port}"
    keys = Keyring([(1, os.urandom(32))], os.urandom(32))
    redis = Redis.from_url(os.environ["BENCH_REDIS_URL"])
    client = PlatformClient(APP, "secret", AccessTokens(redis, APP, keys), api_base=base)
    channel = WeChatChannel(client, SITE)

    async def send() -> None:
        with ThreadPoolExecutor(2) as pool:
            sender = WeChatRoad(channel, client, base, Metered(channel, NoLedger()), pool)
            numbers = iter(range(messages))
            await asyncio.gather(*(_one_after_the_other(sender, numbers) for _ in range(at_once)))
            sender.close()

    asyncio.run(send())


async def _one_after_the_other(sender: WeChatRoad, numbers: Iterator[int]) -> None:
    for number in numbers:
        account = AccountKey("wechat", APP, person(number))
        message = Filled("template", TEMPLATE, values(number), "/progress")
        result = await sender.send(Outgoing(f"p1-{number}", account, "template", None, message))
        assert result == Result(sent_as=result.sent_as), result


# --- wechatpy ---


def shared(port: int, messages: int, at_once: int) -> None:
    """Threads over one client."""
    client = _wechatpy(port)
    _in_threads(lambda: client, messages, at_once)


def each(port: int, messages: int, at_once: int) -> None:
    """Threads with a client of their own."""
    _in_threads(lambda: _wechatpy(port), messages, at_once)


def _wechatpy(port: int) -> Any:
    class Client(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = f"http://127.0.0.1:{port}/cgi-bin/"

        def fetch_access_token(self) -> Any:
            return self._fetch_access_token(f"{self.API_BASE_URL}token", {})

    return Client(APP, "secret")


def _in_threads(made: Callable[[], Any], messages: int, at_once: int) -> None:
    numbers, lock = iter(range(messages)), threading.Lock()

    def work() -> None:
        client = made()
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            data = {field: {"value": value} for field, value in values(number).items()}
            told = client.message.send_template(person(number), TEMPLATE, data, f"{SITE}/progress")
            assert told["errcode"] == 0, told

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


SENDERS = {"road": road, "wechatpy_shared": shared, "wechatpy_each": each}


if __name__ == "__main__":
    name, port, messages, at_once = sys.argv[1], *map(int, sys.argv[2:5])
    begun, used = time.perf_counter(), time.process_time()
    SENDERS[name](port, messages, at_once)
    took = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - used}
    print(json.dumps(took))
