"""What is wrong with an answer, a batch or a server: the checks, one each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.fuzz.bodies.mutants import LARGEST, Mutant
from benchmarks.fuzz.bodies.wire import Answer

FLAT = 32.0
"""MiB that a server may grow by after its warm-up. Its caches are bounded by number and may still
fill (16,384 characters' sounds, 8,192 words: some 10 MiB), and each of sixteen threads may meet
its first body of 256 KiB late, whose copies (body, text, elements: 1 MiB) stay in the allocator.
One body kept of every fifteen is more, at full counts: 400,000 of 1.5 KiB reach a server."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding. `kind` is status, dropped, answer, state or memory; with no `mutant` it belongs
    to a whole batch."""

    kind: str
    why: str
    mutant: Mutant | None = None


def fault_of(answer: Answer) -> Fault | None:
    """What is wrong with one answer: its status, its shape, or that there is none."""
    mutant, status = answer.mutant, answer.status
    if status == 0:
        return Fault("dropped", f"no answer after {answer.seconds:.1f} s", mutant)
    if status not in _allowed(mutant):
        return Fault("status", f"{status} for a body whose signature is {mutant.kind}", mutant)
    if status == 200 and not (answer.body == b"success" or answer.body[:1] in (b"<", b"{")):
        return Fault("answer", f"neither success nor a message: {answer.body[:40]!r}", mutant)
    return None


def _allowed(mutant: Mutant) -> set[int]:
    if len(mutant.body) > LARGEST:
        return {413}
    return {"unsigned": {403}, "signed": {200}, "perhaps": {200, 403}}[mutant.kind]


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs between two states; empty when nothing does."""
    return ", ".join(
        f"{name}: {before[name]} → {after[name]}" for name in before if before[name] != after[name]
    )


def grown(memory: Sequence[float]) -> Fault | None:
    """Whether the resident memory, MiB after each batch from the warm-up on, is flat."""
    growth = memory[-1] - memory[0] if memory else 0.0
    if growth > FLAT:
        return Fault("memory", f"{memory[0]:.0f} → {memory[-1]:.0f} MiB, {FLAT:.0f} are allowed")
    return None
