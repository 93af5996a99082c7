"""`python -m benchmarks.expansion`: the rows of a campaign for 1,000,000 subscribers, and for who
handed in 1,000,000 applications, a look at one of 1,000,000 beside one of 10,000, a forecast, and
the memory of a sender for both, on SQLite and PostgreSQL; written to
`benchmarks/results/expansion-DATE.json`.

Ends with 1 when the rows of subscribers take longer than a second on SQLite or six on PostgreSQL,
those of applicants hold SQLite's write lock longer than others wait for it, a look costs
more than twice as much, or memory grows by more than a quarter. Needs about 2 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import runs
from benchmarks.expansion.filling import campaign, counted, fill, hand_in
from benchmarks.progress.__main__ import BACKENDS, databases
from benchmarks.progress.measuring import BOUND, compared
from bot.demo.redis_process import RedisProcess
from config.templates import load_templates
from models.database import PATIENCE_SECONDS, Database
from models.push.audience import Segment
from models.push.campaigns import Campaign, locked
from models.push.counts import progress
from models.push.expansion import expand, expanding
from models.push.forecast import forecast
from tests.bot.push.push_rig import APPROVED, NOON

SECONDS = {"sqlite": 1.0, "postgresql": 6.0}
GROWTH = 1.25
TODAY = date(2026, 11, 23)
RUNGS = {"wechat": ("chat", "template", "subscription", "mass")}
TEMPLATES = load_templates(APPROVED)


def main() -> int:
    asked = _asked()
    page: dict[str, Any] = runs.described(
        f"python -m benchmarks.expansion {' '.join(sys.argv[1:])}".strip()
    )
    page["machine"]["load_before"] = round(os.getloadavg()[0], 2)
    page |= {"few": asked.few, "many": asked.many, "bounds": {**SECONDS, "look": BOUND}}
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="expand-", dir="/tmp") as name:
        redis = RedisProcess(Path(name) / "redis", Path(name), durable=False)
        redis.wait()
        try:
            for backend in asked.backends:
                page[backend] = found = _measured(backend, asked, redis.url)
                faults += [f"{backend}: {fault}" for fault in _faults(backend, found)]
        finally:
            redis.stop()
    page["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    whole = set(asked.backends) == set(BACKENDS)
    written = runs.write("expansion" if whole else "-".join(["expansion", *asked.backends]), page)
    print(f"written: {written.relative_to(runs.ROOT)}")
    print(*(f"too dear: {fault}" for fault in faults), sep="\n", file=sys.stderr)
    return 1 if faults else 0


def _measured(backend: str, asked: argparse.Namespace, redis_url: str) -> dict[str, Any]:
    with databases(backend, asked.folder) as (few, many):
        fill(few, asked.few)
        fill(many, asked.many)
        found: dict[str, Any] = {
            "expansion": [_expanded(many, asked.many) for _ in range(asked.rounds)]
        }
        hand_in(many, asked.many)
        found |= {
            "of_applications": [_of_applications(many, asked.many) for _ in range(asked.rounds)],
            "forecast": [_foreseen(many, asked.many) for _ in range(asked.rounds)],
            "look": _looked(few, many, asked.samples),
        }
        for what, value in found.items():
            print(f"{backend} {what}: {json.dumps(value)}", flush=True)
        if asked.sends:
            found["sending"] = {
                "few": _sent(few, redis_url, asked.sends),
                "many": _sent(many, redis_url, asked.sends),
            }
            print(f"{backend} sending: {json.dumps(found['sending'])}", flush=True)
        return found


def _expanded(database: Database, count: int) -> dict[str, float]:
    """Seconds of the statement and of the whole transaction, and of this process's processor."""
    number = campaign(database)
    began, used = time.perf_counter(), time.process_time()
    with database.writing() as records:
        its = locked(records, number)
        made = expand(records, its, Segment(), NOON, TODAY)
        statement = time.perf_counter() - began
    told = {
        "statement": statement,
        "whole": time.perf_counter() - began,
        "processor": time.process_time() - used,
    }
    if made != count:
        raise RuntimeError(f"{made} rows, not {count}")
    return told


def _of_applications(database: Database, count: int) -> dict[str, float]:
    """Seconds in all, of these in the write transaction, and of this process's processor; and of
    choosing and writing in one transaction."""
    number = campaign(database, purpose="service")
    began, used = time.perf_counter(), time.process_time()
    with expanding(database, number, NOON, TODAY) as (records, chosen):
        writing = time.perf_counter()
        made = expand(records, locked(records, number), Segment(), NOON, TODAY, chosen)
    told = {
        "whole": time.perf_counter() - began,
        "writing": time.perf_counter() - writing,
        "processor": time.process_time() - used,
    }
    if made != count:
        raise RuntimeError(f"{made} rows, not {count}")
    number, began = campaign(database, purpose="service"), time.perf_counter()
    with database.writing() as records:
        expand(records, locked(records, number), Segment(), NOON, TODAY)
    return told | {"at_once": time.perf_counter() - began}


def _foreseen(database: Database, count: int) -> float:
    number = campaign(database)
    began = time.perf_counter()
    with database.reading() as records:
        its = records.get_one(Campaign, number)
        found = forecast(records, APPROVED, TEMPLATES, its, NOON, RUNGS)
    if found.total != count:
        raise RuntimeError(f"{found.total} people, not {count}")
    return time.perf_counter() - began


def _looked(few: Database, many: Database, samples: int) -> dict[str, Any]:
    """Milliseconds of a look at a campaign of few and of many, in turn."""
    times: dict[str, list[float]] = {"few": [], "many": []}
    looks = {name: _latest(database) for name, database in (("few", few), ("many", many))}
    for sample in range(samples + 20):
        for name, (database, number) in sorted(looks.items(), reverse=bool(sample % 2)):
            began = time.perf_counter()
            with database.reading() as records:
                progress(records, records.get_one(Campaign, number))
            times[name].append(time.perf_counter() - began)
    return compared({name: each[20:] for name, each in times.items()})


def _latest(database: Database) -> tuple[Database, int]:
    """An expanded campaign with counters."""
    number = campaign(database)
    with database.writing() as records:
        expand(records, locked(records, number), Segment(), NOON, TODAY)
    counted(database, number)
    return database, number


def _sent(database: Database, redis_url: str, most: int) -> dict[str, Any]:
    url = database.url.set(drivername=database.url.get_backend_name())
    words = [sys.executable, "-m", "benchmarks.expansion.sending"]
    ran = subprocess.run(  # noqa: S603
        [*words, url.render_as_string(hide_password=False), redis_url, str(most)],
        capture_output=True, text=True, check=False, cwd=runs.ROOT,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(ran.stderr[-2000:])
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _faults(backend: str, found: dict[str, Any]) -> Iterator[str]:
    best = min(each["whole"] for each in found["expansion"])
    if best > SECONDS[backend]:
        yield f"rows took {best:.2f} s"
    held = min(each["writing"] for each in found["of_applications"])
    if backend == "sqlite" and held > PATIENCE_SECONDS:
        yield f"others waited {held:.2f} s"
    if found["look"]["ratio_p50"] > BOUND:
        yield f"a look {found['look']['ratio_p50']}"
    if sending := found.get("sending"):
        growth = sending["many"]["peak_mb"] / sending["few"]["peak_mb"]
        if growth > GROWTH:
            yield f"memory {growth:.2f}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.expansion", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--sends", type=int, default=1_000_000, help="at most; 0: none")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--folder", type=Path, default=runs.ROOT / "var")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
