"""Reports of so many pushes over the whole site, as WeChat pushes them: sealed, signed, at once.

Usage: python -m benchmarks.receipts [REPORTS] [CONNECTIONS] [PROCESSES]
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import func, insert, select

from benchmarks.speed.load import Load
from benchmarks.speed.pushes import Platform, Secrets, status_and_body
from benchmarks.speed.servers import OURS, Place, our_environment, serving
from bot.demo.redis_process import RedisProcess, socket_folder
from bot.redis_client import connect_redis
from bot.sessions import Receipts
from bot.work.desk import Tools
from bot.work.receipts import ReceiptsLane
from models.database import Database
from models.people import Account
from models.push.deliveries import Delivery

REPORTS, CONNECTIONS, PROCESSES = 3000, 16, 1
FIRST_ID = 10_000


class Reporting(Platform):
    """Pushes that tell of a template message, by its number."""

    def _message(self, person: str, said: str, seconds: str) -> bytes:
        return (
            f"<xml><ToUserName><![CDATA[gh_speed]]></ToUserName>"
            f"<FromUserName><![CDATA[{person}]]></FromUserName><CreateTime>{seconds}</CreateTime>"
            f"<MsgType><![CDATA[event]]></MsgType>"
            f"<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
            f"<MsgID>{said}</MsgID><Status><![CDATA[success]]></Status></xml>"
        ).encode()


@contextmanager
def place() -> Iterator[Place]:
    """A folder and a Redis that keeps what it is given, as the demo's does."""
    folder, sockets = Path(tempfile.mkdtemp(prefix="receipts-")), socket_folder()
    redis = RedisProcess(sockets / "redis.sock", sockets, durable=True)
    try:
        redis.wait()
        (folder / OURS.name).mkdir()
        yield Place(folder, redis.url, Secrets.drawn())
    finally:
        redis.stop()
        shutil.rmtree(folder)
        shutil.rmtree(sockets)


def pushed(database: Database, app: str, count: int) -> None:
    """So many people who were sent a push."""
    now = datetime.now(UTC)
    usual = {"channel": "wechat", "app": app, "user_kind": "openid", "locale": "zh_CN"}
    people = [
        {**usual, "id": f"{n:032x}", "user": f"o{n}", "key": f"wechat:{app}:o{n}",
         "recipient": n, "followed": True, "subscription_credits": {}, "created_at": now}
        for n in range(count)
    ]  # fmt: skip
    sent = [
        {"campaign_id": 1, "recipient": n, "state": "sent", "road": "wechat:template",
         "sent_as": str(FIRST_ID + n)}
        for n in range(count)
    ]  # fmt: skip
    with database.writing() as records:
        records.execute(insert(Account), people)
        records.execute(insert(Delivery), sent)


def load(place: Place, environment: Mapping[str, str], count: int, lines: int, web: int) -> Load:
    """All reports, one after the other on each of so many connections."""
    platform = Reporting(place.account)
    with serving(OURS, place, environment, workers=web) as server:
        requests = [platform.request(f"o{n}", str(FIRST_ID + n)) for n in range(count)]
        run = Load(server.port, requests, count, lines, 0.0)
        run.run()
        run.close()
    assert all(status_and_body(answer)[0] == 200 for answer in run.answers)
    return run


def placed(database: Database, redis_url: str) -> float:
    """Seconds that a worker's lane takes for all that is in line."""
    tools = cast(Tools, _Tools(database))
    lane = ReceiptsLane(tools, Receipts(connect_redis(redis_url)))
    began = time.perf_counter()
    while work := lane.claim():
        work()
    return time.perf_counter() - began


class _Tools:
    """What the lane needs of a worker."""

    def __init__(self, database: Database) -> None:
        self.database, self.sources = database, self

    def clock(self) -> datetime:
        return datetime.now(UTC)


def main(arguments: list[str]) -> None:
    usual = (REPORTS, CONNECTIONS, PROCESSES)
    count, lines, web = (*map(int, arguments), *usual[len(arguments) :])
    with place() as here:
        environment: Mapping[str, str] = our_environment(OURS, here)
        database = Database(environment["SHEBAOKA_DATABASE_URL"])
        database.upgrade()
        pushed(database, here.account.app_id, count)
        run = load(here, environment, count, lines, web)
        seconds = placed(database, here.redis_database(OURS.database))
        with database.reading() as records:
            found = records.scalar(select(func.count()).where(Delivery.receipt == "delivered"))
        database.dispose()
    assert found == count, "every report is in the records"
    told: dict[str, Any] = {
        "reports": count,
        "taken_per_second": round(count / run.seconds),
        "median_ms": round(1000 * statistics.median(run.latencies), 1),
        "placed_per_second": round(count / seconds),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
