"""The keys of a rig's hand-over: the service's, the province's and the bank's, drawn once."""

from __future__ import annotations

from base64 import b64encode
from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.simulator.card_making.settings import CardMakingConfig, DeskConfig

SHARED = {"province": b"p" * 32, "bank": b"b" * 32}


@cache
def making_keys() -> dict[str, Ed25519PrivateKey]:
    """Of the city, the province and the bank."""
    return {who: Ed25519PrivateKey.generate() for who in ("city", "province", "bank")}


def the_makers() -> CardMakingConfig:
    """The province and the bank as the simulator plays them."""
    keys = making_keys()
    city = keys["city"].public_key()
    return CardMakingConfig(
        DeskConfig("province", keys["province"], city, SHARED["province"]),
        DeskConfig("bank", keys["bank"], city, SHARED["bank"]),
    )


def making_settings(simulator: str) -> dict[str, str]:
    """What the service knows of them."""
    keys = making_keys()
    known = {
        "bank_url": f"{simulator}/offices/bank",
        "handover_private_key": b64encode(keys["city"].private_bytes_raw()).decode(),
    }
    for desk, shared in SHARED.items():
        known[f"{desk}_public_key"] = public(keys[desk].public_key())
        known[f"{desk}_key"] = b64encode(shared).decode()
    return known


def public(key: Ed25519PublicKey) -> str:
    """A public key as settings hold it."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return b64encode(raw).decode()
