"""`python -m benchmarks.progress`: what a question costs among 10,000 and among 1,000,000 stored
applications, on SQLite and on PostgreSQL; written to `benchmarks/results/progress-DATE.json`
(with the name of the one database where only one is asked).

Ends with 1 when it costs more than twice as much. Needs about 6 GB of disk.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import runs
from benchmarks.progress.asking import Asking
from benchmarks.progress.filling import Filled, fill
from benchmarks.progress.measuring import BOUND, measure, too_dear
from benchmarks.soak.servers import Postgres
from models.database import Database
from models.sealing import Keyring

BACKENDS = ("sqlite", "postgresql")
KEYS = Keyring([(1, b"d" * 32)], b"i" * 32)  # of a trial: nothing in it is anybody's
NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
WARM = 40


def main() -> int:
    asked = _asked()
    page = runs.described(f"python -m benchmarks.progress {' '.join(sys.argv[1:])}".strip())
    page |= {"few": asked.few, "many": asked.many, "bound": BOUND}
    faults: list[str] = []
    for backend in asked.backends:
        page[backend] = found = _measured(backend, asked)
        faults += [f"{backend}, {fault}" for fault in too_dear(found["ways"])]  # type: ignore[arg-type]
    whole = set(asked.backends) == set(BACKENDS)
    name = "progress" if whole else "-".join(["progress", *asked.backends])
    print(f"written: {runs.write(name, page).relative_to(runs.ROOT)}")
    for fault in faults:
        print(f"too dear: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _measured(backend: str, asked: argparse.Namespace) -> dict[str, object]:
    with databases(backend, asked.folder) as (small, large):
        few, many = (
            _filled(backend, database, count)
            for database, count in ((small, asked.few), (large, asked.many))
        )
        began = time.monotonic()
        ways = measure(few, many, Asking(KEYS, NOW), asked.samples, WARM)
        seconds = round(time.monotonic() - began)
        for way, told in ways.items():
            print(f"{backend} {way}: p50 ×{told['ratio_p50']}, p95 ×{told['ratio_p95']}")
        return {"seconds": seconds, "ways": ways}


def _filled(backend: str, database: Database, count: int) -> Filled:
    began = time.monotonic()
    database.upgrade()
    filled = fill(database, KEYS, count, asked=500)
    print(f"{backend}: {count} applications stored in {time.monotonic() - began:.0f} s", flush=True)
    return filled


@contextmanager
def databases(backend: str, folder: Path) -> Iterator[tuple[Database, Database]]:
    """Two empty ones, with production's care for what is committed."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pg-" if backend != "sqlite" else "fill-",
                                     dir="/tmp" if backend != "sqlite" else folder) as name:  # noqa: S108  # fmt: skip
        if backend == "sqlite":
            urls = [f"sqlite:///{Path(name) / f'{size}.db'}" for size in ("few", "many")]
            yield from _opened(urls)
            return
        server = Postgres(Path(name))
        try:
            for size in ("few", "many"):
                server.execute(f"CREATE DATABASE {size}")
            yield from _opened([server.url(size) for size in ("few", "many")])
        finally:
            server.stop()


def _opened(urls: list[str]) -> Iterator[tuple[Database, Database]]:
    few, many = (Database(url) for url in urls)
    try:
        yield few, many
    finally:
        few.dispose()
        many.dispose()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.progress")
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--folder", type=Path, default=runs.ROOT / "var")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
