"""A peer: WeRoBot with its Redis session, its own web application and its own encryption."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import redis
from werobot import WeRoBot
from werobot.session.redisstorage import RedisStorage

from benchmarks.speed.rigs.talk import answer


def make(threads: int) -> Callable[..., Any]:
    robot = WeRoBot(
        token=os.environ["RIG_TOKEN"],
        encoding_aes_key=os.environ["RIG_AES_KEY"],
        app_id=os.environ["RIG_APP_ID"],
        enable_session=True,
        session_storage=RedisStorage(redis.Redis.from_url(os.environ["RIG_REDIS_URL"])),
    )

    @robot.text  # type: ignore[untyped-decorator]
    def receive(message: Any, session: dict[str, Any]) -> str:
        said, _ = answer(session, message.content)
        return said

    application: Callable[..., Any] = robot.wsgi
    return application
