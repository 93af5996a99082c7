"""Running Lua scripts on one server with as little around the exchange as redis-py allows.

redis-py's own way to a script passes nine of its layers, each with options nobody set here, and
asks a connection before every use whether it is still good: a third of a turn's processor time.
What a turn needs of all that is a connection nobody else uses, and one repetition.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Sequence
from typing import Any

import redis
from hiredis import pack_command
from redis.exceptions import NoScriptError


class ScriptRedis(redis.Redis):
    """redis-py's client of one server, or of a master behind Sentinel, with scripts of ours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lines = _Lines(self.connection_pool)

    def register_script(self, script: str) -> Script:  # type: ignore[override]
        return Script(self._lines, script)

    def close(self) -> None:
        super().close()
        self._lines.close()


class Script:
    """One script, called by its digest. Raises `RedisError`.

    What is called may be carried out twice: after a lost connection it is sent once more.
    """

    def __init__(self, lines: _Lines, text: str) -> None:
        self._lines, self._text = lines, text
        self._digest = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - Redis' own choice

    def __call__(self, keys: Sequence[str], args: Sequence[Any] = ()) -> Any:
        try:
            return self._lines.call("EVALSHA", self._digest, len(keys), *keys, *args)
        except NoScriptError:  # the server is another one, or has been started anew
            return self._lines.call("EVAL", self._text, len(keys), *keys, *args)


class _Lines:
    """Connections that nobody uses just now, the last used first; one is opened where none is."""

    def __init__(self, pool: Any) -> None:
        self._pool, self._process = pool, os.getpid()
        self._free: deque[Any] = deque()

    def call(self, *words: Any) -> Any:
        connection = self._taken()
        try:
            try:
                return _exchange(connection, words)
            except (redis.ConnectionError, redis.TimeoutError):
                connection.disconnect()
                return _exchange(connection, words)
        finally:
            self._free.append(connection)

    def _taken(self) -> Any:
        if self._process != os.getpid():  # forked: these are our parent's
            self._process, self._free = os.getpid(), deque()
        try:
            return self._free.pop()
        except IndexError:
            return self._pool.connection_class(**self._pool.connection_kwargs)

    def close(self) -> None:
        while self._free:
            self._free.pop().disconnect()


def _exchange(connection: Any, words: tuple[Any, ...]) -> Any:
    if not connection.is_connected:
        connection.connect()  # sending would connect too, but ask no Sentinel where
    connection.send_packed_command((pack_command(words),), check_health=False)
    return connection.read_response(disconnect_on_error=True)
