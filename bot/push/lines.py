"""Marked calls and the places they begin at: for each campaign, one line by each credential."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.push.outcomes import Call
from bot.push.ports import Bucket

READY_SECONDS = 5.0  # that a marked call waits for its place before it is given back
_AT_FIRST = 8  # calls, while nobody knows by which roads they go
_RARE = 0.01  # a share below which a credential does not hold the others up


class Start(NamedTuple):
    """A call that has its place: it begins between `at` and `until`. `since`: when it was ready.
    All are the loop's time."""

    call: Call
    at: float
    until: float
    since: float


@dataclass(slots=True)
class _Line:
    ready: deque[tuple[float, Call]] = field(default_factory=deque)
    places: deque[tuple[float, float]] = field(default_factory=deque)
    share: float = 0.0  # of the campaign's calls


class Lines:
    """All lines of one worker. What has no credential (SMS, the next visit) keeps no pace."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._lines: dict[int, dict[str, _Line]] = {}

    def waiting(self) -> list[int]:
        """The campaigns with calls that have no place yet."""
        return [
            campaign_id
            for campaign_id, lines in self._lines.items()
            if any(line.ready for line in lines.values())
        ]

    async def take_places(self, campaign_id: int, free: int, rate: float, now: float) -> bool:
        """As many as there may soon be calls for. False where an account had none for us."""
        granted = True
        for credential, line in list(self._lines.get(campaign_id, {}).items()):
            _forfeit(line, now)
            likely = round(max(0, free) * line.share + 0.5) if line.share > _RARE else 0
            wanted = len(line.ready) + likely - len(line.places)
            if wanted < 1 or not credential:
                continue
            grant = await self._bucket.take(credential, wanted, campaign=campaign_id, rate=rate)
            line.places.extend((start, start + grant.late_after) for start in grant.starts)
            granted = granted and bool(grant.starts)
        return granted

    def room(self, campaign_id: int, free: int, until: float) -> int:
        """How many more calls may be marked, of `free`: as many as there are places for `until`
        then, where most of them go. So what is marked and not begun is little."""
        lines = self._lines.get(campaign_id)
        if lines is None:
            return max(0, min(free, _AT_FIRST))
        paced = [
            max(0, sum(at <= until for at, _ in line.places) - len(line.ready)) / line.share
            for credential, line in lines.items()
            if credential and line.share > _RARE
        ]
        return max(0, int(min([free, *paced])))

    def add(self, campaign_id: int, calls: Sequence[Call], now: float) -> None:
        """Calls that were marked just now."""
        lines = self._lines.setdefault(campaign_id, {})
        new = not lines
        counted = Counter(call.credential for call in calls)
        for call in calls:
            lines.setdefault(call.credential, _Line()).ready.append((now, call))
        for credential, line in lines.items():
            share = counted[credential] / len(calls)
            line.share = share if new else 0.8 * line.share + 0.2 * share

    def again(self, start: Start) -> None:
        """It came too late for its place, and needs another."""
        line = self._lines.setdefault(start.call.campaign_id, {})
        line.setdefault(start.call.credential, _Line()).ready.appendleft((start.since, start.call))

    def starts(self, now: float) -> Iterator[Start]:
        """Those that have a place now."""
        for credential, line in self._all():
            if not credential:
                while line.ready:
                    since, call = line.ready.popleft()
                    yield Start(call, now, float("inf"), since)
                continue
            _forfeit(line, now)
            while line.ready and line.places:
                at, until = line.places.popleft()
                since, call = line.ready.popleft()
                yield Start(call, at, until, since)

    def stale(self, before: float) -> Iterator[Call]:
        """Those that have been ready since before that, and are so no longer."""
        for _, line in self._all():
            while line.ready and line.ready[0][0] < before:
                yield line.ready.popleft()[1]

    def forget(self, campaign_id: int) -> None:
        """Nothing of it is sent just now: its places go to others."""
        lines = self._lines.get(campaign_id, {})
        if not any(line.ready for line in lines.values()):
            self._lines.pop(campaign_id, None)

    def _all(self) -> Iterator[tuple[str, _Line]]:
        for lines in list(self._lines.values()):
            yield from list(lines.items())


def _forfeit(line: _Line, now: float) -> None:
    while line.places and line.places[0][1] < now:
        line.places.popleft()
