"""How results come back: at once, or in bursts as large as the send, late, out of order, twice, or
before the call was answered; as scripts ask."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.simulator.later import Later
from bot.simulator.push import Fields

Report = Callable[[str, Fields], None]
GATHER_MS = 1000
"""So long a burst gathers where nothing else is said."""


class BadReceipts(ValueError):
    """A way for results to come that there is none of."""


@dataclass(frozen=True, slots=True)
class Coming:
    """`batch` results are held until there are so many, `late_ms` for so long at most, and then
    pushed all at once; `shuffle`: in any order. A share of `twice` comes a second time, a share of
    `before` comes while the call itself still waits for its answer."""

    batch: int = 0
    late_ms: int = 0
    shuffle: bool = False
    twice: float = 0.0
    before: float = 0.0
    seed: int = 0

    @classmethod
    def parse(cls, raw: Any) -> Coming:
        """Raises `BadReceipts`."""
        names = [field.name for field in fields(cls)]
        if not isinstance(raw, dict) or not set(raw) <= set(names):
            raise BadReceipts(f"receipts have {', '.join(names)}")
        coming = cls(**raw)
        whole = (coming.batch, coming.late_ms, coming.seed)
        if any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in whole):
            raise BadReceipts("batch, late_ms and seed are whole numbers")
        shares = (coming.twice, coming.before)
        if any(not isinstance(n, int | float) or not 0 <= n <= 1 for n in shares):
            raise BadReceipts("twice and before are shares from 0 to 1")
        if not isinstance(coming.shuffle, bool):
            raise BadReceipts("shuffle is true or false")
        return coming

    def told(self) -> dict[str, Any]:
        """The form that `parse` takes."""
        return asdict(self)


class Receipts:
    """The results of one account's messages on their way back. `coming` tells how they come now,
    `report` pushes one and waits for its answer."""

    def __init__(self, coming: Callable[[], Coming], report: Report, later: Later) -> None:
        self._coming, self._report, self._later = coming, report, later
        self._lock = threading.Lock()
        self._held: list[tuple[str, Fields]] = []
        self._due: threading.Timer | None = None
        self._random = random.Random(0)  # noqa: S311 - no secret
        self._set = Coming()

    def tell(self, openid: str, fields: Fields) -> None:
        """Push this result as results come at the moment."""
        coming = self._coming()
        with self._lock:
            if coming is not self._set:
                self._random = random.Random(coming.seed)  # noqa: S311 - no secret
                self._set = coming
            early = self._random.random() < coming.before
            if not early and (coming.batch or coming.late_ms):
                self._hold(openid, fields, coming)
                return
            again = self._random.random() < coming.twice
        if early:
            self._report(openid, fields)
        for _ in range(again + (not early)):
            self._push(openid, fields)

    def stop(self) -> None:
        """Nothing that is held comes any more."""
        with self._lock:
            self._held.clear()
            if self._due:
                self._due.cancel()

    def _hold(self, openid: str, fields: Fields, coming: Coming) -> None:
        self._held.append((openid, fields))
        if coming.batch and len(self._held) >= coming.batch:
            self._release(coming)
        elif self._due is None:
            seconds = (coming.late_ms or GATHER_MS) / 1000
            self._due = threading.Timer(seconds, self._is_due, [coming])
            self._due.daemon = True
            self._due.start()

    def _is_due(self, coming: Coming) -> None:
        with self._lock:
            self._release(coming)

    def _release(self, coming: Coming) -> None:
        """All that is held, under the lock."""
        held, self._held = self._held, []
        if self._due:
            self._due.cancel()
            self._due = None
        held += [each for each in held if self._random.random() < coming.twice]
        if coming.shuffle:
            self._random.shuffle(held)
        for openid, told in held:
            self._push(openid, told)

    def _push(self, openid: str, fields: Fields) -> None:
        self._later.do(lambda: self._report(openid, fields))
