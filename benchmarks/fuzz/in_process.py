"""Every target by both fuzzers, two targets at a time, each in processes of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from zlib import crc32

from benchmarks.fuzz import by_coverage, by_hypothesis
from benchmarks.fuzz.target import Finding, hold

AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Run:
    """What happened to one target. `coverage` is the number of inputs of atheris, -1: none."""

    target: str
    examples: int
    coverage: int
    seconds: float
    findings: Sequence[Finding]


def run_all(names: Sequence[str], examples: int, seconds: int, seed: int) -> list[Run]:
    """Fuzz these targets, in the order of their names; prints a line for each."""
    if said := by_coverage.missing():
        print(f"{said}. The rest runs without it.")
    one = partial(run_one, examples=examples, seconds=seconds, seed=seed)
    runs = []
    # Spawned: a fork would carry the threads and the random state of whatever ran before.
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn"), max_tasks_per_child=1) as pool:
        for run in pool.map(one, names):
            found = f"{len(run.findings)} findings" if run.findings else "nothing found"
            print(
                f"{run.target:14} {run.examples:>9,} by hypothesis, {max(run.coverage, 0):>9,} by"
                f" atheris, {run.seconds:>5.0f} s: {found}",
                flush=True,
            )
            runs.append(run)
    return runs


def run_one(name: str, *, examples: int, seconds: int, seed: int) -> Run:
    """One target, by hypothesis and then by atheris."""
    from benchmarks.fuzz.targets import TARGETS

    started, target = time.monotonic(), TARGETS[name]
    number = seed ^ crc32(name.encode())
    hold(target, b"", 100.0)  # loads what is loaded at the first use
    tried, findings = by_hypothesis.run(target, examples, number)
    guided = -1
    if seconds and not by_coverage.missing():
        with tempfile.TemporaryDirectory(prefix="shebaoka-fuzz-") as folder:
            guided, more = by_coverage.run(target, seconds, number % 2**31, Path(folder))
            findings += more
    return Run(name, tried, guided, round(time.monotonic() - started, 1), findings)
