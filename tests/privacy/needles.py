"""Looking for a person in a heap of bytes, in every spelling that a program may have put there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote


def spellings(datum: str) -> Iterator[tuple[str, bytes]]:
    """A datum as bytes, by the name of the spelling. GB 18030 is GBK with every character."""
    for charset in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        plain = datum.encode(charset)
        yield charset, plain
        yield f"{charset} as hex", plain.hex().encode()
        yield f"{charset} as HEX", plain.hex().upper().encode()
        for shift in range(3):
            yield f"{charset} as base64, {shift}", _base64(plain, shift)
    escaped = json.dumps(datum)[1:-1]
    yield "json", escaped.encode()
    yield "JSON", _upper_after("\\u", escaped).encode()
    for charset in ("utf-8", "gb18030"):
        quoted = quote(datum, safe="", encoding=charset)
        yield f"{charset} percent", quoted.encode()
        yield f"{charset} percent, lower case", _lower_after("%", quoted).encode()


def _base64(plain: bytes, shift: int) -> bytes:
    """What of the encoded bytes is the same whatever stands before (`shift` bytes) and after."""
    encoded = base64.b64encode(bytes(shift) + plain).rstrip(b"=")
    first = -(-shift * 8 // 6)
    sure = (shift + len(plain)) * 8 // 6
    return encoded[first:sure]


def _upper_after(mark: str, text: str) -> str:
    head, *parts = text.split(mark)
    return head + "".join(mark + part[:4].upper() + part[4:] for part in parts)


def _lower_after(mark: str, text: str) -> str:
    head, *parts = text.split(mark)
    return head + "".join(mark + part[:2].lower() + part[2:] for part in parts)


def found(heap: bytes, data: Iterable[str]) -> set[tuple[str, str]]:
    """Which data stand in the heap, and in which spelling."""
    seen = {(datum, name) for datum in data for name, bytes_ in spellings(datum) if bytes_ in heap}
    url_safe = heap.replace(b"-", b"+").replace(b"_", b"/")
    seen |= {
        (datum, name)
        for datum in data
        for name, bytes_ in spellings(datum)
        if "base64" in name and bytes_ in url_safe
    }
    return seen
