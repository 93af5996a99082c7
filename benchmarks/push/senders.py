"""`python -m benchmarks.push.senders NAME PORT MESSAGES AT_ONCE`: one way to send, in a process of
its own; prints how long it took from the first message to the last record, and what processor time,
as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.push import peers
from bot.ports import Filled

APP = "wx0000000000bench1"
SITE = "https://card.example"
TEMPLATE = "T-REMINDER"
VALUES = {"thing1": "您的社保卡正在制作", "thing2": "请留意后续通知"}
PAGE = "/progress"


class Sending:
    """One run: `with` it the clock runs."""

    def __init__(self, port: int, messages: int, at_once: int, folder: Path) -> None:
        self.port, self.messages, self.at_once, self.folder = port, messages, at_once, folder
        self.took: dict[str, float] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> None:
        self._begun, self._used = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        seconds, cpu = time.perf_counter() - self._begun, time.process_time() - self._used
        self.took = {"seconds": seconds, "cpu": cpu}


def person(number: int) -> str:
    """An openid of 28 characters."""
    return f"oBench-{number:021d}"


# --- ours ---


def lane(sending: Sending) -> None:
    """The worker's lane: each call is marked before it is made, each end recorded. It decides by
    itself how many are made at once."""
    from benchmarks.push.engine import Engine

    people = [person(number) for number in range(sending.messages)]
    engine = Engine(
        sending.folder, os.environ["BENCH_REDIS_URL"], sending.base, APP, people, TEMPLATE
    )
    with sending:
        engine.run()
    assert engine.close() == {"sent": sending.messages}


def road(sending: Sending) -> None:
    """The road alone: nothing is recorded."""
    from redis import Redis

    from bot.channels.metered import Metered
    from bot.channels.wechat.channel import WeChatChannel
    from bot.channels.wechat.client import PlatformClient
    from bot.channels.wechat.tokens import AccessTokens
    from bot.push.wechat_road import WeChatRoad
    from models.sealing import Keyring

    keys = Keyring([(1, os.urandom(32))], os.urandom(32))
    tokens = AccessTokens(Redis.from_url(os.environ["BENCH_REDIS_URL"]), APP, keys)
    client = PlatformClient(APP, "secret", tokens, api_base=sending.base)
    channel = WeChatChannel(client, SITE)
    no_ledger: Any = None  # templates need no window

    async def send() -> None:
        with ThreadPoolExecutor(2) as pool:
            given = (channel, client, sending.base, Metered(channel, no_ledger), pool)
            sender, numbers = WeChatRoad(*given), iter(range(sending.messages))
            with sending:
                work = (_one_after_the_other(sender, numbers) for _ in range(sending.at_once))
                await asyncio.gather(*work)
            sender.close()

    asyncio.run(send())


async def _one_after_the_other(sender: Any, numbers: Iterator[int]) -> None:
    from bot.dialogue.messages import AccountKey
    from bot.push.ports import Outgoing

    for number in numbers:
        account = AccountKey("wechat", APP, person(number))
        message = Filled("template", TEMPLATE, VALUES, PAGE)
        result = await sender.send(Outgoing(f"p1-{number}", account, "template", None, message))
        assert not result.reason, result


# --- wechatpy ---


def wechatpy_shared(sending: Sending) -> None:
    """Threads over one client."""
    client = peers.client(sending.port, APP)
    _by_wechatpy(sending, lambda: client)


def wechatpy_each(sending: Sending) -> None:
    """Threads with a client of their own."""
    _by_wechatpy(sending, lambda: peers.client(sending.port, APP))


def _by_wechatpy(sending: Sending, made: Callable[[], Any]) -> None:
    numbers = range(sending.messages)
    messages = ((n, person(n), TEMPLATE, VALUES, f"{SITE}{PAGE}") for n in numbers)
    records = peers.Records(sending.folder / "records.db", sending.messages)
    with sending, records:
        peers.send_all(made, messages, records, sending.at_once)
    assert records.count() == sending.messages


SENDERS: dict[str, Callable[[Sending], None]] = {
    "lane": lane,
    "road": road,
    "wechatpy_shared": wechatpy_shared,
    "wechatpy_each": wechatpy_each,
}


def main() -> None:
    name, port, messages, at_once = sys.argv[1], *map(int, sys.argv[2:5])
    folder_of_all = Path(os.environ["BENCH_FOLDER"])
    folder_of_all.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sender-", dir=folder_of_all) as folder:
        sending = Sending(port, messages, at_once, Path(folder))
        SENDERS[name](sending)
    print(json.dumps(sending.took))


if __name__ == "__main__":
    main()
