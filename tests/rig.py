"""The whole service on this machine, for tests: site, worker and simulator over HTTP, one clock.

Nothing inside is replaced but what the constructor takes anyway: the clock, the SMS codes and the
source of acceptance numbers. Redis and the database are real.
"""

from __future__ import annotations

import base64
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from werkzeug.serving import BaseWSGIServer, make_server

from bot.app import create_app, create_worker
from bot.ports import Reader, Sources
from bot.rate import key_of
from bot.simulator.alipay.settings import AlipayConfig
from bot.simulator.server import QuietHandler, RunningSimulator, start
from bot.simulator.settings import MINI_ACCOUNT, MINI_PATH, AccountConfig, SimulatorConfig
from bot.simulator.wordings import account_templates
from bot.work.worker import Worker
from config.city import City, load_city
from config.settings import Settings
from models.database import Database
from models.sealing import Keyring
from tests.fresh_records import make_records
from tests.reading import reader
from tests.rig_alipay import alipay_settings, the_app, the_mini_app
from tests.rig_making import making_settings, the_makers

PICTURES = Path(__file__).parent.parent / "bot" / "simulator" / "pictures"
APP_ID, TOKEN, SECRET = "wx0000000000000001", "rigtoken", "rig-app-secret"
AES_KEY = base64.b64encode(bytes(range(32))).decode()[:43]
OFFICE_KEY = "rig-office-key-0123456789"
MINI: dict[str, Any] = {
    "app_id": "wx0000000000000002",
    "app_secret": "rig-mini-secret",
    "token": "rigminitoken",
    "aes_key": base64.b64encode(bytes(range(32, 64))).decode()[:43],
}


class Clock:
    """Real seconds pass, from a chosen moment on, and may be shifted. Aware, UTC."""

    def __init__(self, at: datetime | None = None) -> None:
        self._started = time.monotonic()
        self._at = at or datetime(2026, 11, 23, 2, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._started)

    def shift(self, by: timedelta) -> None:
        self._at += by


class Bot:
    """The running service, and one person's phone to talk to it: `said = bot.say("办卡")`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        simulator: RunningSimulator,
        user: str,
        site: str = "",
        account: str = "wechat",
    ) -> None:
        self.settings, self.clock, self.simulator, self.user = settings, clock, simulator, user
        self.site, self.account = site, account
        self.keys = Keyring(settings.data_keys, settings.index_key)
        self.database = Database(settings.database)
        self.http = requests.Session()
        self.count = 0

    # --- talking ------------------------------------------------------------------------

    def as_user(self, user: str, account: str = "") -> Bot:
        """Another person; `account`: wechat, or wechat_mini or alipay where the rig runs with
        it."""
        whose = account or self.account
        return Bot(self.settings, self.clock, self.simulator, user, self.site, whose)

    @property
    def _messages(self) -> str:
        return f"{self.simulator.url}/simulator/api/{self.account}/users/{self.user}/messages"

    def post(self, **message: Any) -> list[dict[str, Any]]:
        """One message of the person; what the bot sent by then."""
        self.count += 1
        answer = self.http.post(self._messages, json=message, timeout=30)
        assert answer.status_code == 200, answer.text
        told: list[dict[str, Any]] = answer.json()["messages"]
        return told

    def say(self, text: str) -> str:
        """Send a text; the bot's texts, parted by a blank line."""
        return shown(self.post(type="text", text=text))

    def photo(self, name: str) -> str:
        """Send one of the drawn pictures, by its file name without `.jpg`."""
        self.count += 1
        with (PICTURES / f"{name}.jpg").open("rb") as file:
            answer = self.http.post(
                self._messages,
                data={"type": "image"},
                files={"file": (f"{name}.jpg", file, "image/jpeg")},
                timeout=30,
            )
        assert answer.status_code == 200, answer.text
        return shown(answer.json()["messages"])

    def place(
        self, label: str = "云州市城东区和平路18号", lat: float = 32.05, lng: float = 123.12
    ) -> str:
        return shown(self.post(type="location", lat=lat, lng=lng, label=label))

    def history(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.http.get(self._messages, timeout=10).json()[
            "messages"
        ]
        return messages

    def sms(self, phone: str = "13900001234") -> list[dict[str, Any]]:
        answer = self.http.get(f"{self.simulator.url}/simulator/api/sms/{phone}", timeout=10)
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def code(self, phone: str = "13900001234", seconds: float = 5.0) -> str:
        """The last code sent to a phone, once it has arrived."""
        found = wait_for(
            lambda: next((m["code"] for m in reversed(self.sms(phone)) if m["code"]), None), seconds
        )
        return str(found)

    def days(self, days: int = 1) -> None:
        """So many days later, for everybody: the offices that make cards have worked."""
        answer = self.http.post(
            f"{self.simulator.url}/simulator/api/days", json={"days": days}, timeout=30
        )
        assert answer.ok, answer.text

    def faults(self, **faults: Any) -> None:
        answer = self.http.put(
            f"{self.simulator.url}/simulator/api/faults", json=faults, timeout=10
        )
        assert answer.ok, answer.text


def shown(messages: list[dict[str, Any]]) -> str:
    """The bot's messages as text; a picture as [图片]."""
    parts = [
        m["text"] if m["kind"] == "text" else f"[{m['kind']}]"
        for m in messages
        if m["from"] == "bot"
    ]
    return "\n\n".join(parts)


def wait_for(found: Callable[[], Any], seconds: float = 5.0) -> Any:
    """What `found` gives once it is something; AssertionError after `seconds`."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if (value := found()) is not None:
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come in time")


def rig_settings(folder: Path, redis_url: str, database_url: str, **more: Any) -> Settings:
    """Settings of a whole service in `folder`; addresses of the simulator are filled in later."""
    values: dict[str, Any] = {
        "data_dir": folder,
        "redis_url": redis_url,
        "database_url": database_url,
        "secret_key": "rig" * 11,
        "data_keys": f"1:{base64.b64encode(b'd' * 32).decode()}",
        "index_key": base64.b64encode(b"i" * 32).decode(),
        "wechat_app_id": APP_ID,
        "wechat_app_secret": SECRET,
        "wechat_token": TOKEN,
        "wechat_aes_key": AES_KEY,
        "office_key": OFFICE_KEY,
        "public_url": "http://127.0.0.1",
        **more,
    }
    return Settings(**values)


def sources(
    clock: Clock, codes: Callable[[], str] | None = None, serials: Callable[[], str] | None = None
) -> Sources:
    count = itertools.count(100_000)
    return Sources(
        clock=clock,
        sms_code=codes or (lambda: str(next(count))),
        serial=serials or (lambda: f"{int.from_bytes(os.urandom(2)) % 10_000:04d}"),
        new_id=lambda: uuid4().hex,
    )


def _mini(city: City, mode: str, push_format: str) -> AccountConfig:
    wire: dict[str, Any] = {"mode": mode, "push_format": push_format}
    templates = account_templates(city, "mini")
    return AccountConfig("mini", MINI_PATH, MINI_ACCOUNT, **MINI, **wire, templates=templates)


def _mini_settings(platform: str, mode: str) -> dict[str, str]:
    keys = {f"wechat_mini_{name}": value for name, value in MINI.items()}
    return {**keys, "wechat_mini_mode": mode, "wechat_mini_api_base": platform}


def _simulator(
    folder: Path,
    city: City,
    clock: Clock,
    mode: str,
    linger: float,
    mini: AccountConfig | None,
    apps: Sequence[AlipayConfig],
) -> SimulatorConfig:
    """It pushes nowhere until it is pointed at the site."""
    (folder / "simulator").mkdir(exist_ok=True)
    return SimulatorConfig(
        webhook="http://127.0.0.1:1",
        app_id=APP_ID,
        app_secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        office_key=OFFICE_KEY,
        folder=folder / "simulator",
        mode=mode,  # type: ignore[arg-type]
        sms_templates={t.id: t.text for t in city.sms.values()},
        templates=account_templates(city, "official"),
        mini=mini,
        alipay=next((app for app in apps if app.name == "alipay"), None),
        alipay_mini=next((app for app in apps if app.name == "alipay_mini"), None),
        card_making=the_makers(),
        clock=clock,
        pass_time=clock.shift,
        linger_seconds=linger,
    )


def addresses(simulator: str) -> dict[str, str]:
    """What the simulator serves beside the platform, by setting."""
    offices = ("identity", "portraits", "card_making", "sms")
    served = {f"{name}_url": f"{simulator}/offices/{name}" for name in offices}
    return {**served, "wechat_js_url": f"{simulator}/simulator/jssdk.js"}


@contextmanager
def _up(server: BaseWSGIServer, worker: Worker | None) -> Iterator[None]:
    """The site answers, the worker works."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    if worker:
        worker.start()
    try:
        yield
    finally:
        if worker:
            worker.stop()
        server.shutdown()
        thread.join()
        server.server_close()


def _not_yet(environ: object, start: object) -> list[bytes]:
    raise AssertionError("nobody calls before the site is up")


@contextmanager
def running(
    folder: Path,
    redis_url: str,
    database_url: str = "",
    *,
    clock: Clock | None = None,
    codes: Callable[[], str] | None = None,
    serials: Callable[[], str] | None = None,
    card_reader: Reader | None = None,
    work: bool = True,
    mode: str = "safe",
    user: str = "oRig0000000000000000000000001",
    linger: float = 0.3,
    wechat_api_base: str = "",
    profile: Path | None = None,
    mini: bool = False,
    mini_mode: str = "safe",
    mini_format: str = "xml",
    alipay: bool = False,
    alipay_gateway: str = "",
    alipay_mini: bool = False,
) -> Iterator[Bot]:
    """Site, worker and simulator, up and talking to each other.

    `linger` is what the simulator waits for API messages after a reply, in seconds; with
    `wechat_api_base` or `alipay_gateway` another platform is called than the simulator's, with
    `profile` the city is another one, with `mini` a mini program is served beside the official
    account, with `alipay` an app at Alipay, of which with `alipay_mini` the mini program is an
    app of its own.
    """
    clock = clock or Clock()
    database_url = database_url or f"sqlite:///{folder / 'records.db'}"
    city = load_city(profile)
    program = _mini(city, mini_mode, mini_format) if mini else None
    apps = [the_app(city)] if alipay else []
    apps += [the_mini_app(city)] if alipay_mini else []
    simulator = start(_simulator(folder, city, clock, mode, linger, program, apps))
    # Its links name its own address, which is known before it is made.
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=QuietHandler)
    site = f"http://127.0.0.1:{server.server_port}"
    settings = rig_settings(
        folder,
        redis_url,
        database_url,
        city=profile,
        public_url=site,
        wechat_mode=mode,
        wechat_api_base=wechat_api_base or simulator.url,
        **addresses(simulator.url),
        **making_settings(simulator.url),
        **(_mini_settings(simulator.url, mini_mode) if mini else {}),
        **(alipay_settings(simulator.url, alipay_gateway, mini=alipay_mini) if alipay else {}),
    )
    bot = Bot(settings, clock, simulator, user, site)
    given = sources(clock, codes, serials)
    with _serving(bot, server, given, (card_reader or reader()) if work else None):
        yield bot


def _keep_lines(redis: Any, settings: Settings) -> None:
    """As if nothing were lost: else the first notice of each test would wait for a second."""
    accounts = {
        "wechat": settings.wechat_app_id,
        **dict.fromkeys(("wechat_mini", "mini_wechat"), settings.wechat_mini_app_id),
        "alipay": settings.alipay_app_id,
        "mini_alipay": settings.alipay_mini_app_id or settings.alipay_app_id,
    }
    for channel, app in accounts.items():
        redis.set(key_of(f"{channel}:{app}"), "1")


def _forget_tokens(redis: Any, settings: Settings) -> None:
    """Of the simulators before, which shared this Redis: the first call with one would be refused,
    and a fault that was set for one call would be spent on the refusal."""
    for app in filter(None, (settings.wechat_app_id, settings.wechat_mini_app_id)):
        redis.delete(*(f"{{wechat:{app}}}:{lent}" for lent in ("token", "ticket")))


@contextmanager
def _serving(
    bot: Bot, server: BaseWSGIServer, given: Sources, card_reader: Reader | None
) -> Iterator[None]:
    """Site and worker over these settings, until everything of it is let go; without a reader
    there is no worker."""
    settings = bot.settings
    make_records(settings.database)
    server.app = app = create_app(settings, given)
    _keep_lines(app.extensions["shebaoka"].redis, settings)
    _forget_tokens(app.extensions["shebaoka"].redis, settings)
    bot.simulator.point_at(bot.site)
    worker = create_worker(settings, given, reader=card_reader) if card_reader else None
    try:
        with _up(server, worker):
            yield
    finally:
        bot.simulator.stop()
        bot.database.dispose()
        app.extensions["shebaoka"].close()
