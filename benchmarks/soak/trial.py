"""One person's twelve messages, during which processes die or freeze at named points; by seed."""

from __future__ import annotations

import random
import select
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.soak.counting import WORD
from benchmarks.soak.journal import Journal
from benchmarks.soak.rig import SoakRig
from bot.dialogue.messages import Kind, Update
from tests.bot.turn import processes
from tests.bot.turn.processes import POINTS as TURN
from tests.bot.turn.processes import Child, disaster, forked
from tests.bot.turn.rig import account
from tests.bot.turn.test_drain_deaths import POINTS as DRAIN

MESSAGES = 12
MODES = ("plain", "chance", "chance", "ticket", "job", "sms", "picture")
LOCKING = ("handled", "before sql commit")  # whoever freezes there may hold locks
GIVE_UP = ("before give up", "after give up")
PICTURE = ("before picture", "after picture")
JOB = ("job claimed", "job ran", "job told")
NOTICE = ("notice claimed", "notice sent")
DEATHS = 2  # of one head: after three it is given up
AHEAD = 60.0  # seconds; every claim has run out by then


class Trial:
    """`kills` and `freezes` count, by point, what really happened."""

    def __init__(self, rig: SoakRig, seed: int) -> None:
        self.rig, self.user = rig, f"t{seed}"
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.journal = Journal(rig.journal)
        self.kills: Counter[str] = Counter()
        self.freezes: Counter[str] = Counter()
        self.deaths = 0  # since somebody last came through
        self.attempts: Counter[int] = Counter()
        self.drained = 0

    def run(self, *, freeze: bool) -> None:
        """The whole conversation, then everything that is left to be done, then the question."""
        try:
            for number in range(1, MESSAGES + 1):
                mode = self.random.choice(MODES)
                (self._freezing if freeze else self._killing)(number, mode)
            for _ in range(2):
                self._settle()
                self._drain()
            self._sound(0, "seen")
            self._settle()
            self._drain()
        finally:
            for child in processes.born:
                child.bury()
            processes.born.clear()

    # --- deaths -------------------------------------------------------------------------

    def _killing(self, number: int, mode: str) -> None:
        act = self.random.choice(self.rig.acts)
        if act in ("point", "twice"):
            self._die(number, mode)
        if act == "twice":
            self._die(number, mode)
        if act == "moment":
            self._die_any_moment(number, mode)
        if act == "late":
            self._be_late(number, mode)
        if self.deaths >= DEATHS or self.random.random() < 0.9:
            self._redeliver(number, mode, self.random.choice((1, 1, 3)))
        if act == "late" and self._drain(self.random.choice(DRAIN)):
            self._drain()
        if mode == "sms":
            self._work(self.random.choice(NOTICE))

    def _die(self, number: int, mode: str) -> None:
        if self.deaths >= DEATHS:
            return
        points = TURN + PICTURE if mode == "picture" else TURN
        point = self.random.choice(points)
        self._end(number, self._deliver(number, mode, point), f"turn: {point}")

    def _die_any_moment(self, number: int, mode: str) -> None:
        if self.deaths >= DEATHS:
            return
        child = self._deliver(number, mode)
        time.sleep(self.random.uniform(0, 0.04))
        child.kill()
        self._end(number, child, "turn: any moment")

    def _be_late(self, number: int, mode: str) -> None:
        """A process dies holding the lease; who comes meanwhile gives up, or dies of it."""
        if self.deaths >= DEATHS:
            return
        self._end(number, self._deliver(number, mode, "after begin"), "turn: after begin")
        point = self.random.choice(("", *GIVE_UP))
        impatient = self._deliver(number, mode, point, deadline_s=0.02)
        self._end(number, impatient, f"turn: {point}")

    def _end(self, number: int, child: Child, point: str) -> None:
        if self._hear(number, child) is None:
            self.kills[point] += 1
            self.deaths += 1

    # --- freezes ------------------------------------------------------------------------

    def _freezing(self, number: int, mode: str) -> None:
        act = self.random.choice(("none", "turn", "turn", "turn", "drain", "work"))
        if act == "turn" and mode != "job":
            self._freeze_turn(number, mode)
            return
        if act == "drain":
            self._be_late(number, mode)
        self._redeliver(number, mode, 1, how=signal.SIGSTOP)
        if act == "drain":
            self._drain(self.random.choice([p for p in DRAIN if p not in LOCKING]), signal.SIGSTOP)
        if mode == "sms":
            self._work(self.random.choice(NOTICE), signal.SIGSTOP)

    def _freeze_turn(self, number: int, mode: str) -> None:
        points = TURN + PICTURE if mode == "picture" else TURN
        point = self.random.choice(points)
        sleeper = self._deliver(number, mode, point, signal.SIGSTOP)
        frozen = sleeper.wait_until_frozen()
        self.freezes[f"turn: {point}"] += frozen
        patience = 0.5 if point in LOCKING else self.rig.deadline_s
        for child in [self._deliver(number, mode, deadline_s=patience) for _ in range(2)]:
            self._hear(number, child)
        sleeper.wake()
        self._hear(number, sleeper)
        self.deaths = 0

    # --- what goes well -----------------------------------------------------------------

    def _sound(self, number: int, mode: str) -> None:
        self._redeliver(number, mode, 1)

    def _redeliver(
        self, number: int, mode: str, times: int, how: signal.Signals = signal.SIGKILL
    ) -> None:
        """Deliveries by processes that live; background work is done while they wait for it.

        After two deaths the first comes alone: a rival would take it for the third, were it slow.
        """
        if times > 1 and self.deaths >= DEATHS:
            self._redeliver(number, mode, 1, how)
        children = [self._deliver(number, mode) for _ in range(times)]
        if mode == "job":
            self._work_beside(children, how)
        for child in children:
            self._hear(number, child)
        self.deaths = 0

    def _work_beside(self, children: list[Child], how: signal.Signals) -> None:
        time.sleep(0.05)
        self._work(self.random.choice(JOB), how)
        while not all(select.select([child.pipe], [], [], 0)[0] for child in children):
            self._settle()
            time.sleep(0.02)

    # --- background ---------------------------------------------------------------------

    def _work(self, point: str, how: signal.Signals = signal.SIGKILL) -> None:
        """A worker that meets its fate at `point`, and another that finds what it left."""

        def work(hook: Callable[[str], None]) -> None:
            self.rig.again(hook=hook).make_worker(hook).settle()

        self._meet(f"work: {point}", disaster(point, how), how, work)

    def _settle(self) -> None:
        """A worker that lives, for which every claim has run out."""

        def work() -> str:
            rig = self.rig.again(ahead=AHEAD)
            rig.make_worker(rig.hook).settle()
            return ""

        forked(work).answer()

    def _drain(self, point: str = "", how: signal.Signals = signal.SIGKILL) -> bool:
        """Send the person's mail in a process of its own; True if it met its fate."""
        self.drained += 1
        name = f"drain:{self.drained}"

        def work(hook: Callable[[str], None]) -> None:
            self.rig.again(hook=hook).make_turns().drain(account(self.user), name)

        return self._meet(f"drain: {point}", disaster(point, how), how, work)

    def _meet(
        self,
        name: str,
        fate: Callable[[str], None],
        how: signal.Signals,
        work: Callable[[Callable[[str], None]], object],
    ) -> bool:
        def doomed() -> str:
            work(fate)
            return ""

        child = forked(doomed)
        if how == signal.SIGSTOP:
            return self._outlive(name, child)
        died = child.answer() is None
        self.kills[name] += died
        if died:
            self._settle()
        return died

    def _outlive(self, name: str, sleeper: Child) -> bool:
        """Others do what a frozen process has begun; then it wakes."""
        frozen = sleeper.wait_until_frozen()
        self.freezes[name] += frozen
        if frozen:
            self._settle()
            self._drain()
            sleeper.wake()
        sleeper.answer()
        return frozen

    # --- deliveries ---------------------------------------------------------------------

    def _deliver(
        self,
        number: int,
        mode: str,
        point: str = "",
        how: signal.Signals = signal.SIGKILL,
        **changes: Any,
    ) -> Child:
        """One delivery in a process that meets its fate at `point`."""
        said = Update(
            f"id{number}",
            account(self.user),
            Kind.TEXT,
            self.rig.sources.clock(),
            text=f"{WORD} {number} {mode}",
        )
        if mode == "picture":  # its lease leaves time for the call
            changes = {"lease_ms": 700, **changes}

        def work() -> str:
            rig = self.rig.again(hook=disaster(point, how), **changes)
            reply = rig.make_turns().take(said)
            return reply.text if reply else ""

        return forked(work)

    def _hear(self, number: int, child: Child) -> str | None:
        answer = child.answer()
        self.attempts[number] += 1
        self.journal.note(
            "delivery",
            person=self.user,
            number=number,
            update=f"id{number}",
            attempt=self.attempts[number],
            answer=answer,
        )
        return answer
