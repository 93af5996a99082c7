"""A conversation through a page: what is said goes to the turn, what is answered is written down.

A crash between the two loses nothing: what was said is written down first, and whoever looks at
the page next takes it to the turn again, which answers each update once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.assembly import Assembly
from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.sessions import Entry, SessionsAway
from config.locales import SOURCE
from config.locales.words import word_table

NOBODY = AccountKey("web", "site", "nobody")
HEALED_WITHIN = timedelta(hours=23)  # the turn remembers an update's answer for a day


class Conversations:
    """All methods raise `SessionsAway` when Redis is away: then the page says so."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts

    def begin(self, account: AccountKey, key: str, locale: str) -> None:
        """Open what a menu's key opens, in this language: once for an account, however often."""
        if locale != SOURCE:
            language = word_table("languages")[locale][0]
            self._parts.turns.take(self._update(account, "begin-language", Kind.TEXT, language))
        self._answer(self._update(account, f"begin-{key}", Kind.CLICK, key=key))

    def preview(self, account: AccountKey | None, key: str, locale: str) -> Reply | None:
        """What a newcomer, or an account that has said nothing yet, would be answered; nothing is
        kept of it."""
        asked = self._update(account or NOBODY, "preview", Kind.CLICK, key=key)
        return self._parts.turns.preview(asked, locale)

    def say(self, update: Update, shown: str) -> Reply | None:
        """Take what somebody said, of which `shown` is what the page shows; its answer, None
        where there is nothing to say."""
        more = {"update": update.to_json().decode()}
        me = Entry(f"me-{update.id}", "me", self._now(), shown, more=more)
        self._parts.transcripts.add(update.account, me)
        return self._answer(update)

    def put_aside(self, account: AccountKey, update_id: str, shown: str, told: Reply) -> None:
        """Something that the page itself answers: the question stays open."""
        now, add, more = self._now(), self._parts.transcripts.add, {"aside": True}
        add(account, Entry(f"me-{update_id}", "me", now, shown, more=more))
        add(account, Entry(f"re-{update_id}", "bot", now, reply=told, more=more))

    def entries(self, account: AccountKey) -> Sequence[Entry]:
        """What was said so far, what a crash left unanswered answered first."""
        found = self._parts.transcripts.entries(account)
        left = self._unanswered(found)
        for update in left:
            self._answer(update)
        return self._parts.transcripts.entries(account) if left else found

    def _answer(self, update: Update) -> Reply | None:
        said = self._parts.turns.answer(update)
        if said.end == "away":  # nothing was taken: the next look does it
            raise SessionsAway
        answer = Entry(f"re-{update.id}", "bot", self._now(), reply=said.reply)
        self._parts.transcripts.add(update.account, answer)
        return said.reply

    def _unanswered(self, entries: Sequence[Entry]) -> list[Update]:
        answered = {entry.key for entry in entries}
        since = self._now() - HEALED_WITHIN
        said = [e for e in entries if "update" in e.more and e.at > since]
        updates = [Update.from_json(e.more["update"].encode()) for e in said]
        return [update for update in updates if f"re-{update.id}" not in answered]

    def _update(
        self, account: AccountKey, update_id: str, kind: Kind, text: str = "", key: str = ""
    ) -> Update:
        return Update(update_id, account, kind, self._now(), text=text, key=key)

    def _now(self) -> datetime:
        return self._parts.sources.clock()
