"""What a conversation remembers between two messages: `Session` and, inside it, a `Draft`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Draft:
    """A form half filled: `answers` by field (JSON), `done` the answered steps in order."""

    id: str
    form: str
    version: int
    started: str  # ISO date-time
    answers: dict[str, Any] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    step: str = ""  # the open question
    inner: dict[str, Any] = field(default_factory=dict)  # the open question's own state
    kept: list[str] = field(default_factory=list)  # steps reopened with their answer kept, for 保留
    facts: dict[str, Any] = field(default_factory=dict)  # learned in the background; no answers
    tries: int = 0  # failures at the open question


@dataclass(slots=True)
class Session:
    """Everything remembered of one account's conversation. Sealed before it reaches Redis."""

    locale: str = "zh_CN"
    talk: str = ""  # the conversation that has the floor, by name; "" at the menu
    drafts: dict[str, Draft] = field(default_factory=dict)  # by form name
    notes: dict[str, Any] = field(default_factory=dict)  # each conversation's own, by its name
    asked: str = ""  # the mark of the question whose options were shown last: see `clicks`

    def to_json(self) -> bytes:
        """Compact UTF-8 JSON, `from_json`'s inverse. Once a turn, so without a deep copy first."""
        drafts = {
            form: {name: getattr(draft, name) for name in Draft.__slots__}
            for form, draft in self.drafts.items()
        }
        raw = {"locale": self.locale, "talk": self.talk, "drafts": drafts, "notes": self.notes}
        if self.asked:
            raw["asked"] = self.asked
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Session:
        """The inverse of `to_json`; no bytes give a new session; unknown keys are dropped."""
        if not body:
            return cls()
        raw = json.loads(body)
        names = Draft.__dataclass_fields__
        drafts = {
            form: Draft(**{k: v for k, v in draft.items() if k in names})
            for form, draft in raw.get("drafts", {}).items()
        }
        known = {k: raw[k] for k in ("locale", "talk", "notes", "asked") if k in raw}
        return cls(**known, drafts=drafts)
