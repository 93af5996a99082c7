"""What the forms of a page were answered: kept until the page is looked at, by visitor and page.

A form is sent, then the page is read again by another request whose address carries nothing. So
the answer waits in a transcript of the page's own, sealed, under the account's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.assembly import Assembly
from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.sessions import Entry, Transcripts

PAGES = ("progress", "check")


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer of a page: which `form` it is to, and what was `typed` there."""

    form: str
    text: str
    about: str
    typed: Mapping[str, str] = field(default_factory=dict)


class Answers:
    """All methods raise `SessionsAway`."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts
        self._kept = Transcripts(parts.redis, parts.keys, keep_days=1)  # what was typed too
        self._life = timedelta(minutes=parts.city.days.code_minutes)

    def send(
        self,
        page: str,
        account: AccountKey,
        update_id: str,
        form: str,
        fields: Mapping[str, str],
        locale: str,
    ) -> None:
        """Have a form answered by a turn, once for each update id."""
        now = self._parts.sources.clock()
        data = {**fields, "locale": locale}
        update = Update(update_id, account, Kind.PAGE, now, key=form, data=data)
        reply = self._parts.turns.take(update) or Reply("")
        kept = {} if reply.about else {"typed": dict(fields)}
        more: dict[str, Any] = {"form": form, **kept}
        entry = Entry(update_id, "bot", now, reply=reply, more=more)
        self._kept.add(_own(page, account), entry)

    def last(self, page: str, account: AccountKey) -> Answer | None:
        """The latest answer, as long as a proof holds; somebody else may sit there afterwards."""
        entries = self._kept.entries(_own(page, account))
        if not entries or entries[-1].at + self._life <= self._parts.sources.clock():
            return None
        entry = entries[-1]
        reply = entry.reply or Reply("")
        return Answer(entry.more["form"], reply.text, reply.about, entry.more.get("typed", {}))

    def forget(self, page: str, account: AccountKey) -> None:
        """The page is as if it had not been used."""
        self._kept.forget(_own(page, account))

    def forget_all(self, account: AccountKey) -> None:
        for page in PAGES:
            self.forget(page, account)


def _own(page: str, account: AccountKey) -> AccountKey:
    return AccountKey(account.channel, page, account.user)
