"""Which Redis calls one calm turn makes: told by MONITOR, where a script's own are marked."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from benchmarks.speed.rounds import OWN_CALLS
from benchmarks.speed.servers import Server

_OWN = {name.partition("|")[0] for name in OWN_CALLS}
_END = "speed-end-of-watch"


class Watch:
    """Counts the calls of all clients between `start` and `stop`, by name."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._monitor: Any = server.redis.monitor()
        self.calls: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._listen)

    def start(self) -> None:
        self._monitor.__enter__()
        self._thread.start()

    def stop(self) -> Counter[str]:
        self._server.redis.echo(_END)
        self._thread.join()
        self._monitor.__exit__(None, None, None)
        return self.calls

    def _listen(self) -> None:
        for told in self._monitor.listen():
            name, _, rest = told["command"].partition(" ")
            if rest == _END:
                return
            if told["client_type"] != "lua" and name.lower() not in _OWN:
                self.calls[name.lower()] += 1
