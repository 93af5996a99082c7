"""Settings for tests of the command: complete and real-looking, none of them the demo's."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from config.settings import PREFIX

DATA_KEY, INDEX_KEY, NEWER_KEY = (base64.b64encode(c * 32).decode() for c in (b"d", b"i", b"n"))
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers


def give(monkeypatch: pytest.MonkeyPatch, folder: Path, **other: str) -> None:
    """Put complete settings into the environment, with `other` instead of or beside them."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    values = {
        "DATA_DIR": str(folder),
        "REDIS_URL": "redis://127.0.0.1:9",
        "SECRET_KEY": "s" * 32,
        "DATA_KEYS": f"1:{DATA_KEY}",
        "INDEX_KEY": INDEX_KEY,
        "PUBLIC_URL": NOWHERE,
        "WECHAT_APP_ID": "wx0123456789abcdef",
        "WECHAT_APP_SECRET": "secret",
        "WECHAT_TOKEN": "token123",
        "WECHAT_AES_KEY": "a" * 43,
        "WECHAT_API_BASE": NOWHERE,
        "ALIPAY_GATEWAY": NOWHERE,
        "ALIPAY_MEDIA_URL": NOWHERE,
        "WECHAT_MINI_API_BASE": NOWHERE,
        "OFFICE_KEY": "o" * 32,
        "IDENTITY_URL": NOWHERE,
        "PORTRAITS_URL": NOWHERE,
        "CARD_MAKING_URL": NOWHERE,
        "SMS_URL": NOWHERE,
    }
    for name, value in {**values, **other}.items():
        monkeypatch.setenv(PREFIX + name, value)


def take_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no setting at all."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
