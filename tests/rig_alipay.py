"""The app at Alipay of a rig: its keys and the platform's, as both ends know them."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from bot.simulator.alipay.settings import AlipayConfig
from bot.simulator.alipay.wordings import alipay_templates
from config.city import City

APP_ID = "2021000000000001"
AES_KEY = base64.b64encode(bytes(range(16))).decode()


@cache
def alipay_keys() -> tuple[RSAPrivateKey, RSAPrivateKey]:
    """The app's private key and the platform's own, drawn once for all rigs."""
    app, platform = (generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    return app, platform


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


def alipay_settings(platform: str, gateway: str = "") -> dict[str, str]:
    """What the service knows of its app; `platform`: the simulator's address, `gateway`: another
    one's."""
    app, alipay = alipay_keys()
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "alipay_app_id": APP_ID,
        "alipay_aes_key": AES_KEY,
        "alipay_private_key": app.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, plain
        ).decode(),
        "alipay_public_key": alipay.public_key().public_bytes(pem, public).decode(),
        "alipay_gateway": gateway or f"{platform}/alipay/gateway.do",
        "alipay_media_url": f"{platform}/alipay/chat/multimedia.do",
    }
