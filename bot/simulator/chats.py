"""Who follows the account, and every message of every chat."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.simulator.clock import ShiftedClock
from bot.simulator.store import Store

_CHOICE = re.compile(r"^(\d{1,2})[ 　.、](?! )(.{1,60})$", re.MULTILINE)
_FOOTER = " · "
_CLICKABLE = re.compile(r'<a href="weixin://bizmsgmenu\?[^"]*">([^<]*)</a>')


@dataclass(frozen=True, slots=True)
class Said:
    """One message before it is kept."""

    sender: str  # bot | user
    # text | image | link | menu | miniprogram | voice | video | location | sticker | event | fault
    # | transfer
    kind: str
    text: str
    via: str = ""  # of the bot's: passive | custom | template | subscribe | desk (a person's)
    options: Sequence[tuple[str, str]] = ()
    media: str = ""
    update_id: str = ""
    card: Mapping[str, Any] | None = None  # title, fields, url … of what is shown as a card


class Chats:
    """The chats of all users with the account."""

    def __init__(self, store: Store, clock: ShiftedClock) -> None:
        self._store, self._clock = store, clock
        self._base = self._first_id()

    def _first_id(self) -> int:
        """Where MsgIds start: of the first start's time, so that a wiped folder repeats none."""
        self._store.write(
            "INSERT OR IGNORE INTO facts VALUES('first_id', ?)", str(int(time.time() * 1e7))
        )
        row = self._store.row("SELECT value FROM facts WHERE name = 'first_id'")
        return int(row["value"]) if row else 0

    def is_known(self, openid: str) -> bool:
        """Whether this user ever followed the account."""
        return self._store.row("SELECT 1 FROM users WHERE openid = ?", openid) is not None

    def follows(self, openid: str) -> bool:
        """Whether this user follows the account now."""
        row = self._store.row("SELECT followed FROM users WHERE openid = ?", openid)
        return bool(row and row["followed"])

    def set_following(self, openid: str, followed: bool) -> None:
        """Note that a user came or left."""
        self._store.write(
            "INSERT INTO users VALUES(?, ?, ?) "
            "ON CONFLICT(openid) DO UPDATE SET followed = excluded.followed",
            openid,
            int(followed),
            self._clock.seconds(),
        )

    def add_followers(self, openids: Sequence[str]) -> None:
        """So many follow at once; nobody is told of it."""
        now = self._clock.seconds()
        self._store.write_many(
            "INSERT INTO users VALUES(?, 1, ?) ON CONFLICT(openid) DO UPDATE SET followed = 1",
            [(openid, now) for openid in openids],
        )

    def users(self) -> list[str]:
        """All users, first come first."""
        return [r["openid"] for r in self._store.rows("SELECT openid FROM users ORDER BY since")]

    def add(self, openid: str, said: Said) -> int:
        """Keep a message. Returns its id, which grows."""
        return self._store.write(
            "INSERT INTO messages"
            "(openid, sender, via, kind, text, options, media, at, update_id, card) "
            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            openid,
            said.sender,
            said.via,
            said.kind,
            said.text,
            json.dumps([{"key": key, "label": label} for key, label in said.options])
            if said.options
            else "[]",
            said.media,
            self._clock().isoformat(timespec="milliseconds"),
            said.update_id,
            json.dumps(dict(said.card), ensure_ascii=False) if said.card else "",
            seen_by=openid,
        )

    def message_id(self, row: int) -> int:
        """The 64-bit MsgId of a kept message."""
        return self._base + row

    def of(self, openid: str, after: int = 0) -> list[dict[str, Any]]:
        """The messages of one chat in the scripts' form, oldest first."""
        rows = self._store.rows(
            "SELECT * FROM messages WHERE openid = ? AND id > ? ORDER BY id", openid, after
        )
        return [_shown(row) for row in rows]

    def answers(self, openid: str, after: int, update_id: str) -> list[dict[str, Any]]:
        """What the bot said after message `after`: replies to `update_id`, and API messages."""
        rows = self._store.rows(
            "SELECT * FROM messages WHERE openid = ? AND id > ? AND sender = 'bot' "
            "AND (via != 'passive' OR update_id = ?) ORDER BY id",
            openid,
            after,
            update_id,
        )
        return [_shown(row) for row in rows]

    def wipe(self, openid: str) -> None:
        """Forget a chat's messages; the user still follows."""
        self._store.write("DELETE FROM messages WHERE openid = ?", openid, seen_by=openid)


def choices_in(text: str) -> list[tuple[str, str]]:
    """The numbered choices in a text, one a line, as a person sees them; the footer is none."""
    found = _CHOICE.findall(seen(text))
    return [(k, label.strip()) for k, label in found if _FOOTER not in label]


def seen(text: str) -> str:
    """The text with clickable options as their words; links that lead somewhere stay."""
    return _CLICKABLE.sub(r"\1", text)


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    """A message in the scripts' form; `raw` has the clicks that `text` leaves out."""
    media, text = row["media"], seen(row["text"])
    card = {"card": json.loads(row["card"])} if row["card"] else {}
    return {
        **({"raw": row["text"]} if text != row["text"] else {}),
        "id": row["id"],
        "from": row["sender"],
        "via": row["via"],
        "kind": row["kind"],
        "text": text,
        "options": json.loads(row["options"]),
        "media": f"/simulator/media/{media}" if media else "",
        "at": datetime.fromisoformat(row["at"]).isoformat(timespec="milliseconds"),
        **card,
    }
