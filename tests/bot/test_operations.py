"""Alive, ready, figures: true when they say so, and false as soon as something is away."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis as redis_py

from bot.assembly import Assembly
from tests.bot.site import Site


def test_alive_needs_nothing_at_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("redis", "database", "texts", "city"):
        monkeypatch.delitem(site.parts.__dict__, part, raising=False)
        monkeypatch.setattr(
            Assembly, part, property(lambda parts: pytest.fail("it touched a part"))
        )
    answer = site.client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_ready_where_everything_answers(site: Site) -> None:
    answer = site.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "database": "ok",
        "redis": "ok",
        "eviction": "ok",
        "persistence": "warning",
    }


def test_not_ready_without_redis(tmp_path: Path) -> None:
    site = Site(tmp_path, "redis://127.0.0.1:1")
    answer = site.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "redis": "fault"}
    assert site.client.get("/healthz").status_code == 200
    site.close()


def test_not_ready_without_the_database(site: Site, tmp_path: Path) -> None:
    site.parts.database.dispose()
    (tmp_path / "records.db").unlink()
    answer = site.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "fault"


def test_not_ready_before_the_migrations(site: Site) -> None:
    site.parts.database.downgrade("base")
    assert site.client.get("/readyz").status_code == 503


def test_not_ready_with_a_redis_that_forgets(site: Site, redis: redis_py.Redis) -> None:
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        answer = site.client.get("/readyz")
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["eviction"] == "fault"


def test_a_redis_that_writes_its_file_needs_no_warning(site: Site, redis: redis_py.Redis) -> None:
    redis.config_set("appendonly", "yes")
    try:
        answer = site.client.get("/readyz")
    finally:
        redis.config_set("appendonly", "no")
    assert answer.json is not None
    assert answer.json["persistence"] == "ok"


def test_what_was_refused_is_counted_without_a_name(site: Site) -> None:
    site.client.post("/wechat?signature=x&timestamp=1&nonce=oNobody", data=b"<xml/>")
    figures = site.client.get("/metrics")
    assert figures.status_code == 200
    assert "shebaoka_wechat_refused_total{" in figures.text
    assert "oNobody" not in figures.text
