"""Alive, ready, figures: true when they say so, and false as soon as something is away."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis as redis_py

from bot.assembly import Assembly
from bot.push.gauges import Telling
from models.push.campaigns import Campaign
from models.push.counts import add_counts
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


def test_what_becomes_of_campaigns_is_told_by_road_and_reason(
    site: Site, redis: redis_py.Redis
) -> None:
    with site.parts.database.writing() as records:
        row = Campaign(
            name="停机公告",
            kind="message",
            purpose="announcement",
            stage="running",
            message={},
            audience={},
            expires_at=datetime(2026, 12, 1, tzinfo=UTC),
            from_hour=0,
            until_hour=0,
            written_by="staff:1",
            written_at=datetime(2026, 11, 23, tzinfo=UTC),
        )
        records.add(row)
        records.flush()
        left = {("left", "wechat:chat", f"window {code}"): 2 for code in (45015, 45047)}
        add_counts(records, row.id, Counter({("sent", "wechat:template", ""): 7, **left}))
    telling = Telling(redis, "one")
    telling.tell(telling.figures(3))
    figures = site.client.get("/metrics").text
    assert 'shebaoka_push_campaigns{stage="running"} 1.0' in figures
    assert 'shebaoka_push_deliveries{reason="",road="wechat:template",what="sent"} 7.0' in figures
    assert 'shebaoka_push_deliveries{reason="window",road="wechat:chat",what="left"} 4.0' in figures
    assert 'shebaoka_push_now{what="in_flight"} 3.0' in figures
    assert "停机" not in figures
