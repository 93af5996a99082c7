"""The demo's own tokens and keys: drawn once per data folder, recognisable, never in code."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from config.settings import DEMO_MARK, environment_name
from config.settings_pages import env_file

FILE = "demo.env"
_LETTERS = "abcdefghijkmnopqrstuvwxyz23456789"


def drawn_keys(folder: Path) -> dict[str, str]:
    """The keys of this data folder by field name, drawn for what its file does not hold yet.

    They outlive the run: what they sealed must open again.
    """
    kept = dotenv_values(folder / FILE) if (folder / FILE).exists() else {}
    return {name: kept.get(environment_name(name)) or key for name, key in _fresh().items()}


def write_file(folder: Path, values: Mapping[str, str]) -> None:
    """Write `demo.env`, for our eyes only, so that a reader sees the old file or the new one."""
    draft = folder / f".{FILE}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as page:
        page.write(env_file(values))
        page.flush()
        os.fsync(page.fileno())
    draft.replace(folder / FILE)


def _fresh() -> dict[str, str]:
    return {
        "secret_key": _word(40),
        "data_keys": f"1:{_key()}",
        "index_key": _key(),
        "office_key": _word(40),
        "wechat_app_id": "wx" + DEMO_MARK + secrets.token_hex(6),
        "wechat_app_secret": _word(32),
        "wechat_token": _word(32),
        "wechat_aes_key": _key().rstrip("="),
        "wechat_mini_app_id": "wx" + DEMO_MARK + secrets.token_hex(6),
        "wechat_mini_app_secret": _word(32),
        "wechat_mini_token": _word(32),
        "wechat_mini_aes_key": _key().rstrip("="),
    }


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
