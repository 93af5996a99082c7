"""The kinds of value a setting can have, each with its check. A fault never shows the value."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

KEY_BYTES = 32  # AES-256, and HMAC-SHA256's natural size
CONTENT_KEY_BYTES = 16  # AES-128, of Alipay's content encryption
LAST_VERSION = 65535  # a sealed value names its key's version in two bytes

_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
_REDISES = ("redis://", "rediss://", "unix://", "redis+cluster://", "redis+sentinel://")


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{KEY_BYTES} bytes are needed, not {len(key)}")
    return key


def _index_key(value: Any) -> Any:
    return _key(value) if isinstance(value, str) else value


def _data_keys(value: Any) -> Any:
    """`2:base64,1:base64` → ((2, key), (1, key)): newest first, so that the first one seals."""
    if not isinstance(value, str):
        return value
    keys = tuple(_versioned(part) for part in value.split(","))
    versions = [version for version, _ in keys]
    if versions != sorted(set(versions), reverse=True):
        raise ValueError("the newest key comes first and every version once")
    return keys


def _versioned(part: str) -> tuple[int, bytes]:
    version, colon, text = part.strip().partition(":")
    if not (colon and version.isascii() and version.isdigit()):
        raise ValueError("written as version:base64, separated by commas")
    if not 1 <= int(version) <= LAST_VERSION:
        raise ValueError(f"versions run from 1 to {LAST_VERSION}")
    return int(version), _key(text)


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", text):
        raise ValueError("an address begins with http:// or https:// and has no query")
    return text.rstrip("/")


def _begins(text: str, beginnings: tuple[str, ...]) -> str:
    if not text.startswith(beginnings):
        raise ValueError(f"begins with one of {', '.join(beginnings)}")
    return text


def _database_url(text: str) -> str:
    if text.rstrip("/") in {"sqlite:", "sqlite:///:memory:"}:
        raise ValueError("a database in memory is not shared by the processes; name a file")
    return _begins(text, _DATABASES)


def _redis_url(text: str) -> str:
    return _begins(text, _REDISES)


def _matches(text: str, pattern: str, meaning: str) -> str:
    if not re.fullmatch(pattern, text, re.ASCII):
        raise ValueError(meaning)
    return text


def _app_id(text: str) -> str:
    return _matches(text, r"[\w-]{1,128}", "letters, digits, _ and - only")


def _webhook_token(text: str) -> str:
    return _matches(text, r"[A-Za-z0-9]{3,32}", "3 to 32 letters and digits")


def _aes_key(text: str) -> str:
    return _matches(text, r"[A-Za-z0-9+/]{43}", "43 characters of base64")


def _content_key(text: str) -> str:
    try:
        size = len(base64.b64decode(text, validate=True))
    except binascii.Error:
        size = 0
    if size != CONTENT_KEY_BYTES:
        raise ValueError(f"base64 of {CONTENT_KEY_BYTES} bytes")
    return text


Port = Annotated[int, Field(ge=0, le=65535)]
IndexKey = Annotated[bytes, NoDecode, BeforeValidator(_index_key)]
DataKeys = Annotated[tuple[tuple[int, bytes], ...], NoDecode, BeforeValidator(_data_keys)]
Address = Annotated[str, AfterValidator(_address)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
AppId = Annotated[str, AfterValidator(_app_id)]
WebhookToken = Annotated[str, AfterValidator(_webhook_token)]
EncodingAesKey = Annotated[str, AfterValidator(_aes_key)]
ContentKey = Annotated[str, AfterValidator(_content_key)]
