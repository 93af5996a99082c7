"""`shebaoka chat`: the bot in a terminal.

A line is a text. `/photo FILE` sends a picture (a file, or the name of one of the drawn ones),
`/place LABEL` a location in the shipped city, `/voice WORDS` a recognised voice message.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import structlog

from bot.commands.lines import Line, LineFault, read_line
from bot.commands.settings import local_settings, stop
from bot.dialogue.messages import AccountKey, Kind, Media, Place, Reply, Update
from bot.logs import set_up_logs
from config.settings import Settings

Say = Callable[[Line], Sequence[str]]
TIMEOUT = 30  # seconds: three deliveries of five, and what follows


CHANNELS = ("wechat", "wechat_mini", "alipay")


def run(url: str, user: str, channel: str = "") -> int:
    """Pass lines to the bot and print what it says, until the end of input.

    `channel`: the app of the simulator at `url` in which to talk, WeChat unless said otherwise.
    """
    if channel and (not url or channel not in CHANNELS):
        stop([f"--channel is one of {', '.join(CHANNELS)} and goes with --url"])
    if url:
        token = local_settings().simulator_token
        _converse(over_simulator(url, user, token, channel or CHANNELS[0]))
        return 0
    with in_process(user) as say:
        _converse(say)
    return 0


def _converse(say: Say) -> None:
    for line in sys.stdin:
        if text := line.strip():
            for answer in _said(say, text):
                _print(answer)


def _said(say: Say, text: str) -> Sequence[str]:
    try:
        return say(read_line(text))
    except LineFault as fault:
        return [f"[{fault}]"]


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
            with _no_logs(), ExitStack() as stack:
                stack.callback(close)
                yield lambda line: _answers(take(_update(line, user)))
        finally:
            simulator.stop()


@contextmanager
def _no_logs() -> Iterator[None]:
    """Nothing but the dialogue on the screen: what a log line tells, the bot apologises for."""
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        set_up_logs()


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


def _update(line: Line, user: str) -> Update:
    """A typed line as an update."""
    known: dict[str, Any] = {"kind": Kind(line.kind), "text": line.text}
    if line.photo:
        known["media"] = Media(str(line.photo))
    if line.kind == Kind.LOCATION:
        known["place"] = Place(line.lat, line.lng, line.label)
    account = AccountKey("terminal", "terminal", user)
    return Update(uuid4().hex, account, at=datetime.now(UTC), **known)


def over_simulator(url: str, user: str, token: str, channel: str) -> Say:
    """The bot behind a simulator's WeChat or Alipay, as the person `user`."""
    address = f"{url.rstrip('/')}/simulator/api/{channel}/users/{user}/messages"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    session = requests.Session()
    session.headers.update(headers)

    def say(line: Line) -> list[str]:
        try:
            answer = session.post(address, **_request(line), timeout=TIMEOUT)
            answer.raise_for_status()
        except requests.RequestException as fault:
            stop([f"the simulator does not answer: {type(fault).__name__}"])
        return [_shown(message) for message in answer.json()["messages"]]

    return say


def _request(line: Line) -> dict[str, Any]:
    """The line in the form of the simulator's JSON; a picture as a form with a file."""
    if line.photo:
        return {"files": {"file": (line.photo.name, line.photo.read_bytes())}}
    if line.kind == Kind.LOCATION:
        place = {"lat": line.lat, "lng": line.lng, "label": line.label}
        return {"json": {"type": "location", **place}}
    if line.kind == Kind.VOICE:
        return {"json": {"type": "voice", "recognition": line.text}}
    return {"json": {"type": "text", "text": line.text}}


def _answers(reply: Reply | None) -> list[str]:
    return [reply.plain()] if reply else []


def _print_sms(simulator: str, user: str) -> None:
    """Print every SMS as it arrives, until the simulator is gone."""
    seen, printed = -1, 0
    while True:
        try:
            asked: dict[str, Any] = {"seen": seen, "wait": 10, "openid": user}
            answer = requests.get(f"{simulator}/simulator/api/feed", params=asked, timeout=15)
            answer.raise_for_status()
            feed = answer.json()
        except (requests.RequestException, ValueError):
            return
        seen = feed["seen"]
        for message in feed["sms"][printed:]:
            _print(f"[SMS] {message['text']}")
        printed = len(feed["sms"])


def _shown(message: dict[str, Any]) -> str:
    return str(message["text"]) or f"[{message['kind']}]"
