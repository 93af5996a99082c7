"""An application made of what a deployment sets: every key and certificate read once, at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.channels.alipay import aes
from bot.channels.alipay.certificates import Certificates, check_pair, read_certificates
from bot.channels.alipay.errors import Kind
from bot.channels.alipay.gateway import Application
from bot.channels.alipay.keys import read_keys
from bot.channels.alipay.signing import KeyFault, private_key
from config.city_alipay import Alipay


@dataclass(frozen=True, slots=True)
class Given:
    """As it was set: keys and certificates as texts or as paths; "" for what is not set."""

    app_id: str
    private_key: str = field(repr=False)
    public_key: str = ""
    app_cert: str = ""
    public_cert: str = ""
    root_cert: str = ""
    aes_key: str = field(default="", repr=False)


def application(given: Given, city: Alipay) -> Application:
    """What calls of the gateway are signed and checked with. Raises KeyFault for what cannot be
    read, and for our own key or certificate in the place of Alipay's."""
    certificates: Certificates | None = None
    if given.app_cert or given.public_cert:
        certificates = read_certificates(given.app_cert, given.public_cert, given.root_cert)
        own, alipays = private_key(given.private_key), certificates.alipays
        check_pair(own.public_key(), certificates)
    else:
        keys = read_keys(given.private_key, given.public_key)
        own, alipays = keys.own, keys.alipays
    return Application(
        app_id=given.app_id,
        own=own,
        alipays=alipays,
        certificates=certificates,
        content_key=_content_key(given.aes_key, needed=city.encrypts),
        encrypts=city.encrypts,
        sign_type=city.sign_types[0],
        refusals=refusals(city.refusals),
    )


def refusals(words: Mapping[str, str]) -> dict[str, Kind]:
    """What the city's profile says of sub_codes."""
    return {sub_code: Kind(word) for sub_code, word in words.items()}


def _content_key(text: str, *, needed: bool) -> bytes:
    if not text:
        if needed:
            raise KeyFault("contents are to be encrypted, and there is no content key")
        return b""
    try:
        return aes.aes_key(text)
    except aes.SealFault as fault:
        raise KeyFault(f"the content key is {fault}") from None
