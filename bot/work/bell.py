"""Waking a lane of another process: a message that names the lane and carries nothing else.

All work is rows of SQL, found by a look each second in any case. So a ring may be lost, doubled or
heard by all, and Redis' publish and subscribe is enough (docs/decisions: a bell, not a queue).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError

CHANNEL = "shebaoka:bell"
_LISTEN_SECONDS = 0.25
_PAUSE_SECONDS = 0.5  # before subscribing again

log = structlog.get_logger(__name__)


class RedisClient(Protocol):
    def publish(self, channel: str, message: str) -> Any: ...
    def pubsub(self, **options: Any) -> Any: ...


class Bell:
    """Rings a lane's workers, wherever they run."""

    def __init__(self, redis_client: RedisClient) -> None:
        self._client = redis_client

    def ring(self, lane: str) -> None:
        """Wake the lane. Never raises: the lane looks by itself within a second."""
        try:
            self._client.publish(CHANNEL, lane)
        except RedisError as error:
            log.warning("bell not rung", lane=lane, fault=type(error).__name__)


class Listener:
    """A thread that hears the bell and calls `heard(lane)`."""

    def __init__(self, redis_client: RedisClient, heard: Callable[[str], None]) -> None:
        self._client = redis_client
        self._heard = heard
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bell", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until the bell can be heard."""
        return self._listening.wait(seconds)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except RedisError as error:
                log.warning("bell out of hearing", fault=type(error).__name__)
                self._listening.clear()
                self._stopping.wait(_PAUSE_SECONDS)

    def _listen(self) -> None:
        with self._client.pubsub() as subscription:
            subscription.subscribe(CHANNEL)
            while not self._stopping.is_set():
                message = subscription.get_message(timeout=_LISTEN_SECONDS)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._listening.set()
                elif message["type"] == "message":
                    self._heard(message["data"].decode())
