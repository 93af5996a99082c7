"""One conversation with deaths and freezes, and the audit of what it left."""

from __future__ import annotations

import random
import re
import signal
import time
from collections import defaultdict
from collections.abc import Sequence

from bot.dialogue.messages import Update
from tests.bot.turn.processes import POINTS, Child, deliver
from tests.bot.turn.rig import Rig, account, said


class Trial:
    """Twelve messages of one person, each redelivered, some of them fatal; by seed."""

    def __init__(self, rig: Rig, seed: int, points: Sequence[str] = POINTS) -> None:
        self.rig = rig
        self.points = points
        self.user = f"trial{seed}"
        self.random = random.Random(seed)
        self.answers: dict[int, set[str]] = defaultdict(set)
        self.disasters = 0

    def kills(self) -> None:
        """SIGKILL at a named point, at a random moment, or not at all; then the redelivery."""
        for number in range(1, 13):
            match self.random.choice(["none", "point", "point", "moment"]):
                case "point":
                    deliver(self.rig, self._said(number), self._point()).answer()
                    self.disasters += 1
                case "moment":
                    child = deliver(self.rig, self._said(number))
                    time.sleep(self.random.uniform(0, 0.02))
                    child.kill()
                    child.answer()
                    self.disasters += 1
            self._redeliver(number, self.random.choice([1, 1, 3]))

    def freezes(self) -> None:
        """SIGSTOP past the lease; the redeliveries go ahead; then the sleeper wakes."""
        for number in range(1, 13):
            if self.random.random() < 0.5:
                self._redeliver(number, 1)
                continue
            sleeper = deliver(self.rig, self._said(number), self._point(), signal.SIGSTOP)
            sleeper.wait_until_frozen()
            self._redeliver(number, 2)
            sleeper.wake()
            self._hear(number, sleeper)
            self.disasters += 1

    def audit(self) -> list[str]:
        """What is wrong: nothing, if the list is empty. A drain that was asked for comes first."""
        self.rig.turns().drain(account(self.user), f"drain:{self.user}")
        session = self.rig.session(self.user)["notes"]
        wrote = [n for n, w in zip(session["seen"], session["wrote"], strict=True) if w]
        faults = []
        if session["seen"] != list(range(1, 13)):
            faults.append(f"handled {session['seen']}")
        if self.rig.numbers_written(self.user) != wrote:
            faults.append(f"written {self.rig.numbers_written(self.user)} instead of {wrote}")
        if any(self.rig.waiting(self.user)[:2]):
            faults.append(f"left behind {self.rig.waiting(self.user)}")
        told = self._told()
        expected = [f"<r{n}.{int(w)}>" for n, w in enumerate(session["wrote"], 1)]
        if sorted(told) != sorted(expected):
            faults.append(f"told {told} instead of {expected}")
        return faults

    def _told(self) -> list[str]:
        """Every reply that left, by whatever road; one said again to a redelivery counts once."""
        texts = [text for texts in self.answers.values() for text in texts]
        texts += self.rig.mail(self.user)
        texts += self.rig.channels["wechat"].sent(user=f":{self.user}")
        return re.findall(r"<r[^>]*>", " ".join(texts))

    def _redeliver(self, number: int, times: int) -> None:
        for child in [deliver(self.rig, self._said(number)) for _ in range(times)]:
            self._hear(number, child)

    def _hear(self, number: int, child: Child) -> None:
        answer = child.answer()
        if answer is not None:
            self.answers[number].add(answer)

    def _said(self, number: int) -> Update:
        return said(number, self.user)

    def _point(self) -> str:
        return self.random.choice(self.points)
