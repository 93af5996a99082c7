"""`shebaoka chat`: the bot in a terminal.

A line is a text. `/photo FILE` sends a picture (a file, or the name of one of the drawn ones),
`/place LABEL` a location in the shipped city, `/voice WORDS` a recognised voice message.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from bot.commands.settings import local_settings, stop
from bot.dialogue.messages import AccountKey, Kind, Media, Place, Reply, Update
from config.settings import Settings

Say = Callable[[str], Sequence[str]]
TIMEOUT = 30  # seconds: three deliveries of five, and what follows


def run(url: str, user: str) -> int:
    """Pass lines to the bot and print what it says, until the end of input."""
    if url:
        _converse(over_simulator(url, user, local_settings().simulator_token))
        return 0
    with in_process(user) as say:
        _converse(say)
    return 0


def _converse(say: Say) -> None:
    for line in sys.stdin:
        if text := line.strip():
            for answer in say(text):
                _print(answer)


def _print(answer: str) -> None:
    sys.stdout.write(f"{answer}\n\n")
    sys.stdout.flush()


@contextmanager
def in_process(user: str) -> Iterator[Say]:
    """The bot in this process, over records of its own that are gone afterwards.

    The offices outside are the simulator's, in a thread; SMS codes are printed as they arrive.
    """
    from bot.app import create_terminal
    from bot.simulator.server import start

    with _workshop() as (settings, config):
        simulator = start(config)
        offices = f"{simulator.url}/offices"
        here = settings.model_copy(
            update={
                "identity_url": f"{offices}/identity",
                "portraits_url": f"{offices}/portraits",
                "card_making_url": f"{offices}/card_making",
                "sms_url": f"{offices}/sms",
            }
        )
        take, close = create_terminal(here, user, _print)
        try:
            threading.Thread(target=_print_sms, args=[simulator.url, user], daemon=True).start()
            yield lambda line: _answers(take(_update(line, user)))
        finally:
            close()
            simulator.stop()


@contextmanager
def _workshop() -> Iterator[tuple[Settings, Any]]:
    """A Redis, an empty database and drawn keys in a folder that goes away."""
    from bot.commands.simulator import simulator_config
    from bot.demo.keys import drawn_keys
    from bot.demo.redis_process import RedisProcess, socket_folder
    from models.database import Database

    with tempfile.TemporaryDirectory() as folder:
        sockets = socket_folder()
        redis = RedisProcess(sockets / "redis.sock", sockets, durable=False)
        try:
            redis.wait()
            drawn: dict[str, Any] = dict(drawn_keys(Path(folder)))
            settings = Settings(**drawn, data_dir=Path(folder), redis_url=redis.url)
            database = Database(settings.database)
            database.upgrade()
            database.dispose()
            yield settings, simulator_config(settings)
        finally:
            redis.stop()


def _update(line: str, user: str) -> Update:
    """A typed line as an update."""
    from bot.simulator.settings import PLACES, SimulatorConfig

    pictures = Path(str(SimulatorConfig.__dataclass_fields__["pictures"].default))
    command, _, rest = line.partition(" ")
    known: dict[str, Any] = {"kind": Kind.TEXT, "text": line}
    if command == "/photo":
        drawn = pictures / f"{rest}.jpg"
        known = {"kind": Kind.IMAGE, "media": Media(str(drawn if drawn.exists() else rest))}
    elif command == "/place":
        label, lat, lng = PLACES[0]
        known = {"kind": Kind.LOCATION, "place": Place(lat, lng, rest or label)}
    elif command == "/voice":
        known = {"kind": Kind.VOICE, "text": rest}
    account = AccountKey("terminal", "terminal", user)
    return Update(uuid4().hex, account, at=datetime.now(UTC), **known)


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


def _answers(reply: Reply | None) -> list[str]:
    return [reply.plain()] if reply else []


def _print_sms(simulator: str, user: str) -> None:
    """Print every SMS as it arrives, until the simulator is gone."""
    seen, printed = -1, 0
    while True:
        try:
            asked: dict[str, Any] = {"seen": seen, "wait": 10, "openid": user}
            feed = requests.get(f"{simulator}/simulator/api/feed", params=asked, timeout=15).json()
        except (requests.RequestException, ValueError):
            return
        seen = feed["seen"]
        for message in feed["sms"][printed:]:
            _print(f"[SMS] {message['text']}")
        printed = len(feed["sms"])


def _shown(message: dict[str, Any]) -> str:
    return str(message["text"]) or f"[{message['kind']}]"
