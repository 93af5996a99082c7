"""The demo's phone shows the city's menu without anybody having published it.

At the demo's own simulator alone: a real account's menu is changed by `shebaoka menu publish`, by
who means to.
"""

from __future__ import annotations

import threading
import time
from urllib.parse import urlsplit

import structlog
from redis.exceptions import RedisError

from config.city import CityFault
from config.settings import Settings

PATIENCE = 30.0  # seconds: the simulator may still be starting
_PAUSE = 1.0
log = structlog.get_logger(__name__)


def publish_soon(settings: Settings) -> None:
    """Publish the menu beside what this process does, if the platform is the simulator."""
    if is_simulated(settings):
        threading.Thread(target=_publish, args=[settings], daemon=True).start()


def is_simulated(settings: Settings) -> bool:
    """Whether the official account's platform is the simulator of this demo."""
    return _is_here(settings.wechat_api_base, settings)


def _is_here(address: str, settings: Settings) -> bool:
    platform = urlsplit(address)
    here = platform.hostname in {"127.0.0.1", "::1", "localhost", settings.host}
    return here and platform.scheme == "http" and platform.port == settings.simulator_port


def _publish(settings: Settings) -> None:
    ends, fault = time.monotonic() + PATIENCE, "not tried"
    while time.monotonic() < ends:
        try:
            fault = _published(settings)
        except (CityFault, ValueError, RedisError) as error:
            fault = type(error).__name__
        if not fault:
            return
        time.sleep(_PAUSE)
    log.warning("the demo's menu was not published", fault=fault)


def _published(settings: Settings) -> str:
    """Why it was not; "" where both phones show it."""
    from bot.upkeep import publish_city_menu, publish_life_account_menu

    fault = publish_city_menu(settings, dry_run=False).fault
    if not fault and settings.has_alipay and _is_here(settings.alipay_gateway, settings):
        fault = publish_life_account_menu(settings, dry_run=False).fault
    return fault
