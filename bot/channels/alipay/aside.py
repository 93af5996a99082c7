"""What is said although a turn could not be: beside the request, which must not call anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.dialogue.messages import AccountKey, Reply

_THREADS, _MOST = 2, 100

log = structlog.get_logger(__name__)


class Aside:
    """Sends by a few threads of its own. What is too much at once is dropped: it is an apology, of
    which there are many when the platform is slow and Redis away."""

    def __init__(self, send: Callable[[AccountKey, Reply], None]) -> None:
        self._send = send
        self._room = threading.BoundedSemaphore(_MOST)
        self._threads = ThreadPoolExecutor(_THREADS, "alipay-aside")

    def __call__(self, account: AccountKey, reply: Reply) -> None:
        if not self._room.acquire(blocking=False):
            log.warning("apology dropped")
            return
        self._threads.submit(self._sent, account, reply)

    def _sent(self, account: AccountKey, reply: Reply) -> None:
        try:
            self._send(account, reply)
        except Exception as fault:
            log.error("apology not sent", fault=type(fault).__name__)
        finally:
            self._room.release()
