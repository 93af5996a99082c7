"""A peer: wechatpy in Flask, the conversation as JSON in Redis, an INSERT at the end.

As many are written: no lease, no order, no protection against a message that comes twice.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import uuid

import redis
from flask import Flask, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply

from benchmarks.speed.rigs.talk import answer


class Registrations:
    """A SQLite table with the durability that ours has, one connection a thread."""

    def __init__(self, path: str) -> None:
        self._path, self._local = path, threading.local()
        self._connection().execute(
            "CREATE TABLE IF NOT EXISTS registrations"
            " (id TEXT PRIMARY KEY, user TEXT NOT NULL, answers TEXT NOT NULL)"
        )

    def add(self, user: str, answers: dict[str, str]) -> None:
        row = (uuid.uuid4().hex, user, json.dumps(answers, ensure_ascii=False))
        self._connection().execute("INSERT INTO registrations VALUES (?, ?, ?)", row)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(self._path, timeout=2, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            self._local.connection = connection
        found: sqlite3.Connection = self._local.connection
        return found


def make(threads: int) -> Flask:
    app = Flask("by_hand", static_folder=None)
    crypto = WeChatCrypto(
        os.environ["RIG_TOKEN"], os.environ["RIG_AES_KEY"], os.environ["RIG_APP_ID"]
    )
    client = redis.Redis.from_url(os.environ["RIG_REDIS_URL"])
    registrations = Registrations(os.environ["RIG_DATABASE"])

    @app.post("/wechat")
    def receive() -> str:
        nonce, stamp = request.args["nonce"], request.args["timestamp"]
        signature = request.args["msg_signature"]
        message = parse_message(crypto.decrypt_message(request.get_data(), signature, stamp, nonce))
        key = f"session:{message.source}"
        session = json.loads(client.get(key) or "{}")
        said, answers = answer(session, message.content)
        if answers is not None:
            registrations.add(message.source, answers)
        client.set(key, json.dumps(session, ensure_ascii=False))
        reply: str = crypto.encrypt_message(create_reply(said, message).render(), nonce, stamp)
        return reply

    return app
