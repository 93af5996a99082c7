"""The turn's rig for the soak: its clock runs, and what it sends goes into the journal."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, cast

from benchmarks.soak.counting import PICTURE, SPEC, count
from benchmarks.soak.journal import Journal
from bot.ports import Handle
from bot.turn import Turns
from bot.work import Worker
from models.documents import add_document
from tests.bot.turn.rig import KEYS, Recorder, Rig
from tests.bot.work.desk_rig import SmsDesk, worker

JOB_LEASE_SECONDS = 0.15


@dataclass
class JournalChannel(Recorder):
    """Every API message and picture becomes a line of the journal."""

    def _note(self, *what: str) -> None:
        kind, account, text, _ = what
        person, journal = account.rpartition(":")[2], Journal(self.path)
        if kind == "picture":
            journal.note("picture", person=person, number=int(text.rpartition(" ")[2]))
        else:
            journal.note("message", person=person, text=text)


class JournalSms(SmsDesk):
    """The SMS office: what it took, under which key."""

    def send(
        self, phone: str, template: str, params: Mapping[str, str], key: str, timeout: float
    ) -> None:
        person, number = params["person"], int(params["number"])
        Journal(self.path).note("sms", person=person, number=number, key=key)


@dataclass
class SoakRig(Rig):
    """`ahead`: seconds by which this process's clock goes before the others', so that every claim
    has run out for it. `journal` is the file of what is seen from outside."""

    acts: ClassVar[tuple[str, ...]] = ("none", "point", "point", "twice", "moment", "late", "late")
    """What may happen to a message, each as likely; a negative control seeks its own trouble."""

    handle: Handle = count
    lease_ms: int = 400  # who lives and is slower, on two busy cores, counts as dead
    deadline_s: float = 20.0
    journal: Path = field(default=Path("journal.jsonl"))
    ahead: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        ahead = timedelta(seconds=self.ahead)
        self.sources = dataclasses.replace(self.sources, clock=lambda: datetime.now(UTC) + ahead)
        self.channels = {"wechat": JournalChannel(self.journal)}

    def again(self, **changes: Any) -> SoakRig:
        return cast(SoakRig, super().again(**changes))

    def make_turns(self) -> Turns:
        """What takes updates here; a negative control takes a protection out of it."""
        return self.turns()

    def make_worker(self, hook: Callable[[str], None]) -> Worker:
        """Background work of one process. A dead one's job is free again after 150 ms."""
        return worker(
            self,
            [SPEC],
            sms=JournalSms(self.journal),
            hook=hook,
            turns=self.make_turns(),
            lease_seconds=JOB_LEASE_SECONDS,
        )

    def hang_picture(self) -> None:
        """Put the one picture into the store."""
        with self.database.writing() as records:
            add_document(
                records,
                KEYS,
                self.objects,
                document_id=PICTURE,
                kind="portrait",
                image=b"JPEG ",
                media_type="image/jpeg",
                width=3,
                height=4,
                draft_id=None,
                expires_at=None,
                now=self.sources.clock(),
            )
