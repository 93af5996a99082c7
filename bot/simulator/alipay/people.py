"""Who a person is at Alipay: a user id of the whole platform, an open id of this app, and the life
account's old id. Scripts may name a person by either of the first two, or by a word of their own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from bot.simulator.store import Store

_USER_ID = re.compile(r"2088\d{12}", re.ASCII)
IdKind = Literal["user_id", "open_id"]


@dataclass(frozen=True, slots=True)
class Person:
    """One person: `name` is what the first script said."""

    name: str
    user_id: str  # 16 digits
    open_id: str
    old_id: str  # FromUserId, on its way out


class People:
    """Everybody whom the app has met."""

    def __init__(self, store: Store, app: str = "") -> None:
        """`app` makes the open ids of an app its own; user ids are the same in all."""
        self._store, self._app = store, app

    def meet(self, name: str) -> Person:
        """The person whom a script means by this user id, open id or word."""
        known = self._known(name)
        if known is None:
            known = _named(name, self._app)
            self._store.write(
                "INSERT OR IGNORE INTO alipay_people VALUES(?, ?, ?)",
                known.name,
                known.user_id,
                known.open_id,
            )
        return known

    def find(self, kind: IdKind, id: object) -> Person | None:
        """Whom a call of the app means; None for an id that nobody has."""
        column = "user_id" if kind == "user_id" else "open_id"
        row = self._store.row(f"SELECT name FROM alipay_people WHERE {column} = ?", str(id))  # noqa: S608 - one of two words
        return _named(row["name"], self._app) if row else None

    def _known(self, name: str) -> Person | None:
        row = self._store.row(
            "SELECT name FROM alipay_people WHERE ? IN (name, user_id, open_id)", name
        )
        return _named(row["name"], self._app) if row else None


def _named(name: str, app: str) -> Person:
    """The ids follow from the name, so that a wiped folder gives the same person again."""
    digest = hashlib.sha256(name.encode()).digest()
    digits = f"{int.from_bytes(digest):078d}"
    is_user_id = bool(_USER_ID.fullmatch(name))
    own = hashlib.sha256(f"{name}{app}".encode()).digest()
    drawn = "0" + base64.urlsafe_b64encode(own).decode().rstrip("=")
    return Person(
        name=name,
        user_id=name if is_user_id else f"2088{digits[-12:]}",
        open_id=drawn if is_user_id else name,
        old_id=f"2088{digits[:28]}",
    )
