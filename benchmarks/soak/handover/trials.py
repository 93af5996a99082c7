"""Trials until so many deaths have happened: each hands some applications over, start to branch."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.soak.handover.audit import audit
from benchmarks.soak.handover.stage import Stage
from tests.bot.turn.processes import born, disaster

WEB = ("being approved", "approved")
FEW_POINTS = 12  # a day with work passes that many, more or less
APPLICATIONS = 4
WEB_DEATHS = 1  # of a trial's
MOST_DAYS = 30
LONGEST_LIFE = 0.15  # seconds after which a process is killed at the latest, wherever it is
Hook = Callable[[str], None]


class Trial:
    """Some applications and what befalls them; `deaths` by what died, and where."""

    def __init__(self, stage: Stage, seed: int, most: int) -> None:
        """`most`: deaths; after them the rest is done in peace."""
        self.stage, self.most = stage, most
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.deaths: Counter[str] = Counter()
        self.ids: list[str] = []

    def run(self, applications: int = APPLICATIONS) -> list[dict[str, str]]:
        """Start to branch; what the audit finds."""
        self.ids = self.stage.submit(applications)
        self._approve(self.ids)
        self._work()
        for _ in range(MOST_DAYS):
            self.stage.pass_day()
            self._work()
            if not (found := audit(self.stage.database, self.ids, self.there())):
                break
        return found

    def there(self) -> dict[str, Any]:
        """What the simulator's offices hold of these applications, and of all batches."""
        there: dict[str, Any] = self.stage.ask("cards")
        return {**there, "cards": [c for c in there["cards"] if c["application"] in self.ids]}

    # --- deaths -------------------------------------------------------------------------

    def _approve(self, ids: Sequence[str]) -> None:
        """Until the officer is through; the site is started again as often as it dies."""
        while True:
            point = self._point(WEB) if self.deaths.total() < WEB_DEATHS else ""
            child = self.stage.web(ids, disaster(point, nth=self.random.randint(1, len(ids))))
            if child.answer() is not None:
                return
            self.deaths[f"web: {point}"] += 1

    def _work(self) -> None:
        """A day's work: with deaths as long as there are some left, then to its end."""
        for _ in range(self.random.randint(0, 3)):
            if self.deaths.total() >= self.most:
                break
            self.random.choice((self._at_a_point, self._at_a_point, self._any_moment, self._base))()
        answer = self.stage.worker(lambda point: None).answer()
        assert answer == "done", "nobody kills this one"

    def _at_a_point(self) -> None:
        """At the n-th named point that it passes, whichever that is."""
        self.stage.last_point.unlink(missing_ok=True)
        child = self.stage.worker(self._dying(self.random.randint(1, FEW_POINTS)))
        self._one_dies("", child)

    def _dying(self, nth: int) -> Hook:
        passed, last_point = 0, self.stage.last_point

        def hook(point: str) -> None:
            nonlocal passed
            passed += 1
            if passed == nth:
                last_point.write_text(point)
                os.kill(os.getpid(), signal.SIGKILL)

        return hook

    def _any_moment(self) -> None:
        child = self.stage.worker(lambda point: None)
        time.sleep(self.random.uniform(0, LONGEST_LIFE))
        child.kill()
        self._one_dies("any moment", child)

    def _one_dies(self, point: str, child: Any) -> None:
        """Perhaps beside another that lives. Without a `point` it has left word where it was."""
        beside = self.stage.worker(lambda point: None) if self.random.random() < 0.4 else None
        if child.answer() is None:
            self.deaths[f"worker: {point or self.stage.last_point.read_text()}"] += 1
        if beside:
            beside.answer()

    def _base(self) -> None:
        """The database dies while the worker works."""
        child = self.stage.worker(lambda point: None)
        time.sleep(self.random.uniform(0, LONGEST_LIFE))
        self.stage.postgres.kill()
        self.deaths["database"] += 1
        self.stage.postgres.start()
        child.answer()

    def _point(self, points: Sequence[str]) -> str:
        left = self.deaths.total() < self.most
        return self.random.choice((*points, "")) if left else ""


def run(
    deaths: int, seed: int = 0, each: int = 6, applications: int = APPLICATIONS
) -> dict[str, Any]:
    """Trials until `deaths` have happened, at most `each` in one."""
    began, counts, findings, trials = time.monotonic(), Counter[str](), [], 0
    with ExitStack() as stack:
        stage = Stage(stack)
        while counts.total() < deaths:
            trial = Trial(stage, seed + trials, min(each, deaths - counts.total()))
            found = trial.run(applications)
            findings += [{**finding, "seed": str(seed + trials)} for finding in found]
            counts += trial.deaths
            trials += 1
            born.clear()
            print(f"{trials} trials, {counts.total()} deaths, {len(findings)} findings", flush=True)
    return {
        "seconds": round(time.monotonic() - began, 1),
        "trials": trials,
        "applications": trials * applications,
        "deaths": dict(sorted(counts.items())),
        "findings": findings,
    }
