"""The ceiling: our codec and the turn's two scripts in a plain Flask view that repeats what was
said. Nothing is sealed, routed, logged or counted; no turn of ours can be faster than this."""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, request

from bot.channels.wechat.codec import WeChatCodec
from bot.redis_client import connect_redis
from bot.sessions import store
from bot.turn.taking import LEASE_MS

_SESSION = b"a session as large as that of a form half filled" * 8
_DAY_MS = int(timedelta(days=1).total_seconds() * 1000)


def make(threads: int) -> Flask:
    app = Flask("bare", static_folder=None)
    codec = WeChatCodec(
        os.environ["RIG_TOKEN"],
        os.environ["RIG_APP_ID"],
        clock=lambda: datetime.now(UTC),
        aes_key=os.environ["RIG_AES_KEY"],
    )
    turn = _Turn(connect_redis(os.environ["RIG_REDIS_URL"]))

    @app.post("/wechat")
    def receive() -> Response:
        inbound = codec.open(request.get_data(cache=False), dict(request.args))
        fields: Any = inbound.fields
        turn.take(fields["FromUserName"], fields["MsgId"], fields["Content"].encode())
        answer = codec.render(inbound, fields["Content"])
        return Response(answer, mimetype=inbound.media_type)

    return app


class _Turn:
    """`begin` and `commit` as `Sessions` calls them for a message that nobody else waits with."""

    def __init__(self, client: Any) -> None:
        self._begin = store._script(client, "begin")
        self._commit = store._script(client, "commit")

    def take(self, person: str, message: str, said: bytes) -> None:
        tag, owner = f"{{wechat:bare:{person}}}", uuid.uuid4().hex
        keys, stored = store._person(tag), f"{tag}:r:{message}"
        asked = [message, said, owner, LEASE_MS, 200, "q", 32 * _DAY_MS, *self._opening()]
        begun = self._begin(keys=[*keys, stored, f"{tag}:f"], args=asked)
        told = [owner, message, _SESSION, said, 0, message, 0, 0, LEASE_MS, 32 * _DAY_MS, _DAY_MS]
        told.append("")  # nothing was parked
        ended = self._commit(keys=[*keys, stored, stored], args=told)
        if (begun[0], ended[0]) != (b"run", b"done"):
            raise RuntimeError("the scripts say otherwise")

    @staticmethod
    def _opening() -> tuple[str, int, int]:
        """Five messages within two days, as for every message of a person."""
        return "message", 5, int(time.time() * 1000) + 2 * _DAY_MS
