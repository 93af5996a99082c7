"""The page of one run in `benchmarks/results/`, and what it was made on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def commit() -> str:
    """The commit of this tree, with a + when files differ from it."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*words: str) -> str:
    told = subprocess.run(  # noqa: S603
        ["git", *words],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def machine() -> dict[str, Any]:
    """Processor, cores, memory in gigabytes, Python."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "python": platform.python_version(),
    }


def write(what: str, figures: dict[str, Any]) -> Path:
    """Write `benchmarks/results/<what>-<date>.json`."""
    now = datetime.now(UTC)
    page = {
        "what": what,
        "date": now.isoformat(timespec="seconds"),
        "commit": commit(),
        "command": " ".join(["python -m benchmarks.soak", *sys.argv[1:]]),
        "machine": machine(),
        **figures,
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{what}-{now:%Y-%m-%d}.json"
    path.write_text(json.dumps(page, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path
