"""A person walks through everything; afterwards none of their data lie anywhere in the clear.

Every heap of bytes that the service leaves is searched: database files and dumps, Redis and its
append-only file, stored photos, logs at every level, figures. The simulator's own folder is left
out: it plays the platform, which has the chat anyway.
"""

from __future__ import annotations

import io
import logging
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
import structlog
from prometheus_client import generate_latest

from bot.demo.redis_process import RedisProcess, socket_folder
from models import documents
from models.sealing import Keyring
from tests.end_to_end.program import Front, new_key
from tests.privacy.dumps import Everything, files_of, postgres_of, redis_of, sqlite_of
from tests.privacy.needles import found, spellings
from tests.rig import PICTURES, Bot, running, wait_for

DATA = {
    "name": "陈国强",
    "id number": "119999199003070019",
    "birth": "1990-03-07",
    "phone": "13900001234",
    "address on the card": "石桥县柳湾乡",
    "address": "和平路18号",
    "employer": "华云建筑劳务公司",
}
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF"  # how every JPEG of ours begins
MARKS = {
    "records": b"oRig",
    "redis": b"oRig",
    "append-only file": b"oRig",
    "figures": b"shebaoka_",
    "logs": b"sqlalchemy.engine",
    "terminal": b"RuntimeError",
}
"""What each heap holds anyway, so that an empty one does not pass for a clean one."""


@dataclass
class Left:
    """What a walk left behind, by the place."""

    heaps: dict[str, bytes] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


@contextmanager
def listening(stream: io.StringIO) -> Iterator[Everything]:
    """Every library's log at DEBUG, and what goes to the terminal, while it lasts."""
    handler, root = Everything(), logging.getLogger()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.app.set_up_logs", lambda: _log_everything(stream))
        patch.setattr(sys, "stdout", stream)
        patch.setattr(sys, "stderr", stream)
        before = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield handler
        finally:
            root.removeHandler(handler)
            root.setLevel(before)
            structlog.reset_defaults()


def _log_everything(stream: io.StringIO) -> None:
    for name in ("urllib3", "requests", "sqlalchemy", "alembic", "PIL", "redis", "wechatpy"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


@contextmanager
def durable_redis() -> Iterator[tuple[str, Path]]:
    """A Redis that writes its append-only file, and the folder of that file."""
    folder = socket_folder()
    server = RedisProcess(folder / "redis.sock", folder, durable=True)
    try:
        server.wait()
        yield server.url, folder
    finally:
        server.stop()
        shutil.rmtree(folder)


def walk(bot: Bot, patch: pytest.MonkeyPatch) -> list[str]:
    """The card with a handler that fails once, progress asked by a stranger, a call-back at night.

    Returns the texts that show that each of them came through.
    """
    bot.say("你好")
    bot.say("办卡")
    bot.say("同意")
    bot.photo("chen_guoqiang_front")
    bot.photo("chen_guoqiang_back")
    read = _told(bot, "读好了")
    bot.say("1")
    _told(bot, "请发您的手机号")
    bot.say(DATA["phone"])
    bot.say(bot.code())
    bot.place()
    bot.say(f"1 {DATA['employer']}")
    bot.say("1")
    bot.say("1")
    failed = _confirm_in_vain(bot, patch)
    submitted = bot.say("确认")
    stranger = bot.as_user("oRig0000000000000000000000002")
    stranger.say("进度")
    bot.clock.shift(timedelta(minutes=2))
    stranger.say(f"{DATA['name']} {DATA['id number']}")
    progress = stranger.say(bot.code())
    bot.clock.shift(timedelta(hours=12))
    stranger.say("人工")
    noted = stranger.say(f"我是{DATA['name']}，电话{DATA['phone']}，住{DATA['address']}")
    return [read, failed, submitted, progress, noted, in_the_mini_program(bot)]


def in_the_mini_program(bot: Bot) -> str:
    """The same data through the JSON API: as words, as a photo, asked for, and in bad requests."""
    openid, front = "oRig0000000000000000000000003", Front(bot.site)
    codes = f"{bot.simulator.url}/simulator/api/wechat_mini/users/{openid}/codes"
    front.log_in(bot.http.post(codes, json={"sort": "login"}, timeout=10).json()["code"])
    front.click("apply")
    front.say("同意")
    front.upload(PICTURES / "chen_guoqiang_front.jpg")
    front.say("手输")
    said = front.say(f"{DATA['name']} {DATA['id number']}")
    who = {"name": DATA["name"], "id_number": DATA["id number"]}
    front.post("/progress/proof", who)
    for body in ({**who, "phone": DATA["phone"]}, {"text": [DATA["address"]]}, DATA["employer"]):
        for path in ("/turns", "/progress/proof", "/sessions/wechat"):
            answer = front.call("POST", path, json=body, key=new_key())
            assert not found(answer.content, DATA.values()), path
    return said


def _told(bot: Bot, words: str) -> str:
    """The message with these words, which may come after 请稍候."""

    def found() -> str | None:
        texts = [str(m["text"]) for m in bot.history() if m["from"] == "bot"]
        return next((text for text in reversed(texts) if words in text), None)

    return str(wait_for(found, 60.0))


def _confirm_in_vain(bot: Bot, patch: pytest.MonkeyPatch) -> str:
    """确认 while the handler breaks with an exception that quotes everything it knows."""

    def broken(turn: Any, draft: Any) -> Any:
        raise RuntimeError(f"cannot store {draft.answers}")

    with patch.context() as broken_for_now:
        broken_for_now.setattr("handlers.card.submit._store", broken)
        return bot.say("确认")


def left_behind(folder: Path, database_url: str, patch: pytest.MonkeyPatch) -> Left:
    """Walk, then take everything that lies about."""
    left, stream = Left(), io.StringIO()
    with durable_redis() as (redis_url, redis_folder), listening(stream) as logs:
        with running(folder, redis_url, database_url, mini=True) as bot:
            left.said = walk(bot, patch)
            client = redis_py.Redis.from_url(redis_url)
            left.heaps["redis"] = redis_of(client)
            client.close()
            left.heaps["figures"] = generate_latest()
            left.heaps["files"] = files_of(folder)
            left.heaps["records"] = (
                postgres_of(database_url) if database_url else sqlite_of(folder / "records.db")
            )
        left.heaps["append-only file"] = files_of(redis_folder)
        left.heaps["logs"] = logs.heap()
    left.heaps["terminal"] = stream.getvalue().encode()
    return left


def unsealed(patch: pytest.MonkeyPatch) -> None:
    """Sealing does nothing: the same walk, in the clear."""
    head = 44

    class Open:
        generate_key = staticmethod(lambda bit_length: bytes(bit_length // 8))

        def __init__(self, key: bytes) -> None:
            pass

        def encrypt(self, nonce: bytes, plain: bytes, where: bytes) -> bytes:
            return plain

        decrypt = encrypt

    patch.setattr(
        Keyring, "seal", lambda ring, plain, where: ring.newest_prefix + bytes(head) + plain
    )
    patch.setattr(Keyring, "open", lambda ring, blob, where: blob[ring.PREFIX_BYTES + head :])
    patch.setattr(documents, "AESGCM", Open)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """ "" for the embedded database."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


def assert_went_through(left: Left) -> None:
    read, failed, submitted, progress, noted, typed = left.said
    assert "读好了" in read
    assert "抱歉" in failed
    assert "受理号" in submitted
    assert "1/6" in progress
    assert "记下了" in noted
    assert "身份核对通过" in typed or "民族" in typed


@pytest.mark.prints_personal_data(
    "at DEBUG its own client logs the address by which it reads SMS; the service's logs it searches"
)
def test_nothing_personal_lies_in_the_clear(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_behind(tmp_path, database_url, monkeypatch)
    assert_went_through(left)
    for place, heap in left.heaps.items():
        assert found(heap, DATA.values()) == set(), place
        assert PICTURE not in heap, place
    for place, mark in MARKS.items():
        assert mark in left.heaps[place], f"{place} was not looked into"


@pytest.mark.prints_personal_data("nothing is sealed, on purpose")
def test_the_same_search_finds_everything_where_sealing_is_off(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the test above would prove nothing."""
    unsealed(monkeypatch)
    left = left_behind(tmp_path, database_url, monkeypatch)
    assert_went_through(left)
    for datum in DATA.values():
        assert datum in {seen for seen, _ in found(left.heaps["records"], DATA.values())}
    in_redis = {seen for seen, _ in found(left.heaps["redis"], DATA.values())}
    in_file = {seen for seen, _ in found(left.heaps["append-only file"], DATA.values())}
    assert {DATA["name"], DATA["employer"], DATA["address"]} <= in_redis
    assert set(DATA.values()) <= in_file
    assert PICTURE in left.heaps["files"]


@pytest.mark.parametrize("datum", DATA.values(), ids=DATA)
def test_the_search_knows_every_spelling(datum: str) -> None:
    for name, spelled in spellings(datum):
        assert (datum, name) in found(b"..." + spelled + b"...", [datum])
    assert found(b"somebody else altogether", [datum]) == set()
