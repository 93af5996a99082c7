"""A soak of a minute's length: the command runs, counts, goes on, and notices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.soak.points import run

ROOT = Path(__file__).parents[2]


def test_a_few_trials_find_nothing_and_are_not_made_twice(tmp_path: Path) -> None:
    progress = tmp_path / "points.jsonl"
    tally = run(4, 2, 2, progress, "now")
    assert tally.findings == []
    assert (tally.total("kills") >= 4, tally.total("freezes") >= 2) == (True, True)
    assert tally.figures["messages handled"] >= 40
    again = run(4, 2, 2, progress, "now")
    assert (again.trials, again.kills) == (tally.trials, tally.kills)
    assert len(progress.read_text().splitlines()) == tally.trials


def test_without_its_servers_the_soak_says_so_in_one_line(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", "--folder", str(tmp_path)],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "redis-server" in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_without_the_fence_the_auditor_reports_it(tmp_path: Path) -> None:
    tally = run(30, 0, 2, tmp_path / "points.jsonl", "now", "no fence")
    assert "doubled" in {finding["kind"] for finding in tally.findings}, json.dumps(tally.findings)
