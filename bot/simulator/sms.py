"""The SMS office: registered templates only, each key sent once, everything kept to be seen."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from bot.simulator.clock import ShiftedClock
from bot.simulator.store import Store

_PHONE = re.compile(r"1\d{10}", re.ASCII)
_BLANK = re.compile(r"\{(\w+)\}")


class SmsRefused(Exception):
    """What the office answers with 400. Carries a reason without any value."""


class SmsOffice:
    """Sends nothing anywhere; shows what a phone would have received."""

    def __init__(self, store: Store, clock: ShiftedClock, templates: Mapping[str, str]) -> None:
        self._store, self._clock, self._templates = store, clock, templates

    def send(self, phone: str, template: str, params: Mapping[str, str], key: str) -> str:
        """Keep one SMS, once for each key. Returns its id. Raises `SmsRefused`."""
        text = self._text(template, params)
        if not _PHONE.fullmatch(phone):
            raise SmsRefused("phone")
        if not key:
            raise SmsRefused("key")
        self._store.write(
            "INSERT OR IGNORE INTO sms(key, phone, template, params, text, at) "
            "VALUES(?, ?, ?, ?, ?, ?)",
            key,
            phone,
            template,
            json.dumps(dict(params), ensure_ascii=False),
            text,
            self._clock().isoformat(timespec="milliseconds"),
        )
        row = self._store.row("SELECT id FROM sms WHERE key = ?", key)
        return f"sms-{row['id'] if row else 0}"

    def _text(self, template: str, params: Mapping[str, str]) -> str:
        if template not in self._templates:
            raise SmsRefused("template")
        text = self._templates[template]
        if set(_BLANK.findall(text)) != set(params):
            raise SmsRefused("params")
        return _BLANK.sub(lambda blank: params[blank[1]], text)

    def to(self, phone: str) -> list[dict[str, Any]]:
        """What one phone received, newest last."""
        rows = self._store.rows("SELECT * FROM sms WHERE phone = ? ORDER BY id", phone)
        return [_shown(row) for row in rows]

    def latest(self, count: int = 50) -> list[dict[str, Any]]:
        """The last SMS to any phone, newest last, with their phones."""
        rows = self._store.rows("SELECT * FROM sms ORDER BY id DESC LIMIT ?", count)
        return [{"id": row["id"], "phone": row["phone"], **_shown(row)} for row in reversed(rows)]


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    params = json.loads(row["params"])
    return {
        "template": row["template"],
        "params": params,
        "code": params.get("code", ""),
        "text": row["text"],
        "at": row["at"],
    }
