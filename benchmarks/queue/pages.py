"""`python -m benchmarks.queue.pages`: the supervisors' list as a whole page and a reviewer's *Next*
as a whole request, who is signed in and all, among 1,000 and among 100,000 open applications in
turn; written to `benchmarks/results/queue-pages-DATE.json`. Ends with 1 when one costs more than
twice as much."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import runs
from benchmarks.progress.measuring import BOUND
from benchmarks.queue.__main__ import Ways, measure, too_dear
from benchmarks.queue.filling import fill_queue
from bot.demo.redis_process import RedisProcess, socket_folder
from models.database import Database
from models.staff import Role
from tests.bot.console.staffed import Staffed

SAMPLES = 60


class Pages:
    """One queue, and somebody of each duty before it. Seconds of each page."""

    def __init__(self, staffed: Staffed, district: str) -> None:
        self._chief = staffed.desk(Role.SUPERVISOR)
        self._officer = staffed.desk(Role.REVIEWER, districts=(district,))
        self._form = {"csrf_token": self._officer.csrf_token()}
        self._case = self._officer.post("/review/next").location
        self.ways: Ways = {
            "the list": lambda: self._list("/queue"),
            "the list of a lane": lambda: self._list("/queue?lane=difficult"),
            "what is overdue": lambda: self._list(f"/queue?overdue=1&district={district}"),
            "give back, and next": self._next,
        }

    def _list(self, path: str) -> float:
        began = time.perf_counter()
        assert self._chief.get(path).status_code == 200
        return time.perf_counter() - began

    def _next(self) -> float:
        """Giving back what one has leads on to the next."""
        began = time.perf_counter()
        answer = self._officer.client.post(f"{self._case}/release", data=self._form)
        taken = time.perf_counter() - began
        self._case = answer.location
        return taken


def main() -> int:
    asked = _asked()
    page: dict[str, Any] = runs.described(
        f"python -m benchmarks.queue.pages {' '.join(sys.argv[1:])}"
    )
    page |= {"few": asked.few, "many": asked.many, "bound": BOUND}
    with ExitStack() as stack:
        few, many = (stack.enter_context(_pages(count)) for count in (asked.few, asked.many))
        page["sqlite"] = ways = measure(few.ways, many.ways, asked.samples)
    for way, told in ways.items():
        print(f"{way}: p50 ×{told['ratio_p50']}, p95 ×{told['ratio_p95']}")
    print(f"written: {runs.write('queue-pages', page).relative_to(runs.ROOT)}")
    dear = too_dear(ways)
    print(*(f"too dear: {each}" for each in dear), sep="\n", file=sys.stderr)
    return 1 if dear else 0


@contextmanager
def _pages(count: int) -> Iterator[Pages]:
    folder = socket_folder()
    redis = RedisProcess(folder / "redis.sock", folder, durable=False)
    redis.wait()
    with tempfile.TemporaryDirectory(dir=runs.ROOT / "var") as data:
        staffed = Staffed(Path(data), redis.url)
        try:
            url = staffed.parts.database.url.render_as_string(hide_password=False)
            fill_queue(Database(url, patient=True), staffed.parts.keys, count)
            yield Pages(staffed, staffed.parts.city.districts[0].code)
        finally:
            staffed.close()
            redis.stop()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queue.pages")
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
