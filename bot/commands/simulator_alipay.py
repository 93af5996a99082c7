"""The simulated Alipay that is the other end of our settings."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from bot.simulator.alipay.keys import platform_key
from bot.simulator.alipay.rsa import app_key
from bot.simulator.alipay.settings import AlipayConfig
from bot.simulator.alipay.wordings import alipay_templates
from config.city import City
from config.settings import Settings, environment_name


class BadKey(Exception):
    """A key that cannot be read. Holds nothing of it."""


def alipay_config(settings: Settings, city: City, folder: Path) -> AlipayConfig | None:
    """The app, where its id and key are set; the platform's own key is drawn in `folder`.

    Raises `BadKey`.
    """
    if not (settings.alipay_app_id and settings.alipay_private_key):
        return None
    try:
        app = app_key(settings.alipay_private_key)
    except (ValueError, UnicodeError) as error:
        raise BadKey(f"{environment_name('alipay_private_key')}: no RSA key") from error
    return AlipayConfig(
        app_id=settings.alipay_app_id,
        app_key=app,
        platform_key=platform_key(folder),
        aes_key=_aes_key(settings),
        templates=alipay_templates(city),
    )


def _aes_key(settings: Settings) -> bytes:
    try:
        return base64.b64decode(settings.alipay_aes_key, validate=True)
    except binascii.Error as error:
        raise BadKey(f"{environment_name('alipay_aes_key')}: no AES key") from error
