"""The run: batches of mutants against a server of each mode, judged batch by batch."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from benchmarks.fuzz.bodies.judging import Fault, changed, fault_of, grown
from benchmarks.fuzz.bodies.mutants import Mode, Mutant, mutant
from benchmarks.fuzz.bodies.rig import Rig
from benchmarks.fuzz.bodies.wire import Answer, Wire

BATCH = 5000
AHEAD = 2  # batches that are made before they are needed
MODES: tuple[Mode, ...] = ("safe", "plain", "safe", "plain", "compatible")
"""Of one batch after the other."""
WARM_UP = 0.2  # of a server's batches, after which its memory must not grow any more
MOST_FAULTS = 50  # then the run ends: somebody has to look


@dataclass
class Told:
    """What the run has seen."""

    sent: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    quiet_batches: int = 0
    latest: float = 0.0  # seconds of the slowest answer
    memory: dict[str, list[float]] = field(default_factory=dict)  # MiB after each batch, by mode
    faults: list[Fault] = field(default_factory=list)
    seconds: float = 0.0


def make_batch(seed: int, first: int, count: int, mode: Mode) -> list[Mutant]:
    """The mutants of these numbers, for a server of this mode."""
    return [mutant(seed, number, mode) for number in range(first, first + count)]


def mode_of(number: int) -> Mode:
    """The mode of the batch in which this number stands."""
    return MODES[number // BATCH % len(MODES)]


def batches(seed: int, first: int, count: int, only: Mode | None) -> Iterator[list[Mutant]]:
    """Every batch of the range, the next ones being made in another process meanwhile."""
    starts = range(first - first % BATCH, first + count, BATCH)
    parts = [(max(first, at), min(first + count, at + BATCH)) for at in starts]
    with ProcessPoolExecutor(1, get_context("spawn")) as maker:
        coming: deque[Future[list[Mutant]]] = deque()
        for start, end in parts:
            mode = only or mode_of(start)
            coming.append(maker.submit(make_batch, seed, start, end - start, mode))
            if len(coming) > AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


class Attack:
    """Servers that are up, and the batches sent to them."""

    def __init__(self, modes: Sequence[Mode], protection: str = "whole") -> None:
        self.told, self._protection = Told(), protection
        self._rigs: dict[Mode, Rig] = {}
        self._wires: dict[Mode, Wire] = {}
        try:
            for mode in dict.fromkeys(modes):
                self._rigs[mode] = Rig(mode, protection)
                self._wires[mode] = Wire(self._rigs[mode].port)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()
        for rig in self._rigs.values():
            rig.stop()

    def run(self, seed: int, first: int, count: int, only: Mode | None = None) -> Told:
        """Send this range of numbers, all in the mode `only` or by `MODES`; prints a line every
        ten batches."""
        started, told = time.monotonic(), self.told
        for place, batch in enumerate(batches(seed, first, count, only)):
            self._batch(batch)
            told.seconds = round(time.monotonic() - started, 1)
            if place % 10 == 9:
                print(f"  {told.sent:>9,} bodies, {told.sent / told.seconds:.0f}/s", flush=True)
            if len(told.faults) >= MOST_FAULTS:
                break
        for memory in told.memory.values():
            if fault := grown(memory[int(len(memory) * WARM_UP) :]):
                told.faults.append(fault)
        return told

    def _batch(self, batch: Sequence[Mutant]) -> None:
        """First those without a signature, which must leave everything as it is; then the rest."""
        mode = batch[0].mode
        rig = self._rigs[mode]
        unsigned = [each for each in batch if each.kind == "unsigned"]
        before = rig.state()
        self._send(mode, unsigned)
        difference = changed(before, rig.state())
        if difference:
            if not any(fault.kind == "state" for fault in self.told.faults):
                self.told.faults += culprits(unsigned, Rig(mode, self._protection))
            self.told.faults.append(Fault("state", difference))
        self.told.quiet_batches += 1
        self._send(mode, [each for each in batch if each.kind != "unsigned"])
        self.told.memory.setdefault(mode, []).append(rig.memory())

    def _send(self, mode: Mode, mutants: Sequence[Mutant]) -> list[Answer]:
        answers = self._wires[mode].send(mutants)
        told = self.told
        told.sent += len(answers)
        for answer in answers:
            told.kinds[answer.mutant.kind] += 1
            told.statuses[str(answer.status)] += 1
            told.latest = max(told.latest, round(answer.seconds, 2))
        told.faults += filter(None, map(fault_of, answers))
        return answers


def culprits(unsigned: Sequence[Mutant], fresh: Rig, most: int = 3) -> list[Fault]:
    """Which of a batch change something, each sent by itself. To a `fresh` server, for the one
    that saw them answers from its store; that one is stopped at the end."""
    wire, found = Wire(fresh.port), []
    try:
        for each in unsigned:
            before = fresh.state()
            wire.send([each])
            if difference := changed(before, fresh.state()):
                found.append(Fault("state", difference, each))
            if len(found) == most:
                break
    finally:
        wire.close()
        fresh.stop()
    return found
