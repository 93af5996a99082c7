"""Tickets for the JS-SDK of pages in WeChat, and the check of what a page signed with one.

Source: developers.weixin.qq.com, JS-SDK 使用权限签名算法.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from bot.simulator.clock import ShiftedClock
from bot.simulator.errcodes import ApiFault
from bot.simulator.store import Store

LIFE_SECONDS = 7200.0
EARLY_SECONDS = 300.0  # a new one is given out so long before the end of the old


class Tickets:
    """The tickets of one account."""

    def __init__(self, store: Store, clock: ShiftedClock) -> None:
        self._store, self._clock = store, clock

    def get(self, kind: str | None) -> dict[str, Any]:
        """The ticket of now. Raises `ApiFault` 40097 for a kind nobody knows."""
        if kind not in ("jsapi", "wx_card"):
            raise ApiFault(40097)
        now = self._clock.seconds()
        with self._store.lock():
            row = self._store.row(
                "SELECT * FROM tickets WHERE kind = ? AND expires > ? ORDER BY expires DESC",
                kind,
                now + EARLY_SECONDS,
            )
            if row:
                return {"ticket": row["ticket"], "expires_in": int(row["expires"] - now)}
            ticket = secrets.token_urlsafe(64)
            self._store.write(
                "INSERT INTO tickets VALUES(?, ?, ?)", ticket, kind, now + LIFE_SECONDS
            )
        return {"ticket": ticket, "expires_in": int(LIFE_SECONDS)}

    def signed(self, page: Mapping[str, Any]) -> bool:
        """Whether `signature` is that of a valid jsapi ticket over noncestr, timestamp and url."""
        given = str(page.get("signature", ""))
        rows = self._store.rows(
            "SELECT ticket FROM tickets WHERE kind = 'jsapi' AND expires > ?",
            self._clock.seconds(),
        )
        return any(_agrees(given, _signature(row["ticket"], page)) for row in rows)


def _agrees(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _signature(ticket: str, page: Mapping[str, Any]) -> str:
    url = str(page.get("url", "")).partition("#")[0]
    parts = {
        "jsapi_ticket": ticket,
        "noncestr": page.get("nonceStr", ""),
        "timestamp": page.get("timestamp", ""),
        "url": url,
    }
    joined = "&".join(f"{name}={value}" for name, value in parts.items())
    return hashlib.sha1(joined.encode("utf-8", "replace")).hexdigest()  # noqa: S324 - theirs
