"""The mini program's codes: one to log in with, another for the phone number; each good once.

Source: developers.weixin.qq.com, code2Session and getPhoneNumber.
"""

from __future__ import annotations

import secrets
from typing import Any, Literal

from bot.simulator.clock import ShiftedClock
from bot.simulator.errcodes import ApiFault
from bot.simulator.quotas import Quotas
from bot.simulator.store import Store

LIFE_SECONDS = 300.0
LOGINS_A_MINUTE = 100
Sort = Literal["login", "phone"]


class Logins:
    """Codes of one mini program's users."""

    def __init__(self, store: Store, clock: ShiftedClock, app_id: str, quotas: Quotas) -> None:
        self._store, self._clock = store, clock
        self._app_id, self._quotas = app_id, quotas

    def code(self, sort: Sort, openid: str, phone: str = "") -> str:
        """A fresh code, as the mini program gets it from WeChat."""
        code = secrets.token_hex(16)
        self._store.write(
            "INSERT INTO codes VALUES(?, ?, ?, ?, ?, 0)",
            code,
            sort,
            openid,
            phone,
            self._clock.seconds(),
        )
        return code

    def session(self, code: object) -> dict[str, Any]:
        """Whose code this is. Raises `ApiFault`: 40029, 40163 used before, 45011 too often."""
        openid, _ = self._use(code, "login", used=40163)
        self._quotas.take_of("sns/jscode2session", openid, LOGINS_A_MINUTE)
        return {"session_key": secrets.token_urlsafe(18), "openid": openid}

    def phone(self, code: object, openid: object) -> dict[str, Any]:
        """The number behind a code of the phone button. Raises `ApiFault` 40029."""
        owner, phone = self._use(code, "phone", used=40029)
        if openid not in (None, owner):
            raise ApiFault(40003)
        watermark = {"timestamp": int(self._clock.seconds()), "appid": self._app_id}
        return {
            "phoneNumber": phone,
            "purePhoneNumber": phone,
            "countryCode": "86",
            "watermark": watermark,
        }

    def _use(self, code: object, sort: Sort, used: int) -> tuple[str, str]:
        if not isinstance(code, str) or not code:
            raise ApiFault(41008)
        with self._store.lock():
            row = self._store.row("SELECT * FROM codes WHERE code = ? AND sort = ?", code, sort)
            if row is None or row["at"] + LIFE_SECONDS < self._clock.seconds():
                raise ApiFault(40029)
            if row["used"]:
                raise ApiFault(used)
            self._store.write("UPDATE codes SET used = 1 WHERE code = ?", code)
        return row["openid"], row["phone"]
