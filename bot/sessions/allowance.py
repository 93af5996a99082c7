"""What may be sent to a person by API message: a ledger of our own, beside the platform's.

What a person does allows a number of messages for some time (`begin` writes it); the larger of what
is open counts, and each message takes one of all. It saves calls that must fail, and no more: the
platform's refusal counts more than the ledger, and where there is none, one tries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import resources
from typing import Any, Literal, Protocol, cast

from redis.exceptions import RedisError

from bot.dialogue.messages import AccountKey
from bot.sessions.store import Script, person_key

ACTS = ("message", "option", "click", "subscribe", "scan", "enter")
Verdict = Literal["ok", "closed", "used_up"]


class RedisClient(Protocol):
    def register_script(self, script: str) -> Script: ...


class Ledger:
    """Allowances of all persons. No method raises when Redis is away: then one tries."""

    def __init__(self, redis_client: RedisClient, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        text = resources.files(__package__).joinpath("allowance.lua").read_text(encoding="utf-8")
        self._script = redis_client.register_script(text)

    def take(self, account: AccountKey) -> Verdict:
        """Use one message. closed: no window is open · used_up: nothing is left in it."""
        return cast(Verdict, self._ask("take", account, "ok"))

    def give_back(self, account: AccountKey) -> None:
        """The message that was taken surely did not go out."""
        self._ask("give back", account, "")

    def close(self, account: AccountKey) -> None:
        """The platform says that nothing may be sent before the person does something."""
        self._ask("close", account, "")

    def _ask(self, what: str, account: AccountKey, else_: str) -> str:
        now = f"{self._clock().timestamp() * 1000:.0f}"
        try:
            raw: Any = self._script(keys=[person_key(account)], args=[what, now, *ACTS])
        except RedisError:
            return else_
        return str(raw.decode())
