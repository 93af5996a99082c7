"""`python -m benchmarks.queue`: a page of the list, *Next* and whatever else is asked of the queue,
among 1,000 and among 100,000 open applications in turn, on SQLite and PostgreSQL; written to
`benchmarks/results/queue-DATE.json`. Ends with 1 when something costs more than twice as much."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import runs
from benchmarks.progress.__main__ import BACKENDS, KEYS, databases
from benchmarks.progress.measuring import BOUND, compared
from benchmarks.queue.asking import Asking
from benchmarks.queue.console import asked as asked_for
from benchmarks.queue.console import console
from benchmarks.queue.filling import fill_queue
from config.city import load_city
from models.database import Database

WARM = 20


def main() -> int:
    asked = _asked()
    page: dict[str, Any] = runs.described(f"python -m benchmarks.queue {' '.join(sys.argv[1:])}")
    page |= {"few": asked.few, "many": asked.many, "bound": BOUND}
    for backend in asked.backends:
        with databases(backend, asked.folder) as (small, large):
            few, many = _queue(small, asked.few), _queue(large, asked.many)
            with console(_url(small)) as short, console(_url(large)) as long:
                few["the page in the console"] = partial(asked_for, short)
                many["the page in the console"] = partial(asked_for, long)
                page[backend] = ways = measure(few, many, asked.samples)
        for way, told in ways.items():
            print(f"{backend} {way}: p50 ×{told['ratio_p50']}, p95 ×{told['ratio_p95']}")
    print(f"written: {runs.write('queue', page).relative_to(runs.ROOT)}")
    dear = [f"{b} {way}" for b in asked.backends for way in too_dear(page[b])]
    print(*(f"too dear: {each}" for each in dear), sep="\n", file=sys.stderr)
    return 1 if dear else 0


Ways = dict[str, Callable[[], float]]


def measure(few: Ways, many: Ways, samples: int) -> dict[str, dict[str, Any]]:
    """Milliseconds of each way, few and many in turn, so that both meet the same moments."""
    found: dict[str, dict[str, Any]] = {}
    for way in few:
        times: dict[str, list[float]] = {"few": [], "many": []}
        for number in range(samples + WARM):
            order = (("few", few), ("many", many))
            for name, ways in order if number % 2 else reversed(order):
                times[name].append(ways[way]())
        found[way] = compared({name: each[WARM:] for name, each in times.items()})
    return found


def too_dear(ways: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Ways whose median costs more than the bound among many. The p95 of a millisecond's question
    is the machine's, not the queue's: it is told, and judged by nobody."""
    return [way for way, told in ways.items() if told["ratio_p50"] > BOUND]


def _queue(database: Database, count: int) -> Ways:
    database.upgrade()
    fill_queue(Database(_url(database), patient=True), KEYS, count)
    return dict(Asking(database, KEYS, load_city()).ways)


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue")
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--folder", type=Path, default=runs.ROOT / "var")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
