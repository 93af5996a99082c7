"""A worker around the turn's rig: toy offices, toy jobs, real rows and a real bell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from bot.dialogue.messages import LATER, Kind, Outcome, Reply
from bot.ports import Channel, JobSpec, OfficeError, Offices, Photo, Turn
from bot.rate import Rate
from bot.work import Bell, Worker
from bot.work.desk import Tools
from bot.work.pace import Pace
from config.locales import Texts
from tests.bot.turn.rig import KEYS, NOON, Rig, Words


@dataclass
class SmsDesk:
    """An SMS office that de-duplicates by key, its book a file that processes share."""

    path: Path
    faults: list[OfficeError] = field(default_factory=list)

    def send(
        self, phone: str, template: str, params: Mapping[str, str], key: str, timeout: float
    ) -> None:
        if self.faults:
            raise self.faults.pop(0)
        with self.path.open("a") as book:
            book.write(json.dumps([key, template, dict(params)]) + "\n")

    def taken(self) -> dict[str, Any]:
        """What was sent, by key: the same key again is the same SMS."""
        if not self.path.exists():
            return {}
        lines = [json.loads(line) for line in self.path.read_text().splitlines()]
        return {key: params for key, _, params in lines}


@dataclass(frozen=True)
class SmallPhoto:
    jpeg: bytes
    width: int = 3
    height: int = 4


def open_photo(data: bytes) -> Photo:
    return SmallPhoto(b"safe " + data)


def work_and_tell(turn: Turn) -> Outcome:
    """Every message starts the job `toy`; its result is the reply."""
    if turn.update.kind is Kind.RESULT:
        turn.session.notes.setdefault("results", []).append(dict(turn.update.data))
        if turn.update.data.get("more"):
            return LATER
        return Reply(f"<{turn.update.data.get('said', turn.update.data.get('error'))}>")
    turn.start_job("toy", {"said": turn.update.text})
    return LATER


def tools(rig: Rig, sms: SmsDesk) -> Tools:
    offices = Offices(cast(Any, None), cast(Any, None), cast(Any, None), sms, None)
    return Tools(
        rig.database,
        KEYS,
        rig.city,
        cast(Texts, Words()),
        rig.templates,
        rig.sources,
        offices,
        cast(Mapping[str, Channel], rig.channels),
        rig.objects,
        open_photo,
        rig.marks,
        Pace(Rate(rig.client, 2), lambda _: 0),
    )


def worker(
    rig: Rig,
    jobs: Iterable[JobSpec] = (),
    *,
    sms: SmsDesk | None = None,
    hook: Callable[[str], None] = lambda point: None,
    **options: Any,
) -> Worker:
    """A worker that hears this Redis' bell; tests start it, or let it `settle`."""
    book = sms or SmsDesk(rig.folder / "sms.log")
    turns = options.pop("turns", None) or rig.turns(handle=work_and_tell)
    return Worker(
        tools(rig, book),
        jobs,
        turns,
        rig.drains,
        redis_client=rig.client,
        hook=hook,
        **options,
    )


def at(rig: Rig, seconds: float) -> None:
    """Move the rig's clock."""
    object.__setattr__(rig.sources, "clock", lambda: NOON + timedelta(seconds=seconds))


def bell(rig: Rig) -> Callable[[str], None]:
    return Bell(rig.client).ring
