"""What a head's turn came to: the same in the fence row, in Redis and in the passive reply."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.dialogue.messages import Reply
from models.sealing import Keyring


class Unsettled(Exception):
    """Whether the head's records are committed cannot be known now: ask the row later."""


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one head's turn.

    `version` is the conversation's when it was handled: a row of another version belongs to an
    earlier life of the same update id. `notice` names the picture or the drained message that was
    `sending` when the row was written; `taken` counts the letters in that message. `refused` and
    `all_told` are never in the row.
    """

    version: int
    session: bytes
    reply: Reply | None = None
    deferred: bool = False
    answers: str = ""
    notice: str = ""
    taken: int = 0
    refused: str = ""  # why a drained message was not taken by the platform
    all_told: bool = False  # the records were asked, and nothing waits there for the person now

    def seal(self, keys: Keyring, where: str) -> bytes:
        raw = {
            "version": self.version,
            "session": self.session.decode(),
            "reply": self.reply.to_json().decode() if self.reply is not None else None,
            "deferred": self.deferred,
            "answers": self.answers,
            "notice": self.notice,
            "taken": self.taken,
        }
        return keys.seal(json.dumps(raw, ensure_ascii=False).encode(), where)

    @classmethod
    def open(cls, keys: Keyring, blob: bytes, where: str) -> Result:
        """The inverse of `seal`. Raises `SealError`."""
        raw = json.loads(keys.open(blob, where))
        reply = raw["reply"]
        return cls(
            version=raw["version"],
            session=raw["session"].encode(),
            reply=None if reply is None else Reply.from_json(reply.encode()),
            deferred=raw["deferred"],
            answers=raw["answers"],
            notice=raw["notice"],
            taken=raw["taken"],
        )
