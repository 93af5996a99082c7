"""What one run of the demo is made of: its settings, its children's environment, its addresses.

A setting that was given wins over the demo's own; what is left is filled with drawn keys and with
the addresses of the demo's own Redis and simulator.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.keys import drawn_app_key, drawn_keys
from bot.demo.profile import write_profile
from bot.demo.redis_process import redis_command, redis_url
from bot.simulator.alipay.keys import platform_public_key
from bot.simulator.card_making.keys import public_key
from config.settings import Settings, environment_name

# -P: a folder named `config` or `models` where the demo was started is not taken for ours.
OURS = (sys.executable, "-P", "-m")


@dataclass(frozen=True, slots=True)
class Part:
    """One child to keep running. `after_records`: it needs the migrated database."""

    name: str
    program: list[str] = field(repr=False)
    after_records: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: where it listens, what its children are told and which children there are."""

    folder: Path  # the data folder, absolute
    sockets: Path  # the fresh folder of this run's sockets
    port: int
    simulator_port: int
    url: str
    simulator_url: str
    values: dict[str, str] = field(repr=False)  # the settings that were not given, by field name
    public: dict[str, str] = field(repr=False)  # what demo.env may hold of this run
    own_redis: bool

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def environment(self) -> dict[str, str]:
        """The children's environment: ours, with every setting of this run."""
        ours = {environment_name(name): value for name, value in self.values.items()}
        return {**os.environ, **ours, "PYTHONUNBUFFERED": "1"}

    def parts(self) -> list[Part]:
        """The children in the order in which they start; they stop in the opposite one."""
        parts = [Part("simulator", command("simulator"))]
        if self.own_redis:
            data = self.folder / "redis"
            data.mkdir(mode=0o700, exist_ok=True)
            parts.insert(0, Part("redis", redis_command(self.redis_socket, data)))
        worker = Part("worker", [*OURS, "bot.demo.worker"], after_records=True)
        web = Part("web", [*OURS, "bot.demo.web"], after_records=True)
        return [*parts, web, worker]


def command(*words: str) -> list[str]:
    """A command of ours as a program to start."""
    return [*OURS, "bot.cli", *words]


def make_plan(settings: Settings, folder: Path, sockets: Path) -> Plan:
    """The plan for these given settings. Draws keys and picks ports; starts nothing."""
    given = settings.model_fields_set
    port = settings.port or free_port(settings.host)
    simulator_port = _simulator_port(settings)
    url = f"http://{_reachable(settings.host)}:{port}"
    simulator_url = f"http://{_reachable(_simulator_host(settings))}:{simulator_port}"
    drawn = drawn_keys(folder)
    addresses = {
        "host": settings.host,
        "port": str(port),
        "simulator_port": str(simulator_port),
        "data_dir": str(folder),
        "city": str(write_profile(settings.city, folder, f"{simulator_url}/simulator")),
    }
    defaults = {
        "database_url": f"sqlite:///{folder / 'shebaoka.db'}",
        "redis_url": redis_url(sockets / "redis.sock"),
        "public_url": url,
        "wechat_api_base": simulator_url,
        "wechat_mini_api_base": simulator_url,
        "wechat_js_url": f"{simulator_url}/simulator/jssdk.js",
        "alipay_gateway": f"{simulator_url}/alipay/gateway.do",
        "alipay_media_url": f"{simulator_url}/alipay/chat/multimedia.do",
        "alipay_private_key": drawn_app_key(folder),
        "alipay_public_key": platform_public_key(folder / "simulator"),
        "identity_url": f"{simulator_url}/offices/identity",
        "portraits_url": f"{simulator_url}/offices/portraits",
        "card_making_url": f"{simulator_url}/offices/card_making",
        "sms_url": f"{simulator_url}/offices/sms",
        "bank_url": f"{simulator_url}/offices/bank",
        "province_public_key": public_key(folder / "simulator", "province"),
        "bank_public_key": public_key(folder / "simulator", "bank"),
    }
    own = {name: value for name, value in {**drawn, **defaults}.items() if name not in given}
    return Plan(
        folder=folder,
        sockets=sockets,
        port=port,
        simulator_port=simulator_port,
        url=url,
        simulator_url=simulator_url,
        values={**own, **addresses},
        public={**own, **drawn, **addresses},
        own_redis="redis_url" not in given,
    )


def _simulator_port(settings: Settings) -> int:
    """The given one, the default, or any free one when only the service's port was chosen."""
    given = settings.model_fields_set
    if settings.simulator_port and ("simulator_port" in given or "port" not in given):
        return settings.simulator_port
    return free_port(_simulator_host(settings))


def _simulator_host(settings: Settings) -> str:
    """Loopback, unless a token keeps strangers out."""
    return settings.host if settings.simulator_token else "127.0.0.1"


def _reachable(host: str) -> str:
    """An address one can go to, for one that one can listen at."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def free_port(host: str) -> int:
    """A port of `host` that nobody listens at now."""
    with _listener(host, 0) as probe:
        return int(probe.getsockname()[1])


def is_free(host: str, port: int) -> bool:
    """Whether we could listen there."""
    try:
        _listener(host, port).close()
    except OSError:
        return False
    return True


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    probe = socket.socket(family)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
    except OSError:
        probe.close()
        raise
    return probe
