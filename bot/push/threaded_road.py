"""Roads whose calls wait in threads: the channels that have no other way, and the office of SMS.

Alipay signs every call with RSA, which holds a core for a millisecond whatever waits for it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

import structlog

from bot.ports import Channel, OfficeError, Rung, SendError, SendReason, SmsOffice
from bot.push.ports import CALL_SECONDS, Outgoing, Result

THREADS = 16
"""Of all threaded roads together."""
_SECONDS = 5.0  # of a call that has its thread

log = structlog.get_logger(__name__)


class _ThreadedRoad:
    """`ports.Road` over a call that waits."""

    name: str

    def __init__(self, pool: Executor, longest: float = CALL_SECONDS) -> None:
        """As many calls are made at once as `pool` has threads; the others wait for one, `longest`
        seconds in all."""
        self._pool, self._longest = pool, longest

    async def send(self, call: Outgoing) -> Result:
        """See `ports.Road`. Who is cancelled does not stop a call that has begun."""
        ending = self._pool.submit(self._ended, call)
        try:
            async with asyncio.timeout(self._longest):
                return await asyncio.wrap_future(ending)
        except TimeoutError:
            stayed = ending.cancel()  # it still waited for a thread
            return Result("transient" if stayed else "unknown", "no end in time")

    def _ended(self, call: Outgoing) -> Result:
        try:
            return Result(sent_as=self._called(call))
        except SendError as error:
            return Result(error.reason, error.detail, wait=error.wait)
        except OfficeError as error:
            return Result(_reason(error), error.reason)
        except Exception as fault:
            # Nobody can say how far it came.
            log.error("road stumbled", road=self.name, rung=call.rung, fault=type(fault).__name__)
            return Result("unknown", type(fault).__name__)

    def _called(self, call: Outgoing) -> str:
        raise NotImplementedError


def _reason(error: OfficeError) -> SendReason:
    if error.unknown:
        return "unknown"
    return "transient" if error.retry else "permanent"


class ChannelRoad(_ThreadedRoad):
    """Any channel, as it is."""

    def __init__(self, channel: Channel, pool: Executor) -> None:
        super().__init__(pool)
        self.name, self._channel = channel.name, channel

    def keyed(self, rung: Rung) -> bool:
        """The template messages of a WeChat account, and no others: see `bot.work.rungs`."""
        return (self.name, rung) == ("wechat", "template")

    def _called(self, call: Outgoing) -> str:
        account, reply, filled = call.account, call.reply, call.filled
        if account is None or (reply is None and filled is None):
            raise SendError("bug", "nobody to send to, or nothing to send")
        if filled is not None:
            return self._channel.send_filled(account, filled, call.key, _SECONDS)
        assert reply is not None  # noqa: S101 - one of the two
        self._channel.send(account, reply, call.key, _SECONDS)
        return ""


class SmsRoad(_ThreadedRoad):
    """The office of SMS."""

    name = "sms"

    def __init__(self, office: SmsOffice, pool: Executor, longest: float = CALL_SECONDS) -> None:
        super().__init__(pool, longest)
        self._office = office

    def keyed(self, rung: Rung) -> bool:
        """It sends one SMS for one key, however often asked."""
        return True

    def _called(self, call: Outgoing) -> str:
        if call.sms is None or not call.phone:
            raise SendError("bug", "no phone to send to, or nothing to send")
        self._office.send(call.phone, call.sms.template, call.sms.params, call.key, _SECONDS)
        return ""
