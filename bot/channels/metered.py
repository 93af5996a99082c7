"""A channel that keeps to the person's allowance: what must be refused costs no call.

For customer-service messages, whether they are mail, notices or pictures. The platform's refusal
counts more than our ledger: it is told of it. Source of the rules: `bot.sessions.allowance`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from prometheus_client import Counter

from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Channel, Filled, Rung, SendError, SendReason

SENDS = Counter(
    "shebaoka_api_messages",
    "Messages by the platform's API, by channel and end: sent, closed or used_up (not even"
    " called), or the reason of the platform's refusal",
    ["channel", "end"],
)


class Ledger(Protocol):
    """`bot.sessions.Ledger`."""

    def take(self, account: AccountKey) -> Literal["ok", "closed", "used_up"]: ...
    def give_back(self, account: AccountKey) -> None: ...
    def close(self, account: AccountKey) -> None: ...


class Metered:
    """`ports.Channel` around another one."""

    def __init__(self, channel: Channel, ledger: Ledger) -> None:
        self.channel, self._ledger = channel, ledger
        self.name = channel.name
        self.answers_at_once = channel.answers_at_once
        self.manner = channel.manner
        self.rungs: Sequence[Rung] = channel.rungs

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        return self.channel.fit(reply, mail)

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        """Raises `SendError`: "window" without a call where nothing may be sent."""
        self._within(account, lambda: self.channel.send(account, reply, key, timeout))

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        """Raises `SendError`: "window" without a call where nothing may be sent."""
        self._within(account, lambda: self.channel.send_picture(account, image, key, timeout))

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """Approved wordings need no window."""
        return self.channel.send_filled(account, message, key, timeout)

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        return self.channel.fetch(media, limit, timeout)

    def _within(self, account: AccountKey, call: Callable[[], None]) -> None:
        if refusal := self.enter(account):
            raise SendError("window", refusal)
        try:
            call()
        except SendError as error:
            self.left(account, error.reason)
            raise
        self.left(account, "")

    def enter(self, account: AccountKey) -> str:
        """Take one of what may be sent; why there is none, "" when there was."""
        allowed = self._ledger.take(account)
        if allowed == "ok":
            return ""
        self._count(allowed)
        return allowed

    def left(self, account: AccountKey, reason: SendReason | Literal[""]) -> None:
        """What became of the one that was taken: "" when it went out."""
        self._count(reason or "sent")
        if reason == "window":
            self._ledger.close(account)
        elif reason not in ("", "unknown"):
            self._ledger.give_back(account)

    def _count(self, end: str) -> None:
        SENDS.labels(self.name, end).inc()
