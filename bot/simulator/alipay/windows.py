"""How many customer-service messages an act of a person allows, and until when.

With an `event_type`: after following and after a menu click within five minutes, after entering
one a day (platform FAQ). Without: what accounts report is 48 hours after the person's last
message; that an event opens the chat for a few minutes too, and all counts, are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.simulator.alipay.refusals import Refusal, business
from bot.simulator.clock import ShiftedClock
from bot.simulator.quotas import BEIJING
from bot.simulator.store import Store

Act = Literal["message", "click", "follow", "enter"]
ALLOWANCE: dict[Act, tuple[int, float]] = {
    "message": (20, 48 * 3600.0),
    "click": (3, 300.0),
    "follow": (3, 300.0),
    "enter": (1, 60.0),
}
"""What an act allows: so many messages, for so many seconds."""

EVENT_TYPES: dict[str, Act] = {"follow": "follow", "click": "click", "enter_ppchat": "enter"}


class Windows:
    """The sending windows of all people."""

    def __init__(self, store: Store, clock: ShiftedClock) -> None:
        self._store, self._clock = store, clock
        self.allowance = dict(ALLOWANCE)

    def set(self, allowance: Mapping[Act, tuple[int, float]]) -> None:
        """The usual allowances, but for those named here; open windows stay as they are."""
        self.allowance = {**ALLOWANCE, **allowance}

    def open(self, name: str, act: Act) -> None:
        """The person did something: its allowance starts anew."""
        left, seconds = self.allowance[act]
        until = self._clock.seconds() + seconds
        self._store.write(
            "INSERT OR REPLACE INTO windows VALUES(?, ?, ?, ?)", name, act, left, until
        )

    def close(self, name: str) -> None:
        """The person left: nothing may be sent."""
        self._store.write("DELETE FROM windows WHERE openid = ?", name)

    def take(self, name: str, event_type: object) -> None:
        """Use one message up. Raises `Refusal`."""
        act = self._act(event_type)
        with self._store.lock():
            found = self._store.row(
                "SELECT kind FROM windows WHERE openid = ? AND until > ? AND left > 0 "
                "AND (? = '' OR kind = ?) ORDER BY kind = 'message' DESC, left DESC",
                name,
                self._clock.seconds(),
                act,
                act,
            )
            if found is None:
                raise business("PUB.MSG_SD_OVER_TIME")
            self._once_a_day(name, event_type)
            self._store.write(
                "UPDATE windows SET left = left - 1 WHERE openid = ? AND kind = ?",
                name,
                found["kind"],
            )

    def _act(self, event_type: object) -> str:
        if event_type in (None, ""):
            return ""
        if not isinstance(event_type, str) or event_type not in EVENT_TYPES:
            raise Refusal("40002", "isv.invalid-parameter", "event_type无效")
        return EVENT_TYPES[event_type]

    def _once_a_day(self, name: str, event_type: object) -> None:
        if event_type != "enter_ppchat":
            return
        today = self._clock().astimezone(BEIJING).date().isoformat()
        fact = f"entered {name} {today}"
        if self._store.row("SELECT 1 FROM facts WHERE name = ?", fact):
            raise business("PUB.MSG_SD_OVER_TIME")
        self._store.write("INSERT INTO facts VALUES(?, '1')", fact)
