"""What else the speeds depend on: how busy the machine is, and what a durable write costs here."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks import runs


def described(folder: Path, command: str) -> dict[str, Any]:
    """For the head of the results. `folder` is where the databases lie."""
    head = runs.described(command)
    head["machine"] |= {
        "load_before": round(os.getloadavg()[0], 2),
        "fsync_ms": round(_fsync_ms(folder), 2),
    }
    return head


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
