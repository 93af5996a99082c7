"""What a run leaves behind: the figures as JSON, and each finding as a file to run again."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks.fuzz.bodies.judging import Fault
from benchmarks.fuzz.bodies.run import Told
from benchmarks.fuzz.in_process import Run
from benchmarks.fuzz.target import keep

RESULTS = Path(benchmarks.__file__).parent / "results"
FOUND = RESULTS / "found"


def heading(seed: int, command: Sequence[str]) -> dict[str, Any]:
    """What the run was: commit, seed, machine, day, command."""
    return {
        "what": "fuzz",
        "commit": _commit(),
        "seed": seed,
        "machine": {
            "cpu": _first("/proc/cpuinfo", "model name"),
            "cores": len(_affinity()),
            "memory": _first("/proc/meminfo", "MemTotal"),
            "python": platform.python_version(),
        },
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python", "-m", "benchmarks.fuzz", *command]),
    }


def _affinity() -> Sequence[int]:
    import os

    return sorted(os.sched_getaffinity(0))


def _commit() -> str:
    git = ["git", "-C", str(RESULTS.parent), "describe", "--always", "--abbrev=40", "--dirty"]
    done = subprocess.run(git, capture_output=True, text=True)  # noqa: S603
    return done.stdout.strip() or "unknown"


def _first(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except OSError:
        return sys.platform
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def of_targets(runs: Sequence[Run]) -> dict[str, Any]:
    """The figures of the targets in this process; their findings become kept cases."""
    told = {}
    for run in runs:
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


def write(told: dict[str, Any], name: str) -> Path:
    """The result as a file in `benchmarks/results/`, by its day."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{datetime.now(UTC):%Y-%m-%d}.json"
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
