"""The daily round over the audit: what it says in the log, and the figure for the alarm."""

from __future__ import annotations

import json

import pytest
import redis as redis_py
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.work.audit_round import DAY, KEY, audit_chore, last_audit_round
from models.audit import audit
from tests.bot.site import Site
from tests.models.making import NOW


def note(site: Site, reason: str) -> None:
    with site.parts.database.writing() as records:
        audit(records, actor="a", act="x", subject="s", reason=reason, now=NOW)


def tamper(site: Site, statement: str) -> None:
    with site.parts.database.engine.begin() as connection:
        for table in ("audit_events", "audit_links"):
            connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
        for sentence in statement.split(";"):
            connection.execute(text(sentence))


def test_a_whole_chain_tells_its_head_and_a_broken_one_raises_the_alarm(
    site: Site, redis: redis_py.Redis
) -> None:
    redis.delete(KEY)
    note(site, "as it was")
    chore = audit_chore(site.parts.database, site.parts.redis)
    with capture_logs() as said:
        assert chore.do(NOW) == ""
    assert said[0]["event"] == "audit chain whole" and said[0]["head"].startswith("sha256:")
    assert "shebaoka_audit_broken 0.0" in site.client.get("/metrics").text
    tamper(site, "DELETE FROM audit_links; DELETE FROM audit_events")
    note(site, "as it never was")  # whole in itself, but not what it was
    for day in (1, 2):  # nor is it forgotten the next day
        with capture_logs() as said:
            assert chore.do(NOW + day * DAY)
        assert said[0]["log_level"] == "error"
    assert last_audit_round(site.parts.redis) == (1.0, (NOW + 2 * DAY).timestamp())
    assert "shebaoka_audit_broken 1.0" in site.client.get("/metrics").text
    redis.delete(KEY)


@pytest.mark.parametrize("kept", [None, json.dumps(None)])
def test_before_the_first_round_there_is_no_figure(
    site: Site, redis: redis_py.Redis, kept: str | None
) -> None:
    redis.delete(KEY)
    if kept:
        redis.set(KEY, kept)
    assert last_audit_round(site.parts.redis) is None
