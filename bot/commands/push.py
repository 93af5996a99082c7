"""`shebaoka push`: campaigns at the command line. Every change is audited."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from bot.commands.pushing import Desk, office
from bot.commands.settings import stop
from bot.console.push.list_file import read_list
from bot.console.sheets import UnreadableFile
from models.push.campaigns import events_of
from models.push.counts import counts_of, progress
from models.push.drafts import latest_campaigns
from models.push.orders import Order, Unfit
from models.push.steering import Added


@dataclass(frozen=True, slots=True)
class Wanted:
    """A campaign as it was typed."""

    template: str
    version: int | None
    name: str
    csv: Path | None
    segment: str
    announcement: bool
    expires: str
    cost_cap: int
    propose: bool


def create(wanted: Wanted, login: str) -> int:
    """A draft, proposed where that is wanted; nothing at all where something is wrong."""
    if (wanted.csv is None) == (not wanted.segment):
        stop(["one of --csv and --segment is needed"])
    with office() as desk:
        steering = desk.steering(desk.editor(login))
        campaign = steering.place(desk.records, _order(wanted, desk), desk.now)
        if wanted.csv is not None:
            try:
                rows = read_list(wanted.csv.read_bytes())
            except UnreadableFile as fault:
                raise Unfit([f"csv: {fault}"]) from None
            _tell(steering.add_rows(desk.records, campaign, rows, desk.now))
        if wanted.propose:
            found = steering.forecast(desk.records, campaign, desk.now)
            steering.check(found, campaign, desk.now)
            steering.propose(desk.records, campaign, found.total, desk.now)
        sys.stdout.write(f"{campaign.id}\n")
    return 0


def show_all(limit: int, *, reminders: bool = False) -> int:
    """A line for each; of those that the clock makes where these are asked for."""
    with office() as desk:
        for each in latest_campaigns(desk.records, limit, reminders=reminders):
            line = (str(each.id), each.stage, str(each.total), each.written_by, each.name)
            sys.stdout.write("\t".join(line) + "\n")
    return 0


def show(number: int) -> int:
    """All of one."""
    with office() as desk:
        campaign = desk.steering().own(desk.records, number)
        same = ("name", "kind", "purpose", "stage", "reason", "audience", "total", "cost",
                "written_by", "approved_by")  # fmt: skip
        moments = ("starts_at", "expires_at", "began_at", "ended_at")
        counted = sorted(counts_of(desk.records, number).items())
        _print(
            {
                "number": number,
                **{name: getattr(campaign, name) for name in same},
                **{name: _moment(getattr(campaign, name)) for name in moments},
                "progress": progress(desk.records, campaign),
                "outcomes": [
                    {"what": what, "road": road, "reason": reason, "n": n}
                    for (what, road, reason), n in counted
                ],
                "events": [
                    {"at": _moment(e.at), "by": e.by, "to": e.to_stage, "reason": e.reason}
                    for e in events_of(desk.records, number)
                ],
            }
        )
    return 0


def foresee(number: int) -> int:
    """What it would do now."""
    with office() as desk:
        steering = desk.steering()
        campaign = steering.own(desk.records, number)
        found = steering.forecast(desk.records, campaign, desk.now)
        _print({**asdict(found), "seconds": round(found.seconds, 1)})
    return 0


def steer(number: int, do: Literal["pause", "resume", "stop"], reason: str) -> int:
    """Pause, resume or stop one."""
    if not reason.strip():
        stop(["--reason: say why"])
    with office() as desk:
        steering = desk.steering()
        campaign = steering.held(desk.records, number)
        act = {"pause": steering.pause, "resume": steering.resume, "stop": steering.stop}[do]
        act(desk.records, campaign, reason, desk.now)
        sys.stdout.write(f"{campaign.stage}\n")
    return 0


def _order(wanted: Wanted, desk: Desk) -> Order:
    return Order(
        name=wanted.name or wanted.template,
        template=wanted.template,
        version=wanted.version,
        purpose="announcement" if wanted.announcement else "service",
        segment=_segment(wanted.segment) if wanted.segment else None,
        expires_at=_in_city(wanted.expires, desk) if wanted.expires else None,
        cost_cap=wanted.cost_cap,
    )


def _segment(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Unfit(['segment: JSON is wanted, such as {"states": ["READY_FOR_PICKUP"]}'])
    return read


def _in_city(text: str, desk: Desk) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(["expires: 2026-12-01T18:00 is wanted"]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=desk.city.tz)


def _tell(added: Added) -> None:
    """Rows are told by number and reason alone: what was typed may be a phone."""
    sys.stderr.write(f"{added.added} people\n")
    for left in added.matched.left:
        of = f" as row {left.of}" if left.of else ""
        sys.stderr.write(f"row {left.row}: {left.why}{of}\n")


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _print(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
