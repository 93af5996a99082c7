"""The page of a run in `benchmarks/results/`: its commit, machine, moment and command."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def described(command: str) -> dict[str, Any]:
    """The head of every page. Memory is in gigabytes of 10⁹ bytes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "command": command,
        "machine": {
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "memory_gb": round(memory / 1e9, 1),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()}",
        },
    }


def commit() -> str:
    """The commit of this tree, with a + when files differ from it."""
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return _git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")


def write(name: str, page: dict[str, Any]) -> Path:
    """Write `benchmarks/results/<name>-<date>.json`, by the page's own date."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{page['date'][:10]}.json"
    path.write_text(json.dumps(_rounded(page), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path


def _rounded(value: Any) -> Any:
    """Figures to nine places: more say nothing, and eighteen digits may look like an ID number."""
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


def _git(*words: str) -> str:
    git = shutil.which("git") or "git"
    told = subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return told.stdout.strip()


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
