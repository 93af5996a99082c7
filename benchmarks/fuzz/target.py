"""A target: what is given arbitrary bytes, the property that must hold, and how to begin."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

CHEAP = 0.1  # seconds of processor time
CASES = Path(__file__).parents[2] / "tests" / "fuzz_cases"


class TooSlow(AssertionError):
    """An input cost more of the processor than the target allows."""


@dataclass(frozen=True, slots=True)
class Target:
    """`check` raises when its property does not hold, and only then.

    `seeds` are inputs from which mutation starts, `tokens` what the format is made of. One input
    may cost `seconds` of processor time, a tenfold of what the largest honest one costs, for
    work that grows with more than the length of the input stops everybody. `longest`: bytes.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    tokens: tuple[bytes, ...] = ()
    seconds: float = 1.0
    longest: int = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """An input for which the property does not hold. `why` names the fault and its place."""

    target: str
    data: bytes
    why: str


def hold(target: Target, data: bytes, patience: float = 1.0) -> None:
    """The property for this input, its price included; `patience` for instrumented code."""
    started = time.thread_time()
    target.check(data)
    spent = time.thread_time() - started
    if spent > target.seconds * patience:
        raise TooSlow(f"{spent:.1f} s of processor time for {len(data)} bytes")


def beginnings(target: Target) -> list[bytes]:
    """Seeds and kept cases to mutate, but for what is dear by itself: a picture of forty million
    pixels takes a second, and so do its mutants, and there would be time for little else."""
    every = [*target.seeds(), *(path.read_bytes() for path in kept(target.name))]
    return [data for data in every if _price(target, data) < CHEAP]


def _price(target: Target, data: bytes) -> float:
    started = time.thread_time()
    with suppress(Exception):  # a finding, which the fuzzers report
        target.check(data)
    return time.thread_time() - started


def fault_of(target: Target, data: bytes) -> str:
    """What is wrong, as class and innermost place; empty when the property holds."""
    try:
        hold(target, data)
    except Exception as fault:
        return described(fault)
    return ""


def described(fault: BaseException) -> str:
    """Class, message and innermost place of a fault."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(fault).__name__} at {place}: {str(fault)[:200]}"


def shrunk(target: Target, data: bytes, seconds: float = 20.0) -> bytes:
    """A shorter input with a fault of the same class at the same place, found by cutting."""
    kind = _kind(fault_of(target, data))
    ends = time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while kind and size and time.monotonic() < ends:
        at = 0
        while at < len(data) and time.monotonic() < ends:
            shorter = data[:at] + data[at + size :]
            if _kind(fault_of(target, shorter)) == kind:
                data = shorter
            else:
                at += size
        size //= 2
    return data


def _kind(why: str) -> str:
    return why.partition(": ")[0]


def keep(finding: Finding, folder: Path = CASES) -> Path:
    """The input as a file, named after its content, where the regression test finds it."""
    place = folder / finding.target
    place.mkdir(parents=True, exist_ok=True)
    path = place / sha256(finding.data).hexdigest()[:16]
    path.write_bytes(finding.data)
    return path


def kept(name: str, folder: Path = CASES) -> list[Path]:
    """Every case that is kept for a target, in a fixed order."""
    return sorted(path for path in (folder / name).glob("*") if path.is_file())
