"""`python -m benchmarks.push.single`: how soon a single notice leaves while 100,000 people are told
something; written to `benchmarks/results/push-single-DATE.json`.

One worker as it runs in production has a campaign under way that fills its part of the account's
line; after `--told` of its people it is stopped. Meanwhile another process moves applications on,
as officers do at the console: each move writes its notice and rings. The platform answers after
50 ms. It refuses the chat, for the person has not written of late, so that each notice takes two
places and two calls. Measured is the time from the end of the transaction's block, before its
COMMIT, to the arrival of the second.

Ends with 1 when the median or the worst is more than two seconds, on SQLite or on PostgreSQL, when
a second held more arrivals than the account may send, when a step could not be written within the
database's patience, or when fewer than 100 were measured.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import runs
from benchmarks.progress.__main__ import BACKENDS, databases
from benchmarks.push.__main__ import counted, platform
from benchmarks.push.steps import SINGLE, Site, run_worker, wait_for
from bot.demo.redis_process import RedisProcess
from models.database import Database

BOUND = 2.0
"""Seconds, of the median and of the worst."""
LEAST = 100
"""Notices that were written while the campaign was under way."""
DELAY_MS = 50
_UNEVEN_SECONDS = 0.2
_DICE = random.Random(7)  # noqa: S311 - a draw, no secret


def main() -> int:
    asked = _asked()
    page = runs.described(f"python -m benchmarks.push.single {' '.join(sys.argv[1:])}".strip())
    page["machine"]["load_before"] = round(os.getloadavg()[0], 2)
    page |= {
        "people": asked.people,
        "told": asked.told,
        "sends_per_second": asked.rate,
        "answers_after_ms": DELAY_MS,
    }
    page |= {"bound_seconds": BOUND}
    faults: list[str] = []
    for backend in asked.backends:
        with databases(backend, asked.folder) as (database, _):
            page[backend] = found = measured(
                database, asked.people, min(asked.told, asked.people), asked.notices, asked.rate
            )
        print(_line(backend, found), flush=True)
        faults += [f"{backend}: {each}" for each in faults_of(found, asked.rate)]
    page["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    whole = set(asked.backends) == set(BACKENDS)
    if asked.write:
        name = "push-single" if whole else "-".join(["push-single", *asked.backends])
        print(f"written: {runs.write(name, page).relative_to(runs.ROOT)}")
    for fault in faults:
        print(f"too late: {fault}", file=sys.stderr)
    return 1 if faults else 0


def measured(database: Database, people: int, told: int, notices: int, rate: int) -> dict[str, Any]:
    """Of one database: how long each notice took, and what the campaign did meanwhile."""
    with tempfile.TemporaryDirectory(prefix="single-", dir="/tmp") as name:
        redis = RedisProcess(Path(name) / "redis", Path(name), durable=False)
        try:
            redis.wait()
            with platform(DELAY_MS) as port:
                counted(port)
                site = Site(database, Path(name), redis.url, port, rate)
                site.fill(people, notices)
                try:
                    return _beside(site, port, told)
                finally:
                    site.close()
        finally:
            redis.stop()


def _beside(site: Site, port: int, told: int) -> dict[str, Any]:
    written, waited = dict[str, float](), list[float]()
    with run_worker(site):
        wait_for("the campaign", lambda: site.sent() > 0)
        first = time.monotonic()
        for who, after in zip(site.singles, _spread(len(site.singles), told), strict=True):
            wait_for("the campaign to go on", partial(site.has_sent, after))
            time.sleep(_DICE.uniform(0, _UNEVEN_SECONDS))
            asked = time.monotonic()
            written[who] = site.move_on(who)
            waited.append(written[who] - asked)
        sent, took = site.sent(), time.monotonic() - first
        site.stop()
        wait_for("the calls in flight", lambda: not site.is_calling())
        wait_for("the notices", lambda: len(arrivals(port)) == len(written))
        arrived, counts, all_sent = arrivals(port), counted(port), site.sent()
    if (counts["messages"], counts["doubles"]) != (all_sent + len(written), 0):
        raise RuntimeError(f"{all_sent} and {len(written)} were sent, not {counts}")
    return {
        "notices": len(written),
        "seconds": figures([arrived[who] - at for who, at in written.items()]),
        "seconds_to_write": figures(waited),
        "could_not_write": site.refused,
        "fullest_second": counts["fullest_second"],
        "campaign_sent": sent,
        "campaign_per_second": sent / took,
        "campaign_may_per_second": site.bulk_per_second,
    }


def figures(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th of a hundred and worst."""
    ordered = sorted(seconds)
    return {
        "median": statistics.median(ordered),
        "p95": ordered[math.ceil(len(ordered) * 0.95) - 1],
        "worst": ordered[-1],
    }


def faults_of(found: Mapping[str, Any], rate: int) -> Iterator[str]:
    """Which promise a database did not keep."""
    for name in ("median", "worst"):
        if found["seconds"][name] > BOUND:
            yield f"{name} {found['seconds'][name]:.2f} s"
    if found["fullest_second"] > rate:
        yield f"{found['fullest_second']} in a second, not {rate}"
    if found["could_not_write"]:
        yield f"{found['could_not_write']} times a step could not be written"
    if found["notices"] < LEAST:
        yield f"{found['notices']} notices while the campaign was under way, not {LEAST}"


def arrivals(port: int) -> dict[str, float]:
    """When each single notice came to the platform, by the openid."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/arrivals/{SINGLE}") as answer:
        found: dict[str, float] = json.load(answer)
    return found


def _spread(notices: int, told: int) -> Iterator[int]:
    """After how many of the campaign's messages each notice is written: over all but its end, and
    unevenly, for no rhythm of the worker's may fall together with ours."""
    for n in range(notices):
        yield int(told * 0.97 * (n + _DICE.random()) / notices)


def _line(backend: str, found: Mapping[str, Any]) -> str:
    seconds = ", ".join(f"{name} {value:.3f}" for name, value in found["seconds"].items())
    rates = f"{found['campaign_per_second']:.0f} of {found['campaign_may_per_second']:.0f}"
    wrote = ", ".join(f"{name} {value:.3f}" for name, value in found["seconds_to_write"].items())
    return (
        f"{backend}: {found['notices']} notices left after {seconds} s, written in {wrote} s; the"
        f" campaign sent {rates} a second, the fullest second held {found['fullest_second']}"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.push.single", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--told", type=int, default=60_000, help="of them, while it is measured")
    parser.add_argument("--notices", type=int, default=120, help="of each database")
    parser.add_argument("--rate", type=int, default=1000, help="sends_per_second of the account")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--folder", type=Path, default=runs.ROOT / "var")
    parser.add_argument("--dry", dest="write", action="store_false", help="write nothing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
