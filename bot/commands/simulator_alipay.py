"""The simulated Alipay that is the other end of our settings."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from bot.simulator.alipay.keys import platform_key
from bot.simulator.alipay.rsa import app_key
from bot.simulator.alipay.settings import AlipayConfig, Name
from bot.simulator.alipay.wordings import alipay_templates
from config.city import City
from config.settings import Settings, environment_name


class BadKey(Exception):
    """A key that cannot be read. Holds nothing of it."""


def alipay_config(settings: Settings, city: City, folder: Path, name: Name) -> AlipayConfig | None:
    """An app, where its id and key are set; the platform's own key, the same for both apps, is
    drawn in `folder`.

    Raises `BadKey`.
    """
    app_id: str = getattr(settings, f"{name}_app_id")
    key: str = getattr(settings, f"{name}_private_key")
    if not (app_id and key):
        return None
    try:
        app = app_key(key)
    except (ValueError, UnicodeError) as error:
        raise BadKey(f"{environment_name(f'{name}_private_key')}: no RSA key") from error
    return AlipayConfig(
        app_id=app_id,
        name=name,
        app_key=app,
        platform_key=platform_key(folder),
        aes_key=_aes_key(settings, f"{name}_aes_key"),
        templates=alipay_templates(city),
    )


def _aes_key(settings: Settings, field: str) -> bytes:
    try:
        return base64.b64decode(getattr(settings, field), validate=True)
    except binascii.Error as error:
        raise BadKey(f"{environment_name(field)}: no AES key") from error
