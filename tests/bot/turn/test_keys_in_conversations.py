"""A data key is not retired while a conversation in Redis is sealed under it."""

from datetime import UTC, datetime

import redis as redis_py

from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.sessions import Run, Sessions
from bot.sessions.rotation import versions_in_conversations
from models.sealing import Keyring

ACCOUNT = AccountKey("wechat", "wx1", "o1")
OLD = Keyring([(1, b"1" * 32)], b"i" * 32)
BOTH = Keyring([(2, b"2" * 32), (1, b"1" * 32)], b"i" * 32)


def _talk(redis: redis_py.Redis, keys: Keyring, update_id: str) -> None:
    """One update taken and answered."""
    sessions = Sessions(redis, keys)
    update = Update(update_id, ACCOUNT, Kind.TEXT, datetime.now(UTC), text="办卡")
    run = sessions.begin(update, sessions.sealed(update), "owner", lease_ms=1000)
    assert isinstance(run, Run)
    sessions.commit("owner", run.head, b"{}", Reply("好"), lease_ms=1000)


def test_values_are_counted_by_the_key_that_seals_them(redis: redis_py.Redis) -> None:
    _talk(redis, OLD, "m-1")
    assert versions_in_conversations(redis) == {1: 2}  # the session and the stored reply


def test_the_next_message_moves_the_conversation_to_the_new_key(redis: redis_py.Redis) -> None:
    _talk(redis, OLD, "m-1")
    _talk(redis, BOTH, "m-2")
    assert versions_in_conversations(redis) == {1: 1, 2: 2}  # the old reply lives a day


def test_what_waits_in_the_queue_and_in_the_mailbox_is_counted(redis: redis_py.Redis) -> None:
    sessions = Sessions(redis, OLD)
    update = Update("m-1", ACCOUNT, Kind.TEXT, datetime.now(UTC), text="办卡")
    run = sessions.begin(update, sessions.sealed(update), "owner", lease_ms=1000)
    assert isinstance(run, Run)
    assert versions_in_conversations(redis) == {1: 1}  # the queued update
    sessions.give_up(ACCOUNT, "m-1")
    sessions.commit("owner", run.head, b"{}", Reply("好"), lease_ms=1000)
    assert versions_in_conversations(redis) == {1: 2}  # the session and the letter
