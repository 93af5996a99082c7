"""A pool of threads that send by wechatpy, as its users write it, and records in SQLite."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from wechatpy import WeChatClient

_AT_ONCE = 200  # rows of one transaction: far cheaper for it than one by one


class Records:
    """A table of deliveries, and a thread that writes what became of them, many at once."""

    def __init__(self, path: Path, people: int) -> None:
        self._path, self._ends = path, queue.SimpleQueue[tuple[str, int] | None]()
        with sqlite3.connect(path) as records:
            records.execute("PRAGMA journal_mode = WAL")
            records.execute("CREATE TABLE deliveries (id INTEGER PRIMARY KEY, sent_as TEXT)")
            records.executemany(
                "INSERT INTO deliveries (id) VALUES (?)", ((n,) for n in range(people))
            )
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Records:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.put(None)
        self._thread.join()

    def sent(self, number: int, sent_as: str) -> None:
        self._ends.put((sent_as, number))

    def count(self) -> int:
        """How many are recorded as sent."""
        with sqlite3.connect(self._path) as records:
            found = "SELECT count(*) FROM deliveries WHERE sent_as IS NOT NULL"
            return int(records.execute(found).fetchone()[0])

    def _write(self) -> None:
        records = sqlite3.connect(self._path)
        records.execute("PRAGMA synchronous = FULL")  # as ours
        while (first := self._ends.get()) is not None:
            some = [first]
            while len(some) < _AT_ONCE and not self._ends.empty():
                if (more := self._ends.get()) is None:
                    self._ends.put(None)
                    break
                some.append(more)
            with records:
                records.executemany("UPDATE deliveries SET sent_as = ? WHERE id = ?", some)
        records.close()


def client(port: int, app: str) -> Any:
    """wechatpy's own, at the bench's platform."""

    class Client(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = f"http://127.0.0.1:{port}/cgi-bin/"

        def fetch_access_token(self) -> Any:
            return self._fetch_access_token(f"{self.API_BASE_URL}token", {})

    return Client(app, "secret")


def send_all(
    made: Callable[[], Any],
    messages: Iterable[tuple[int, str, str, dict[str, str], str]],
    records: Records,
    threads: int,
) -> None:
    """Send (number, openid, template, values, url) by threads. `made`: a thread's client."""
    waiting, lock = iter(messages), threading.Lock()

    def work() -> None:
        mine = made()
        while True:
            with lock:
                message = next(waiting, None)
            if message is None:
                return
            number, who, template, values, url = message
            data = {field: {"value": value} for field, value in values.items()}
            told = mine.message.send_template(who, template, data, url)
            assert told["errcode"] == 0, told
            records.sent(number, str(told["msgid"]))

    pool = [threading.Thread(target=work) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
