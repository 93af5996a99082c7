"""How many calls of Redis one turn makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.dialogue.messages import Update
from bot.sessions import Sessions
from tests.bot.turn.rig import KEYS, Rig


def redis_calls(rig: Rig, update: Update) -> list[str]:
    """The scripts that are sent while this update is taken, by how each begins."""
    calls: list[str] = []
    plain = rig.again()
    plain.sessions = Sessions(_CountingClient(plain.client, calls), KEYS)
    plain.turns().take(update)
    plain.close()
    return calls


class _CountingClient:
    """Notes every script that is sent."""

    def __init__(self, client: Any, calls: list[str]) -> None:
        self._client, self._calls = client, calls

    def register_script(self, script: str) -> Callable[..., Any]:
        registered = self._client.register_script(script)

        def call(**arguments: Any) -> Any:
            self._calls.append(script[:20])
            return registered(**arguments)

        return call
