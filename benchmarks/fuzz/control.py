"""The negative control: with a protection taken out, the same fuzzer has to report it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.fuzz import by_hypothesis
from benchmarks.fuzz.bodies.run import Attack
from benchmarks.fuzz.target import Target
from benchmarks.fuzz.targets.webhook import CODEC, MODES, _codec, webhook_property
from benchmarks.fuzz.weakened import EXPECTED, WEAKENED

BODIES = 15_000
EXAMPLES = 2000
IN_PROCESS = ("credulous", "loud")


def run(seed: int) -> dict[str, Any]:
    """For each weakened codec what was reported; `all_reported` is whether each was."""
    told: dict[str, Any] = {}
    for name, kind in EXPECTED.items():
        kinds = _against_a_server(name, seed)
        told[name] = {"expected": kind, "reported": kinds, "ok": kind in kinds}
    for name in IN_PROCESS:
        why = _in_process(name, seed)
        told[f"{name}, in process"] = {"reported": why, "ok": bool(why)}
    for name, said in told.items():
        print(f"{name:22} {'reported' if said['ok'] else 'NOT REPORTED'}: {said['reported']}")
    return {**told, "all_reported": all(said["ok"] for said in told.values())}


def _against_a_server(name: str, seed: int) -> Mapping[str, int]:
    attack = Attack(("safe",), name)
    try:
        faults = attack.run(seed, 0, BODIES, only="safe").faults
    finally:
        attack.close()
    kinds = [fault.kind for fault in faults]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def _in_process(name: str, seed: int) -> str:
    codecs = {mode: _codec(mode, WEAKENED[name]) for mode in MODES}
    target = Target(f"{name}-codec", webhook_property(codecs), CODEC.seeds, CODEC.tokens)
    _, findings = by_hypothesis.run(target, EXAMPLES, seed)
    return "".join(finding.why for finding in findings)
