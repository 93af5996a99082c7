"""`shebaoka chat`: the bot in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import requests

from bot.commands.settings import local_settings, stop

Say = Callable[[str], Sequence[str]]
TIMEOUT = 30  # seconds: three deliveries of five, and what follows


def run(url: str, user: str) -> int:
    """Pass lines to the bot and print what it says, until the end of input."""
    say = over_simulator(url, user, local_settings().simulator_token) if url else in_process(user)
    for line in sys.stdin:
        if text := line.strip():
            for answer in say(text):
                sys.stdout.write(f"{answer}\n\n")
            sys.stdout.flush()
    return 0


def in_process(user: str) -> Say:
    """The bot in this process, without HTTP."""
    from bot.app import create_terminal

    return create_terminal(local_settings(), user)


def over_simulator(url: str, user: str, token: str) -> Say:
    """The bot behind a simulator's WeChat, as the person `user`."""
    address = f"{url.rstrip('/')}/simulator/api/wechat/users/{user}/messages"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    session = requests.Session()
    session.headers.update(headers)

    def say(text: str) -> list[str]:
        try:
            answer = session.post(address, json={"type": "text", "text": text}, timeout=TIMEOUT)
            answer.raise_for_status()
        except requests.RequestException as fault:
            stop([f"the simulator does not answer: {type(fault).__name__}"])
        return [_shown(message) for message in answer.json()["messages"]]

    return say


def _shown(message: dict[str, Any]) -> str:
    return str(message["text"]) or f"[{message['kind']}]"
