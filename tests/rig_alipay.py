"""The app at Alipay of a rig: its keys and the platform's, as both ends know them."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from bot.simulator.alipay.settings import AlipayConfig
from bot.simulator.alipay.wordings import alipay_templates
from config.city import City

APP_ID, MINI_APP_ID = "2021000000000001", "2021000000000002"
AES_KEY = base64.b64encode(bytes(range(16))).decode()


@cache
def alipay_keys() -> tuple[RSAPrivateKey, RSAPrivateKey]:
    """The app's private key and the platform's own, drawn once for all rigs."""
    app, platform = (generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    return app, platform


@cache
def mini_key() -> RSAPrivateKey:
    """The key of a mini program that is an app of its own."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def the_mini_app(city: City) -> AlipayConfig:
    """The mini program as an app of its own."""
    key = mini_key().public_key()
    return replace(the_app(city), app_id=MINI_APP_ID, app_key=key, name="alipay_mini")


def the_app(city: City) -> AlipayConfig:
    """The app as the platform knows it."""
    app, platform = alipay_keys()
    return AlipayConfig(
        app_id=APP_ID,
        app_key=app.public_key(),
        platform_key=platform,
        aes_key=base64.b64decode(AES_KEY),
        templates=alipay_templates(city),
    )


def alipay_settings(platform: str, gateway: str = "", *, mini: bool = False) -> dict[str, str]:
    """What the service knows of its app; `platform`: the simulator's address, `gateway`: another
    one's; `mini`: the mini program is an app of its own."""
    app, alipay = alipay_keys()
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    platforms = alipay.public_key().public_bytes(serialization.Encoding.PEM, public).decode()
    known = {
        "alipay_app_id": APP_ID,
        "alipay_aes_key": AES_KEY,
        "alipay_private_key": _pem(app),
        "alipay_public_key": platforms,
        "alipay_gateway": gateway or f"{platform}/alipay/gateway.do",
        "alipay_media_url": f"{platform}/alipay/chat/multimedia.do",
    }
    if not mini:
        return known
    return {
        **known,
        "alipay_mini_app_id": MINI_APP_ID,
        "alipay_mini_aes_key": AES_KEY,
        "alipay_mini_private_key": _pem(mini_key()),
        "alipay_mini_public_key": platforms,
    }


def _pem(key: RSAPrivateKey) -> str:
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()
