"""The demo's own tokens and keys: drawn once per data folder, recognisable, never in code."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dotenv import dotenv_values

from config.settings import DEMO_MARK, environment_name
from config.settings_pages import env_file

FILE = "demo.env"
_LETTERS = "abcdefghijkmnopqrstuvwxyz23456789"


def drawn_keys(folder: Path) -> dict[str, str]:
    """The keys of this data folder by field name, drawn for what its file does not hold yet.

    They outlive the run: what they sealed must open again.
    """
    kept = _kept(folder)
    return {name: kept.get(environment_name(name)) or draw() for name, draw in _DRAWN.items()}


def drawn_app_key(folder: Path) -> str:
    """The private key of the demo's app at Alipay, in one line as Alipay's tool hands it out.

    It bears no mark, as no RSA key can: the app id beside it does.
    """
    return _kept(folder).get(environment_name("alipay_private_key")) or _rsa_key()


def _kept(folder: Path) -> Mapping[str, str | None]:
    return dotenv_values(folder / FILE) if (folder / FILE).exists() else {}


def write_file(folder: Path, values: Mapping[str, str]) -> None:
    """Write `demo.env`, for our eyes only, so that a reader sees the old file or the new one."""
    draft = folder / f".{FILE}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as page:
        page.write(env_file(values))
        page.flush()
        os.fsync(page.fileno())
    draft.replace(folder / FILE)


def _word(length: int) -> str:
    return DEMO_MARK + "".join(secrets.choice(_LETTERS) for _ in range(length - len(DEMO_MARK)))


def _key() -> str:
    """32 bytes whose base64 begins with the mark and holds letters and digits only.

    That is the alphabet of an EncodingAESKey (WeChat's platform refuses + and /).
    """
    mark = base64.b64decode(DEMO_MARK)
    while True:
        key = base64.b64encode(mark + secrets.token_bytes(32 - len(mark))).decode()
        if key.rstrip("=").isalnum():
            return key


def _content_key() -> str:
    """16 bytes whose base64 begins with the mark."""
    mark = base64.b64decode(DEMO_MARK)
    return base64.b64encode(mark + secrets.token_bytes(16 - len(mark))).decode()


def _digits() -> str:
    """An app id as long as Alipay's, which are digits."""
    return DEMO_MARK + "".join(secrets.choice("0123456789") for _ in range(12))


def _rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return base64.b64encode(der).decode()


_DRAWN: Mapping[str, Callable[[], str]] = {
    "secret_key": lambda: _word(40),
    "data_keys": lambda: f"1:{_key()}",
    "index_key": _key,
    "office_key": lambda: _word(40),
    "wechat_app_id": lambda: "wx" + DEMO_MARK + secrets.token_hex(6),
    "wechat_app_secret": lambda: _word(32),
    "wechat_token": lambda: _word(32),
    "wechat_aes_key": lambda: _key().rstrip("="),
    "wechat_mini_app_id": lambda: "wx" + DEMO_MARK + secrets.token_hex(6),
    "wechat_mini_app_secret": lambda: _word(32),
    "wechat_mini_token": lambda: _word(32),
    "wechat_mini_aes_key": lambda: _key().rstrip("="),
    "handover_private_key": _key,
    "province_key": _key,
    "bank_key": _key,
    "alipay_app_id": _digits,
    "alipay_aes_key": _content_key,
}
"""How each key is drawn, by field name; those that a data folder has are not drawn again."""
