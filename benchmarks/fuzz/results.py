"""What a run leaves behind: the figures as JSON, and each finding as a file to run again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from benchmarks import runs
from benchmarks.fuzz.bodies.judging import Fault
from benchmarks.fuzz.bodies.run import Told
from benchmarks.fuzz.in_process import Run
from benchmarks.fuzz.target import keep

FOUND = runs.RESULTS / "found"


def of_targets(done: Sequence[Run]) -> dict[str, Any]:
    """The figures of the targets in this process; their findings become kept cases."""
    told = {}
    for run in done:
        findings = [{"why": f.why, "case": keep(f).name} for f in run.findings]
        told[run.target] = {
            "hypothesis": run.examples,
            "atheris": run.coverage if run.coverage >= 0 else None,
            "seconds": run.seconds,
            "findings": findings,
        }
    return told


def of_bodies(told: Told, first: int, *, keep_files: bool = True) -> dict[str, Any]:
    """The figures of the bodies; each finding that is one request becomes a file to replay."""
    return {
        "first": first,
        "sent": told.sent,
        "kinds": dict(told.kinds),
        "statuses": dict(told.statuses),
        "quiet_batches": told.quiet_batches,
        "latest": told.latest,
        "seconds": told.seconds,
        "a_second": round(told.sent / told.seconds, 1) if told.seconds else 0,
        "memory_mib": {mode: _ends(mib) for mode, mib in told.memory.items()},
        "findings": [_written(fault, keep_files) for fault in told.faults],
    }


def _ends(mib: Sequence[float]) -> dict[str, float]:
    from benchmarks.fuzz.bodies.run import WARM_UP

    warm = mib[int(len(mib) * WARM_UP) :]
    return {"first_batch": mib[0], "warm": warm[0], "end": warm[-1], "growth": warm[-1] - warm[0]}


def _written(fault: Fault, keep_file: bool) -> dict[str, str]:
    told = {"kind": fault.kind, "why": fault.why}
    if fault.mutant is None:
        return told
    told["number"] = str(fault.mutant.number)
    if keep_file:
        FOUND.mkdir(parents=True, exist_ok=True)
        path = FOUND / f"{fault.kind}-{fault.mutant.mode}-{fault.mutant.number}.json"
        path.write_text(json.dumps({**told, **fault.mutant.record()}, indent=1), "utf-8")
        told["file"] = path.name
    return told
