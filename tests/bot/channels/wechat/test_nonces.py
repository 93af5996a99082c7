"""Replays in plain mode, remembered by a real Redis."""

from __future__ import annotations

import pytest
from redis import Redis

from bot.channels.wechat.nonces import RedisNonces


@pytest.fixture
def nonces(redis: Redis) -> RedisNonces:
    return RedisNonces(redis, "wx0123456789abcdef")


def test_the_first_body_is_admitted_and_so_is_its_repeat(nonces: RedisNonces) -> None:
    assert nonces.admits("stamp", "body", 60)
    assert nonces.admits("stamp", "body", 60)


def test_another_body_with_the_same_stamp_is_not(nonces: RedisNonces) -> None:
    assert nonces.admits("stamp", "body", 60)
    assert not nonces.admits("stamp", "forged", 60)
    assert nonces.admits("stamp", "body", 60), "and does not take the first one's place"


def test_other_stamps_and_other_accounts_are_apart(nonces: RedisNonces, redis: Redis) -> None:
    assert nonces.admits("stamp", "body", 60)
    assert nonces.admits("stamp-2", "other", 60)
    assert RedisNonces(redis, "wx-another").admits("stamp", "other", 60)


def test_a_stamp_is_forgotten_when_it_is_stale(nonces: RedisNonces, redis: Redis) -> None:
    nonces.admits("stamp", "body", 60)
    (key,) = redis.keys("*")
    assert 0 < redis.ttl(key) <= 60
