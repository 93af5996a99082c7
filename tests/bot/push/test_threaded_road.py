"""Channels and the office of SMS behind threads: how their ends are told, and how many at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from bot.dialogue.messages import AccountKey, Reply
from bot.ports import Channel, Filled, OfficeError, SendError
from bot.push.ports import Outgoing, Result, Road
from bot.push.threaded_road import ChannelRoad, SmsRoad
from config.templates import Sms
from tests.bot.turn.rig import Recorder, account

WHO = account("carol", "alipay")
CHAT = Outgoing("p1-7", WHO, "chat", Reply("您好"), None)
FILLED = Outgoing("p1-7", WHO, "template", None, Filled("template", "T1", {"thing1": "办好了"}))
BY_SMS = Outgoing("p1-7", None, "sms", None, None, "13900001234", Sms("SMS_1", {"tail": "0731"}))


@dataclass
class Office:
    """Writes down what it is asked, or raises."""

    fault: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def send(
        self, phone: str, template: str, params: Mapping[str, str], key: str, timeout: float
    ) -> None:
        if self.fault:
            raise self.fault
        self.asked.append((phone, template, dict(params), key))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as made:
        yield made


def sent(road: Road, *calls: Outgoing) -> list[Result]:
    async def go() -> list[Result]:
        return await asyncio.gather(*map(road.send, calls))

    return asyncio.run(go())


def test_a_channel_is_called_as_single_notices_call_it(
    pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    channel = Recorder(tmp_path / "log", "alipay")
    road = ChannelRoad(cast(Channel, channel), pool)
    assert road.name == "alipay"
    assert sent(road, CHAT, FILLED) == [Result(), Result(sent_as="at-p1-7")]
    assert channel.sent("text") == ["您好"]
    assert channel.sent("template", "carol") == ["办好了"]
    assert not road.keyed("template")
    assert ChannelRoad(cast(Channel, Recorder(tmp_path / "log")), pool).keyed("template")


def test_the_office_of_sms_is_given_the_key(pool: ThreadPoolExecutor) -> None:
    office = Office()
    road = SmsRoad(office, pool)
    assert sent(road, BY_SMS) == [Result()]
    assert office.asked == [("13900001234", "SMS_1", {"tail": "0731"}, "p1-7")]
    assert road.keyed("sms")


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (SendError("window", "45015"), Result("window", "45015")),
        (SendError("transient", "busy", wait=60.0), Result("transient", "busy", wait=60.0)),
        (SendError("unknown"), Result("unknown")),
        (OfficeError("sms", "HTTP 500", retry=True), Result("transient", "HTTP 500")),
        (OfficeError("sms", "template", retry=False), Result("permanent", "template")),
        (OfficeError("sms", "late", retry=True, unknown=True), Result("unknown", "late")),
        (RuntimeError("13900001234"), Result("unknown", "RuntimeError")),
    ],
)
def test_every_end_has_its_reason(
    pool: ThreadPoolExecutor,
    fault: Exception,
    result: Result,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sent(SmsRoad(Office(fault), pool), BY_SMS) == [result]
    assert "13900001234" not in capsys.readouterr().out


def test_what_has_no_receiver_or_no_message_is_a_fault_of_ours(
    pool: ThreadPoolExecutor, tmp_path: Path
) -> None:
    channel = ChannelRoad(cast(Channel, Recorder(tmp_path / "log", "alipay")), pool)
    empty = Outgoing("k", None, "chat", None, None)
    assert [found.reason for found in sent(channel, empty, BY_SMS)] == ["bug", "bug"]
    assert sent(SmsRoad(Office(), pool), CHAT)[0].reason == "bug"


def test_no_more_calls_are_made_at_once_than_there_are_threads(pool: ThreadPoolExecutor) -> None:
    now, most, lock, gate = [0], [0], threading.Lock(), threading.Barrier(3, timeout=10)

    def call(*_: Any) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        gate.wait()  # three at once, or nobody goes on
        with lock:
            now[0] -= 1

    office = Office()
    office.send = cast(Callable[..., None], call)  # type: ignore[method-assign]
    assert sent(SmsRoad(office, pool), *[BY_SMS] * 12) == [Result()] * 12
    assert most == [3]


def test_who_waits_too_long_for_a_thread_was_not_called() -> None:
    begun, released = threading.Event(), threading.Event()

    def hold(*_: Any) -> None:
        begun.set()
        released.wait(10)

    office = Office()
    office.send = cast(Callable[..., None], hold)  # type: ignore[method-assign]

    async def go(road: SmsRoad) -> tuple[Result, Result]:
        first = asyncio.create_task(road.send(BY_SMS))
        await asyncio.to_thread(begun.wait, 10)
        found = await asyncio.gather(first, road.send(BY_SMS))
        released.set()
        return found

    with ThreadPoolExecutor(1) as one:
        held, waited = asyncio.run(go(SmsRoad(office, one, 0.1)))
    assert (held.reason, waited.reason) == ("unknown", "transient")


def test_an_account_is_not_named_where_a_call_is_shown() -> None:
    assert repr(FILLED) == "Outgoing('p1-7', 'template')"
    assert AccountKey.parse(str(WHO)) == WHO
