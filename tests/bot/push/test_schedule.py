"""Staff and the clock do anything in any order: nothing leaves unless it may, nobody gets it twice,
and everybody is accounted for."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.push.lane import PushLane
from bot.push.ports import Result
from models.push.aftermath import once_more
from models.push.campaigns import Campaign, go, locked, resume
from models.push.choices import stop_pushes
from models.push.counts import FINAL
from models.push.stages import SENDING, ForbiddenStage, Stage
from tests.bot.push.push_rig import (
    APPROVED,
    NOON,
    campaign,
    changed,
    counters,
    deliveries,
    found,
    lane,
    people,
    push_rig,
    road,
    work_and_close,
)
from tests.bot.turn.rig import Rig
from tests.bot.work.desk_rig import at

N = 14
BY = "staff:2"
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["work", "work", "pause", "resume", "stop", "hours", "no", "more"]),
        st.integers(1, 7),
    ),
    min_size=2,
    max_size=14,
)
ANSWERS = st.lists(
    st.sampled_from(["transient", "permanent", "unknown", "quota", "bug"]), max_size=8
)
starts = itertools.count(1, 1000)


class Play:
    """One campaign for people of its own, and what was seen to leave."""

    def __init__(self, rig: Rig, answers: list[str]) -> None:
        self.rig, self.first, self.seconds = rig, next(starts), 0.0
        self.at(0)
        whom = people(rig, N, start=self.first, inbound=NOON + timedelta(days=1))
        self.its = campaign(rig, whom)
        self.taken: Counter[str] = Counter()
        given_answers = [Result(each) for each in answers]  # type: ignore[arg-type]
        sending = road(rig, answers={"chat": given_answers})
        sending.on_send = lambda call: self.taken.update([call.key])
        self.lane: PushLane = lane(
            rig, {"wechat": sending}, in_flight=4, slice_seconds=0.02, hook=self.look
        )

    def at(self, seconds: float) -> None:
        self.seconds += seconds
        at(self.rig, self.seconds)

    def look(self, point: str) -> None:
        """At the moment at which calls are marked, their campaign may send."""
        if point == "push taken":
            now = self.rig.sources.clock()
            assert found(self.rig, self.its).at in SENDING
            assert 8 <= now.astimezone(self.rig.city.tz).hour < 21
            assert now < found(self.rig, self.its).expires_at

    def act(self, what: str, n: int) -> None:
        if what == "work":
            for _ in range(n):
                if (claimed := self.lane.claim()) is not None:
                    claimed()
        elif what == "hours":
            self.at(n * 3600)
        else:
            try:
                self._decide(what, n, self.rig.sources.clock())
            except ForbiddenStage:
                return

    def _decide(self, what: str, n: int, now: datetime) -> None:
        with self.rig.database.writing() as records:
            row: Campaign = locked(records, self.its)
            match what:
                case "pause":
                    go(records, row, Stage.PAUSED, "staff", now, by=BY)
                case "resume":
                    resume(records, row, now, by=BY)
                case "stop":
                    go(records, row, Stage.STOPPED, "staff", now, by=BY)
                case "no":
                    stop_pushes(records, f"wechat:wx1:user{self.first + n}", now)
                case "more" if row.at is Stage.DONE:
                    if once_more(records, row, ["permanent", "bug", "transient"], now):
                        go(records, row, Stage.RUNNING, "staff", now, by=BY)


@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(acts=ACTS, answers=ANSWERS)
def test_whatever_is_done_in_whatever_order(
    rig: Rig, acts: list[tuple[str, int]], answers: list[str]
) -> None:
    push_rig(rig, changed(APPROVED, first_least=5, failed_share=1.0))
    play = Play(rig, answers)
    for what, n in acts:
        play.act(what, n)
    play.at(4 * 24 * 3600)
    work_and_close(play.lane)
    row, rows = found(rig, play.its), deliveries(rig, play.its)
    assert row.at in (Stage.DONE, Stage.STOPPED, Stage.EXPIRED)
    told = Counter(each.state for each in rows.values())
    assert sum(told.values()) == N
    open_ones = sum(n for state, n in told.items() if state not in FINAL)
    assert told["calling"] == 0
    assert not open_ones or row.at is Stage.STOPPED
    assert max(play.taken.values(), default=0) <= 1
    for who, each in rows.items():
        reached = play.taken[f"p{play.its}-{who}"]
        assert each.state != "sent" or reached == 1
        # Of whom a worker that stood still for hours says too late that it was taken.
        assert each.state in ("sent", "unknown") or not reached
    counted: Counter[str] = Counter()
    for (what, _, _), n in counters(rig, play.its).items():
        counted[what] += n
    assert {state: counted[state] for state in FINAL} == {state: told[state] for state in FINAL}
