"""The road to WeChat: the calls that the channel makes one by one, many at once.

What goes over the wire is the channel's own, and so are token, refusals and circuit: a call differs
only in that no thread waits for it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import quote

import structlog

from bot.channels.wechat import bodies
from bot.channels.wechat.answers import understood_json
from bot.channels.wechat.channel import Wire
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.dialogue.messages import AccountKey, Reply
from bot.ports import Filled, Rung, SendReason
from bot.push.http import HttpClient, NoAnswer
from bot.push.ports import Outgoing, Result

CALL_SECONDS = 5.0
_FORMS = 16  # wordings in all languages of a few campaigns
_SOMEBODY, _SOME_KEY = (f"place-of-the-{what}-{secrets.token_hex(16)}" for what in ("user", "key"))
_HELD_SECONDS = 10.0  # that a token is used without a look at the store all processes share

T = TypeVar("T")


@lru_cache(4)
def _quoted(token: str) -> str:
    """Of the one token that all calls have for two hours."""
    return quote(token, safe="")


log = structlog.get_logger(__name__)


class Wording(Protocol):
    """What a channel of WeChat sends for one message: `WeChatChannel`, `WeChatProgram`."""

    name: str

    def filled_call(self, account: AccountKey, message: Filled, key: str) -> Wire: ...


class Chatting(Wording, Protocol):
    """One that has a chat."""

    def chat_calls(self, account: AccountKey, reply: Reply) -> list[Wire]: ...


class Meter(Protocol):
    """`bot.channels.metered.Metered`: what a person's window still allows."""

    def enter(self, account: AccountKey) -> str: ...
    def left(self, account: AccountKey, reason: SendReason | Literal[""]) -> None: ...


class _Form:
    """A filled wording, ready but for whom it goes to and the key of the call."""

    __slots__ = ("_parts", "_path", "message")

    def __init__(self, wording: Wording, account: AccountKey, message: Filled) -> None:
        self.message = message
        somebody = AccountKey(account.channel, account.app, _SOMEBODY)
        self._path, body = wording.filled_call(somebody, message, _SOME_KEY)
        self._parts = re.split(f'"{_SOMEBODY}"|"{_SOME_KEY}"', bodies.raw(body).decode())

    def filled(self, user: str, key: str) -> tuple[str, bytes]:
        values = (quoted(user), quoted(key))
        filled = [self._parts[0]]
        for value, after in zip(values, self._parts[1:], strict=False):
            filled += (value, after)
        return self._path, "".join(filled).encode("utf-8", "replace")


class WeChatRoad:
    """`ports.Road` of one account, in one event loop."""

    def __init__(
        self,
        wording: Wording,
        client: PlatformClient,
        base: str,
        meter: Meter,
        pool: Executor,
        *,
        seconds: float = CALL_SECONDS,
    ) -> None:
        """`base`: the API's address. `seconds`: what a call may take in all. Tokens and windows are
        asked for in threads of `pool`."""
        self.name = wording.name
        self._wording, self._client, self._meter, self._pool = wording, client, meter, pool
        self._http, self._seconds = HttpClient(base), seconds
        self._token, self._token_until = "", 0.0
        self._asking: dict[str, asyncio.Task[str]] = {}
        self._forms: dict[int, _Form] = {}

    def keyed(self, rung: Rung) -> bool:
        """Template messages, for ten minutes: see `PlatformClient.send_template`."""
        return (self.name, rung) == ("wechat", "template")

    async def send(self, call: Outgoing) -> Result:
        """See `ports.Road`."""
        try:
            if call.rung == "chat":
                return await self._chat(call)
            assert call.account is not None  # noqa: S101 - an address of this channel
            assert call.filled is not None  # noqa: S101 - a message of this rung
            path, body = self._filled(call.account, call.filled, call.key)
            return Result(sent_as=bodies.message_id(await self._posted(path, body)))
        except PlatformError as fault:
            return _refused(fault)
        except Exception as fault:  # before the call: see `_understood`
            log.error("road stumbled", road=self.name, rung=call.rung, fault=type(fault).__name__)
            return Result("bug", type(fault).__name__)

    def close(self) -> None:
        """Let go of all connections, in the loop that made them."""
        self._http.close()

    # --- approved wordings ---

    def _filled(self, account: AccountKey, message: Filled, key: str) -> tuple[str, bytes]:
        """Path and body. Of a message that goes to many as it is (the same object) only who and the
        key differ: the rest is checked and written once. Raises PlatformError."""
        known = self._forms.get(id(message))
        if known is None or known.message is not message:
            if len(self._forms) >= _FORMS:
                self._forms.clear()
            known = self._forms[id(message)] = _Form(self._wording, account, message)
        return known.filled(account.user, key)

    # --- messages in a person's window ---

    async def _chat(self, call: Outgoing) -> Result:
        chatting: Any = self._wording
        account, reply = call.account, call.reply
        assert account is not None  # noqa: S101
        wires = chatting.chat_calls(account, reply)
        if refusal := await self._in_thread(lambda: self._meter.enter(account)):
            return Result("window", refusal)
        try:
            result = Result(sent_as=bodies.message_id(await self._first_taken(wires)))
        except PlatformError as fault:
            result = _refused(fault)
        await self._in_thread(lambda: self._meter.left(account, result.reason))
        return result

    async def _first_taken(self, wires: list[Wire]) -> Any:
        """By the first of these calls that the account may make."""
        *before, last = wires
        for wire in before:
            try:
                return await self._posted(wire[0], bodies.raw(wire[1]))
            except PlatformError as fault:
                if fault.kind not in (Kind.ACCOUNT, Kind.BUG) or fault.unknown:
                    raise
        return await self._posted(last[0], bodies.raw(last[1]))

    # --- every call ---

    async def _posted(self, path: str, raw: bytes) -> Any:
        """One call, and one more where the token was refused. Raises PlatformError."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._seconds
        self._client.circuit.check()
        token = self._token
        if loop.time() >= self._token_until:
            token = await self._asked("", lambda: self._client.access_token)
        try:
            return await self._answered(path, token, raw, ends - loop.time())
        except PlatformError as fault:
            if fault.kind is not Kind.TOKEN:
                raise
        token = await self._renewed(token)
        return await self._answered(path, token, raw, ends - loop.time())

    async def _answered(self, path: str, token: str, body: bytes, seconds: float) -> Any:
        try:
            if seconds <= 0:
                raise PlatformError(Kind.TRANSIENT, "no time left")
            target = f"{path}?access_token={_quoted(token)}"
            return await self._understood(target, body, seconds)
        except PlatformError as fault:
            self._client.circuit.note(fault, path)
            raise

    async def _understood(self, target: str, body: bytes, seconds: float) -> Any:
        try:
            answer = await self._http.post(target, body, seconds)
            if 300 <= answer.status < 400:
                raise PlatformError(Kind.CONFIGURATION, "redirected")
            return understood_json(answer.status, answer.body)
        except NoAnswer as fault:
            raise PlatformError(Kind.TRANSIENT, fault.detail, unknown=fault.unknown) from None
        except PlatformError:
            raise
        except Exception as fault:  # whatever it was, the call may have left
            log.error("road stumbled", road=self.name, fault=type(fault).__name__)
            raise PlatformError(Kind.TRANSIENT, type(fault).__name__, unknown=True) from None

    # --- the token, one for all calls in flight ---

    async def _renewed(self, used: str) -> str:
        """Another than `used`: the one that a neighbour got meanwhile, or a new one."""
        if self._token not in ("", used):
            return self._token
        return await self._asked(used, lambda: self._client.renewed_token(used))

    async def _asked(self, used: str, ask: Callable[[], str]) -> str:
        """Asked once, however many wait for it. Raises PlatformError."""
        task = self._asking.get(used)
        if task is None:
            task = self._asking[used] = asyncio.create_task(self._noted(ask))
            task.add_done_callback(lambda done: self._told(used, done))
        return await asyncio.shield(task)

    async def _noted(self, ask: Callable[[], str]) -> str:
        token = await self._in_thread(ask)
        self._token = token
        self._token_until = asyncio.get_running_loop().time() + _HELD_SECONDS
        return token

    def _told(self, used: str, done: asyncio.Task[str]) -> None:
        del self._asking[used]
        if not done.cancelled():
            done.exception()  # was told to all who waited; none may have been left

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def _refused(fault: PlatformError) -> Result:
    error = fault.as_send_error()
    return Result(error.reason, error.detail, wait=error.wait)
