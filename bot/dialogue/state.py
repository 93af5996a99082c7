"""What a conversation remembers between two messages: `Session` and, inside it, a `Draft`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Draft:
    """A form half filled. `answers` holds field values (JSON), `done` the answered steps in order."""

    id: str
    form: str
    version: int
    started: str  # ISO date-time
    answers: dict[str, Any] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    step: str = ""  # the open question
    inner: dict[str, Any] = field(default_factory=dict)  # the open question's own state
    kept: dict[str, Any] = field(default_factory=dict)  # answers taken back, for 保留
    tries: int = 0  # failures at the open question


@dataclass(slots=True)
class Session:
    """Everything remembered of one account's conversation. Sealed before it reaches Redis."""

    locale: str = "zh_CN"
    talk: str = ""  # the conversation that has the floor: a handler's name, or none
    draft: Draft | None = None
    notes: dict[str, Any] = field(default_factory=dict)  # a handler's own, by handler name

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Session:
        """The inverse of `to_json`; no bytes give a new session; unknown keys are dropped."""
        if not body:
            return cls()
        raw = json.loads(body)
        draft = raw.get("draft")
        known = {k: raw[k] for k in ("locale", "talk", "notes") if k in raw}
        if draft:
            names = Draft.__dataclass_fields__
            draft = Draft(**{k: v for k, v in draft.items() if k in names})
        return cls(**known, draft=draft)
