"""One thing a person does, put through their turn once, and what the chat says to it.

The Idempotency-Key is the update's id. What was sent is written into the transcript first, with a
mark of its body: a repeat with the same body is the same update, another body is refused, and what
a crash left half done is finished by the repeat. Longer than replies are stored, the transcript
itself answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.api.shapes import Messages
from bot.api.told import QUIET, answering, messages
from bot.dialogue.messages import AccountKey, Kind, Media, Place, Reply, Update
from bot.sessions import Entry
from models.masking import masks_of

STORED = timedelta(hours=23)  # a little less than replies are
_NUMBER = re.compile(r"(?<![0-9])[0-9]{15,17}[0-9Xx]?(?![0-9])")


@dataclass(frozen=True, slots=True)
class Doing:
    """What the person does. `shown` stands in the chat as theirs; `quiet`: nothing of it does."""

    kind: Kind
    body: Any  # JSON: another one under the same key is another thing
    text: str = ""
    media: Media | None = None
    place: Place | None = None
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """`key` and `number` of the person's own entry, and the reply, where there is one by now."""

    key: str
    number: int
    reply: Reply | None
    later: bool = False


class Conversation:
    """The chat of every account. All methods raise `Problem`, `SessionsAway`."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def say(self, account: AccountKey, key: str, doing: Doing, after: int | None) -> Messages:
        """Do it, and what came of it: the messages after it, or, where that is given, after an
        earlier one."""
        done = self.do(account, key, doing)
        entries = self._doors.transcripts.entries(account, done.number if after is None else after)
        if after is None:
            entries = answering(entries, _answer(done.key))
        return self._told(entries, done.number, done.later)

    def do(self, account: AccountKey, key: str, doing: Doing) -> Done:
        """Do it once, and say how it ended."""
        update_id = f"{QUIET if doing.quiet else 'k-'}{key}"
        mine, again = self._mine(account, update_id, doing)
        if again and (said := self._said_before(account, mine)):
            return Done(mine.key, mine.number, said.reply)
        if again and mine.at < self._doors.clock() - STORED:
            return Done(mine.key, mine.number, None)
        said_now = self._doors.answer(self._update(account, update_id, doing))
        if said_now.end in ("full", "away"):
            raise Problem("too-many-waiting" if said_now.end == "full" else "away")
        later = said_now.end != "answered"
        reply = None if later else said_now.reply
        if reply is not None:
            entry = Entry(_answer(update_id), "bot", self._doors.clock(), reply=reply)
            self._doors.transcripts.add(account, entry)
        return Done(mine.key, mine.number, reply, later)

    def earlier(self, account: AccountKey, key: str) -> Entry | None:
        """What was done under this key before."""
        return self._doors.transcripts.find(account, f"k-{key}")

    def since(self, account: AccountKey, after: int) -> Messages:
        """The chat after an entry's number."""
        return self._told(self._doors.transcripts.entries(account, after), after, False)

    def label(self, account: AccountKey, choice: str) -> str:
        """The words of a choice that this account was shown. Raises `Problem`."""
        mark, _, number = choice.partition("-")
        for entry in reversed(self._doors.transcripts.entries(account)):
            if entry.reply is not None and entry.reply.mark == mark:
                found = [o.label for o in entry.reply.options if o.key == number]
                if found:
                    return found[0]
        raise Problem("unknown-choice")

    def latest(self, account: AccountKey) -> Reply | None:
        """The last message of the bot that says where a form is."""
        entries = reversed(self._doors.transcripts.entries(account))
        return next((e.reply for e in entries if e.reply and e.reply.position), None)

    # --- the transcript -----------------------------------------------------------------

    def _mine(self, account: AccountKey, update_id: str, doing: Doing) -> tuple[Entry, bool]:
        """The entry of what is done, and whether it was there before."""
        masks, mark = masks_of(account.channel), _mark(doing.body)
        shown = _NUMBER.sub(lambda found: masks["id_number"](found[0]), doing.shown)
        more = {"body": mark, **doing.more}
        entry = Entry(update_id, "me", self._doors.clock(), text=shown, more=more)
        added = self._doors.transcripts.add(account, entry)
        stored = self._doors.transcripts.find(account, update_id) or entry
        if stored.more.get("body") != mark:
            raise Problem("key-reused")
        return stored, not added

    def _said_before(self, account: AccountKey, mine: Entry) -> Entry | None:
        return self._doors.transcripts.find(account, _answer(mine.key))

    def _told(self, entries: Iterable[Entry], after: int, later: bool) -> Messages:
        found = list(entries)
        last = max([after, *(entry.number for entry in found)])
        return Messages(messages=messages(found, self._doors.site), next=last, later=later)

    def _update(self, account: AccountKey, update_id: str, doing: Doing) -> Update:
        return Update(
            update_id,
            account,
            doing.kind,
            self._doors.clock(),
            text=doing.text,
            media=doing.media,
            place=doing.place,
            key=doing.key,
            data=doing.data,
        )


def _answer(update_id: str) -> str:
    """The key of the reply's entry."""
    return f"{update_id}.r"


def _mark(body: Any) -> str:
    told = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()
