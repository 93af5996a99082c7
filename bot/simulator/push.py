"""What the platform posts to a webhook: the fields of one message or event, and their wire form."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.simulator.crypto import PlatformCrypto
from bot.simulator.settings import AccountConfig, Mode

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Push:
    """One delivery, ready to be posted."""

    query: str
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What subscription events list, under a name of their own in XML.

    In JSON the name is `List`, an object when there is one row and an array when there are more.
    """

    rows: Sequence[Mapping[str, Any]]


def in_xml(fields: Mapping[str, Any]) -> str:
    """The platform's XML: numbers bare, texts in CDATA, a list as the element repeated.

    A `]]>` inside a text is not split, for the platform does not split it either: the service
    has to cope with what people can send.
    """
    return f"<xml>{_elements(fields)}</xml>"


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_value(value)}</{name}>"
        for name, whole in ((name.strip(), whole) for name, whole in fields.items())
        for value in _repeated(whole)
    )


def _repeated(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        yield from value
    else:
        yield value


def _value(value: Any) -> str:
    if isinstance(value, Rows):
        return _elements({"List": list(value.rows)})
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, int | float):
        return str(value)
    return f"<![CDATA[{value}]]>"


def in_json(fields: Mapping[str, Any]) -> str:
    """The platform's JSON: numbers as numbers, no blanks, Chinese as it is."""
    told = dict(_members(fields))
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _members(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Rows):
            rows = [dict(row) for row in value.rows]
            yield "List", rows[0] if len(rows) == 1 else rows
        else:
            yield name, value


class PushWriter:
    """Writes pushes in the mode and the format that the account has chosen."""

    def __init__(self, config: AccountConfig, crypto: PlatformCrypto) -> None:
        self._mode: Mode = config.mode
        self._json = config.push_format == "json"
        self._crypto = crypto

    def write(self, fields: Fields, openid: str, timestamp: int) -> Push:
        """One delivery of `fields`. Each delivery has a nonce of its own."""
        stamp, nonce = str(timestamp), str(secrets.randbelow(10**10))
        query = {
            "signature": self._crypto.signature(stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": openid,
        }
        if self._mode != "plain":
            fields = self._sealed(fields)
            query["encrypt_type"] = "aes"
            query["msg_signature"] = self._crypto.signature(stamp, nonce, fields["Encrypt"])
        return Push(urlencode(query), self._render(fields).encode(), self._content_type)

    def _sealed(self, fields: Fields) -> Fields:
        encrypted = {"Encrypt": self._crypto.encrypt(self._render(fields).encode())}
        if self._mode == "compatible":
            return {**fields, **encrypted}
        return {"ToUserName": fields["ToUserName"], **encrypted}

    def _render(self, fields: Fields) -> str:
        return in_json(fields) if self._json else in_xml(fields)

    @property
    def _content_type(self) -> str:
        return "application/json" if self._json else "text/xml"
