"""`Worker`: all lanes of one process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from bot.ports import JobSpec
from bot.sessions import Drains
from bot.turn import Turns
from bot.work.bell import Listener, RedisClient
from bot.work.desk import Tools
from bot.work.housekeeping import Chore, Housekeeping
from bot.work.jobs import LEASE_SECONDS, Jobs
from bot.work.keeping import ClaimKeeper
from bot.work.lane import TICK_SECONDS, Claim, Lane
from bot.work.mail import Mail
from bot.work.notices import Notices

THREADS = {
    "jobs": 32,
    "heavy jobs": 4,
    "notices": 16,
    "drain": 4,
    "housekeeping": 1,
    "hand-over": 2,
    "receipts": 1,
    "masses": 1,
    "push": 1,
}
"""Of each lane. A job that waits for a silent office, or a notice for its place in an account's
line, costs a thread and nothing else, and must not keep others waiting; those that compute share
the cores."""

_RUNG_WITH = {"jobs": ("jobs", "heavy jobs")}  # who asks for a job does not know of what sort it is


class Worker:
    """Runs jobs, notices, drains and chores from `start` to `stop`.

    With `redis_client` it hears the bell of other processes; without, it is woken by `ring` alone
    (and looks each second). `more`: further lanes, by their claims; `last`: what is done when
    one of these ends, in its thread; `close` lets go of connections when all have. Several workers
    may run, in one process or many.
    """

    def __init__(
        self,
        tools: Tools,
        jobs: Iterable[JobSpec],
        turns: Turns,
        drains: Drains,
        *,
        redis_client: RedisClient | None = None,
        chores: Sequence[Chore] = (),
        more: Mapping[str, Claim] | None = None,
        last: Mapping[str, Callable[[], object]] = MappingProxyType({}),
        lease_seconds: float = LEASE_SECONDS,
        tick_seconds: float = TICK_SECONDS,
        hook: Callable[[str], None] = lambda point: None,
        is_outdated: Callable[[], bool] = lambda: False,
        close: Callable[[], object] = lambda: None,
    ) -> None:
        self.is_outdated = is_outdated  # whether another should work in its place
        owner = uuid.uuid4().hex
        self._close, clock = close, tools.sources.clock
        self._keeper = ClaimKeeper(tools.database, owner, clock, lease_seconds)
        specs = {spec.name: spec for spec in jobs}
        lane_of_jobs = partial(Jobs, tools, specs, turns, self._keeper, owner, hook, lease_seconds)
        claims = {
            "jobs": lane_of_jobs(heavy=False).claim,
            "heavy jobs": lane_of_jobs(heavy=True).claim,
            "notices": Notices(tools, owner, hook).claim,
            "drain": Mail(drains, turns).claim,
            "housekeeping": Housekeeping(chores, clock).claim,
            **(more or {}),
        }
        self.lanes = {
            name: Lane(
                name,
                claim,
                threads=THREADS[name],
                tick_seconds=tick_seconds,
                last=last.get(name, lambda: None),
            )
            for name, claim in claims.items()
        }
        self._bell = Listener(redis_client, self.ring) if redis_client is not None else None

    def start(self) -> None:
        """Start all threads and return; waits up to a second for the bell."""
        self._keeper.start()
        for lane in self.lanes.values():
            lane.start()
        if self._bell:
            self._bell.start()
            self._bell.wait(1.0)

    def stop(self) -> None:
        """Claim nothing more; return when what runs has ended and its connections are closed."""
        if self._bell:
            self._bell.stop()
        for lane in self.lanes.values():
            lane.stop()
        self._keeper.stop()
        self._close()

    def ring(self, lane: str) -> None:
        """There may be work in this lane; unknown names are ignored."""
        for name in _RUNG_WITH.get(lane, (lane,)):
            if name in self.lanes:
                self.lanes[name].ring()

    def settle(self) -> None:
        """Do, in this thread, all work there is now; for tests and scripts without threads."""
        while any(lane.run_once() for lane in self.lanes.values()):
            pass
