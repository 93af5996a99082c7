"""How many times a JPEG would have to be gone over: its scans, counted before any is decoded.

A progressive JPEG refines the whole picture once a scan, and a scan that says "nothing new" is some
thirty bytes long. Ten megabytes of them kept a core busy for an hour, within every limit of bytes
and pixels (libjpeg-turbo's own report on the standard, "Two Issues with the JPEG Standard", 2013).
"""

from __future__ import annotations

import re

MOST = 64
"""Scans. Cameras write 1, libjpeg's progressive files have 10, the keenest optimisers below 30."""

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # nothing follows: TEM, RST0-7, SOI
_END, _SCAN = 0xD9, 0xDA


def too_many_scans(jpeg: bytes) -> bool:
    """Whether there are more than `MOST`. What stands behind the end of the picture is not looked
    at, nor are the segments' insides: an EXIF preview has scans of its own."""
    found, at = 0, 0
    while found <= MOST and (marker := _MARKER.search(jpeg, at)):
        kind, at = marker[1][0], marker.end()
        if kind == _END:
            break
        found += kind == _SCAN
        if kind not in _BARE:
            at += int.from_bytes(jpeg[at : at + 2], "big")
    return found > MOST
