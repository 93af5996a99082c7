"""On what, when and from which commit a run was made."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.speed.servers import ROOT


def described(folder: Path, command: str) -> dict[str, Any]:
    """For the head of the results. `folder` is where the databases lie."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _git("rev-parse", "HEAD"),
        "changed_files": len(_git("status", "--porcelain").splitlines()),
        "command": command,
        "machine": {
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()}",
            "load_before": round(os.getloadavg()[0], 2),
            "fsync_ms": round(_fsync_ms(folder), 2),
        },
    }


def _git(*words: str) -> str:
    git = shutil.which("git") or "git"
    told = subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout.strip()


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((ln.partition(":")[2].strip() for ln in lines if ln.startswith("model name")), "?")


def _fsync_ms(folder: Path) -> float:
    """What one durable write costs here: the median of a hundred, in milliseconds."""
    path, times = folder / "fsync", []
    with path.open("wb") as file:
        for _ in range(100):
            file.write(bytes(1000))
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    path.unlink()
    return statistics.median(times) * 1000
