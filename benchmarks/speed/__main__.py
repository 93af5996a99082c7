"""`make bench`: measure, write `benchmarks/results/speed-DATE.json` and `docs/performance.md`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import runs
from benchmarks.speed import machine, report
from benchmarks.speed.pushes import Secrets
from benchmarks.speed.rounds import Wrong
from benchmarks.speed.run import Plan, Run, missing
from benchmarks.speed.servers import PEERS, ROOT, Place
from bot.demo.redis_process import NoRedis, RedisProcess, redis_program


def main() -> int:
    plan, write = _asked()
    if lacking := missing({"wrk": shutil.which("wrk"), "redis-server": _redis()}, PEERS):
        sys.stderr.write(f"bench: {lacking}\n")
        return 1
    # On a disk: a temporary place in memory would make every durable write free.
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="speed-", dir=ROOT / "var") as name:
        folder = Path(name)
        head = machine.described(folder, _command())
        begun = time.monotonic()
        try:
            results = _measured(plan, folder)
        except (Wrong, RuntimeError, NoRedis) as fault:
            sys.stderr.write(f"bench: {fault}\n")
            return 1
        results = {**head, "seconds": round(time.monotonic() - begun), **results}
    _write(results, everywhere=write)
    return 0


def _measured(plan: Plan, folder: Path) -> dict[str, object]:
    # The socket stands apart: its address may have 107 bytes, and folders have long names.
    with tempfile.TemporaryDirectory(prefix="speed-") as sockets:
        server = RedisProcess(Path(sockets) / "redis", folder)
        try:
            server.wait()
            run = Run(plan, Place(folder, server.url, Secrets.drawn()), server)
            run.everything()
            return run.results
        finally:
            server.stop()


def _redis() -> str | None:
    try:
        return redis_program()
    except NoRedis:
        return None


def _write(results: dict[str, object], *, everywhere: bool) -> None:
    sys.stdout.write(report.summary(results))
    if not everywhere:
        return
    path = runs.write("speed", results)
    report.write(results, ROOT / "docs", path.relative_to(ROOT))
    sys.stdout.write(f"written: {path.relative_to(ROOT)}, docs/performance.md\n")


def _command() -> str:
    return " ".join(["python -m benchmarks.speed", *sys.argv[1:]])


def _asked() -> tuple[Plan, bool]:
    usual = Plan()
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=usual.rounds)
    parser.add_argument("--people", type=int, default=usual.people)
    parser.add_argument("--connections", type=int, default=usual.connections)
    parser.add_argument("--no-demo", action="store_true", help="leave out the demo's start")
    parser.add_argument("--dry", action="store_true", help="print the summary, write nothing")
    asked = parser.parse_args()
    plan = Plan(asked.rounds, asked.people, asked.connections, not asked.no_demo)
    return plan, not asked.dry


if __name__ == "__main__":
    sys.exit(main())
