"""Where the microseconds of one turn of ours go: the real application, called in this process.

Nothing in the product knows of it: functions are wrapped from outside before `create_app`, and
each stage is what passed in it without the stages inside it. One thread, one person after another.

Usage, with the environment of a rig: python -m benchmarks.speed.stages TOKEN AES_KEY APP_ID
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from benchmarks.speed.dialogue import SAID
from benchmarks.speed.pushes import Platform, Secrets

PEOPLE, WARM_UP = 120, 20

RECORDS = "records, in a turn that writes"


@dataclass(frozen=True, slots=True)
class Stage:
    """`places` are what is timed. `first` is what it took before anything was made faster (of
    commit 2397ced), `budget` what it may take: microseconds a turn."""

    name: str
    first: int
    budget: int
    places: tuple[str, ...]


STAGES = (
    Stage("web server's call, Flask", 192, 110, ()),
    Stage("view", 67, 50, ("bot.channels.wechat.views:_Webhook.receive",)),
    Stage("verify, decrypt, parse", 96, 65, ("bot.channels.wechat.codec:WeChatCodec.open",)),
    Stage("update from the push", 18, 15, ("bot.channels.wechat.codec:WeChatCodec.update",)),
    Stage("turn: lease, order, metrics", 66, 45, ("bot.turn.taking:Turns.take",)),
    Stage("seal", 58, 35, ("models.sealing:Keyring.seal",)),
    Stage("open sealed", 27, 15, ("models.sealing:Keyring.open",)),
    Stage("begin and commit: arguments, answers", 31, 25,
          ("bot.sessions.store:Sessions.begin", "bot.sessions.store:Sessions.commit")),
    Stage("Redis, two round trips, two durable writes", 1153, 1000, ("bot.sessions.store:_call",)),
    Stage("session and messages as JSON", 89, 65,
          ("bot.dialogue.state:Session.to_json", "bot.dialogue.state:Session.from_json",
           "bot.dialogue.messages:Update.to_json", "bot.dialogue.messages:Reply.to_json")),
    Stage("handle: router, form, texts", 183, 100, ("bot.dialogue.router:Router.__call__",)),
    Stage("understand free text", 246, 60, ("bot.dialogue.router:Router._guess",)),
    Stage(RECORDS, 1327, 1200, ("bot.turn.heads:Heads._settle",)),
    Stage("show, render, encrypt, sign", 66, 50,
          ("bot.channels.wechat.views:shown", "bot.channels.wechat.codec:WeChatCodec.render")),
)  # fmt: skip


@dataclass
class Stopwatch:
    """Exclusive times: a stage's clock stands still while another runs inside it."""

    spent: dict[str, float] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _since: float = 0.0

    def enter(self, name: str) -> None:
        self._note()
        self._open.append(name)

    def leave(self) -> None:
        self._note()
        self._open.pop()

    def _note(self) -> None:
        now = time.perf_counter()
        if self._open:
            name = self._open[-1]
            self.spent[name] = self.spent.get(name, 0.0) + now - self._since
        self._since = now

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.enter(name)
            try:
                return function(*args, **kwargs)
            finally:
                self.leave()

        return call

    def wrap(self, name: str, place: str) -> None:
        """Replace the function at `place` by one that is timed."""
        module, _, path = place.partition(":")
        *owners, last = path.split(".")
        owner: Any = import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        found = owner.__dict__[last]
        if isinstance(found, classmethod):
            setattr(owner, last, classmethod(self.timed(name, found.__func__)))
        else:
            setattr(owner, last, self.timed(name, found))


def environ(request: bytes) -> dict[str, Any]:
    """The request as granian would hand it over."""
    head, _, body = request.partition(b"\r\n\r\n")
    path, _, query = head.split(b" ", 2)[1].decode().partition("?")
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def measure(platform: Platform) -> dict[str, float]:
    """Microseconds a turn by stage: each message's median over `PEOPLE`, and of these the mean."""
    watch = Stopwatch()
    for stage in STAGES:
        for place in stage.places:
            watch.wrap(stage.name, place)
    make = import_module("benchmarks.speed.rigs.ours").make
    app = watch.timed(STAGES[0].name, make(1).wsgi_app)
    spent: list[list[dict[str, float]]] = [[] for _ in SAID]
    for person in range(WARM_UP + PEOPLE):
        for number, said in enumerate(SAID):
            given = environ(platform.request(f"o-stages-{person:05d}", said))
            watch.spent.clear()
            b"".join(app(given, lambda status, headers, exc_info=None: None))
            if person >= WARM_UP:
                spent[number].append(dict(watch.spent))
    return {stage.name: _micros(stage.name, spent) for stage in STAGES}


def _micros(stage: str, spent: list[list[dict[str, float]]]) -> float:
    """The turn that writes is looked at for its records alone: it is one of thirteen."""
    messages = spent[-1:] if stage == RECORDS else spent[:-1]
    medians = [statistics.median(each.get(stage, 0.0) for each in turns) for turns in messages]
    return statistics.mean(medians) * 1e6


def main(arguments: list[str]) -> None:
    measured = measure(Platform(Secrets(*arguments)))
    sys.stdout.write(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1:])
