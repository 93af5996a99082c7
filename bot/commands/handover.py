"""`shebaoka handover status`, `send`, `fetch`: the hand-over from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.table import Table

from bot.app import handover_lane
from bot.assembly import Assembly, real_sources
from bot.commands.settings import keyring, local_settings, stop
from bot.handover.lane import HandoverLane, Work
from bot.logs import set_up_logs
from models.figures import stages
from models.handover.batches import DESTINATIONS
from models.handover.status import Status, status_of


def status() -> int:
    """What is where. Nothing personal is printed: numbers of applications at most."""
    out = Console(highlight=False)
    with _parts() as parts:
        now = parts.sources.clock().astimezone(parts.city.tz)
        with parts.database.reading() as records:
            lying = stages(records)
            found = status_of(records, parts.city.handover, now)
        where = Table("state", "count", "oldest since", "days")
        for stage in lying:
            if stage.count:
                since = stage.oldest.astimezone(parts.city.tz) if stage.oldest else now
                days = str((now - since).days)
                where.add_row(stage.state, str(stage.count), f"{since:%Y-%m-%d %H:%M}", days)
        out.print(where)
        _print(out, found, now)
    return 1 if found.stuck else 0


def _print(out: Console, found: Status, now: datetime) -> None:
    if found.batches:
        rows = Table("batch", "to", "state", "lines", "open", "calls", "days", "")
        for one in found.batches:
            batch = one.batch
            figures = (batch.count, one.open, batch.attempts, (now - batch.cut_at).days)
            state = f"{batch.state} {batch.fault}".strip()
            mark = "stuck" if one.stuck else ""
            rows.add_row(batch.id, batch.receiver, state, *map(str, figures), mark)
        out.print(rows)
    for blocked in found.blocked:
        number, block = blocked.application.number, blocked.block
        out.print(f"{number}: not handed over to the {block.destination}: {block.code}")
    for file in found.files:
        out.print(f"{file.name} of the {file.source}: {file.state}, {file.attempts} tries")
    for fault in found.faults:
        out.print(f"{fault.file} of the {fault.source}: {fault.count} lines {fault.code}")
    out.print(f"{found.stuck} stuck" if found.stuck else "nothing is stuck")


def send() -> int:
    """Cut and send what is due."""
    with _lane() as lane:
        for name in DESTINATIONS:
            if lane.knows(name):
                lane.cut(name)
        _all(lane.send)
    return 0


def fetch() -> int:
    """Fetch, judge and report."""
    with _lane() as lane:
        for name in DESTINATIONS:
            if lane.knows(name):
                lane.fetch(name)
        _all(lane.file)
    return 0


def _all(claim: Callable[[], Work | None]) -> None:
    """What happens is in the log."""
    while (work := claim()) is not None:
        work()


@contextmanager
def _lane() -> Iterator[HandoverLane]:
    with _parts() as parts:
        set_up_logs()
        lane = handover_lane(parts)
        if not any(map(lane.knows, DESTINATIONS)):
            stop(["there is nobody to hand over to: see `shebaoka doctor`"])
        yield lane


@contextmanager
def _parts() -> Iterator[Assembly]:
    settings = local_settings()
    keyring(settings)
    parts = Assembly(settings, real_sources())
    try:
        yield parts
    finally:
        parts.database.dispose()
