"""The body of a call as it came: fields of bytes, decoded once and in no charset.

A signature covers these bytes. Frameworks decode a form as UTF-8, which destroys GBK, and merge the
query into it, which is not signed: so neither is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from bot.channels.alipay.faults import BadSignature, TooLarge

MOST_BYTES = 256 * 1024
_MOST_FIELDS = 64
_NAME = re.compile(rb"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields in the order in which they came, each name once."""

    fields: tuple[tuple[bytes, bytes], ...]

    def get(self, name: bytes) -> bytes:
        """The field's value; empty where there is none."""
        return next((value for known, value in self.fields if known == name), b"")

    def text(self, name: bytes) -> str:
        """A field that holds a name of the platform's own, never what a person wrote."""
        return self.get(name).decode("ascii", "replace")


def read_form(body: bytes) -> Form:
    """The fields of a body. Raises TooLarge, and BadSignature for what no sender of signed forms
    writes: a name twice, a name of other characters, more fields than any message has."""
    if len(body) > MOST_BYTES:
        raise TooLarge("size")
    fields = tuple(_decoded(body))
    if len({name for name, _ in fields}) != len(fields):
        raise BadSignature("duplicate")
    return Form(fields)


def _decoded(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Percent signs are decoded once: what is still escaped afterwards belongs to the value."""
    for number, piece in enumerate(filter(None, body.split(b"&"))):
        name, _, value = piece.replace(b"+", b" ").partition(b"=")
        name = unquote_to_bytes(name)
        if number >= _MOST_FIELDS or not _NAME.fullmatch(name):
            raise BadSignature("form")
        yield name, unquote_to_bytes(value)
