"""How many API messages an account may send to one user, and until when.

A message of the person opens 5 for 48 hours; a menu click, a subscription or a scanned code opens
3 for a minute (a click in a message's menu counts as one, by the notice of June 2021); opening the
chat of a mini program opens 2 for a minute. They do not add up.
Source: developers.weixin.qq.com, 客服消息.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.simulator.clock import ShiftedClock
from bot.simulator.store import NOBODY, Store

Opener = Literal["message", "event", "enter"]
ALLOWANCE: dict[Opener, tuple[int, float]] = {
    "message": (5, 48 * 3600.0),
    "event": (3, 60.0),
    "enter": (2, 60.0),
}
"""What opens a window: so many messages, for so many seconds."""

OPENING_EVENTS = {"CLICK", "SCAN", "subscribe", "scancode_push", "scancode_waitmsg"}
Verdict = Literal["ok", "used_up", "closed"]


class Windows:
    """The sending windows of all users."""

    def __init__(self, store: Store, clock: ShiftedClock) -> None:
        self._store, self._clock = store, clock
        self.allowance = dict(ALLOWANCE)

    def set(self, allowance: Mapping[Opener, tuple[int, float]]) -> None:
        """The documented allowances, but for those named here; open windows stay as they are."""
        self.allowance = {**ALLOWANCE, **allowance}

    def open(self, openid: str, kind: Opener) -> None:
        """The person did something: the allowance starts anew."""
        left, seconds = self.allowance[kind]
        self._store.write(
            "INSERT OR REPLACE INTO windows VALUES(?, ?, ?, ?)",
            openid,
            kind,
            left,
            self._clock.seconds() + seconds,
        )

    def close(self, openid: str) -> None:
        """The person left: nothing may be sent."""
        self._store.write("DELETE FROM windows WHERE openid = ?", openid)

    def take(self, openid: str) -> Verdict:
        """Use one message of the allowance: `closed` without a window, `used_up` without a rest."""
        with self._store.lock():
            rows = self._store.rows(
                "SELECT left FROM windows WHERE openid = ? AND until > ?",
                openid,
                self._clock.seconds(),
            )
            if not rows:
                return "closed"
            if max(row["left"] for row in rows) < 1:
                return "used_up"
            self._store.write(
                "UPDATE windows SET left = left - 1 WHERE openid = ?", openid, seen_by=NOBODY
            )
            return "ok"
