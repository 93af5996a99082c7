"""The demo's phones show the city's menu without anybody having published it.

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
    """Publish the menus beside what this process does, each whose platform is the simulator."""
    addresses = {"wechat": settings.wechat_api_base}
    if settings.has_alipay:
        addresses["alipay"] = settings.alipay_gateway
    for platform, address in addresses.items():
        if is_simulated(settings, address):
            threading.Thread(target=_publish, args=[settings, platform], daemon=True).start()


def is_simulated(settings: Settings, address: str) -> bool:
    """Whether a platform's address is the simulator of this demo."""
    platform = urlsplit(address)
    here = platform.hostname in {"127.0.0.1", "::1", "localhost", settings.host}
    return here and platform.scheme == "http" and platform.port == settings.simulator_port


def _publish(settings: Settings, platform: str) -> None:
    from bot.upkeep import publish_city_menu, publish_life_account_menu

    publish = publish_life_account_menu if platform == "alipay" else publish_city_menu
    ends, fault = time.monotonic() + PATIENCE, "not tried"
    while time.monotonic() < ends:
        try:
            fault = publish(settings, dry_run=False).fault
        except (CityFault, ValueError, RedisError) as error:
            fault = type(error).__name__
        if not fault:
            return
        time.sleep(_PAUSE)
    log.warning("the demo's menu was not published", platform=platform, fault=fault)
