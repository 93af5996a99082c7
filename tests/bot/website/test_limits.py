"""Rate limits at the site: forms are counted, pages and webhooks are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.city import SHIPPED
from tests.bot.site import Site
from tests.bot.website.visit import Visit

STRICT = """[limits]
visitor = { times = 4, seconds = 600 }
address = { times = 6, seconds = 600 }
code = { times = 2, seconds = 600 }
"""


@pytest.fixture
def strict(folder: Path, redis_url: str, redis: Any) -> Iterator[Site]:
    """A site of a city that counts strictly."""
    for key in redis.scan_iter("*shebaoka:limit*"):
        redis.delete(key)
    profile = folder / "city.toml"
    written = re.sub(r"(?ms)^\[limits\].*?(?=^# ---)", STRICT, SHIPPED.read_text("utf-8"))
    profile.write_text(written, "utf-8")
    site = Site(folder, redis_url, city=profile)
    yield site
    site.close()


def sent(visit: Visit, times: int, path: str = "/check", **fields: str) -> list[int]:
    visit.get(path.replace("/ask", ""))
    once, statuses = visit.once(), []
    for number in range(times):
        visit.only_send(path, once, text=f"消息{number}", **fields)
        statuses.append(visit.status)
    return statuses


def test_one_browser_is_refused_and_told_the_wait_and_loses_nothing(strict: Site) -> None:
    visit = Visit(strict)
    assert sent(visit, 5) == [303, 303, 303, 303, 429]
    assert re.search(r"等\d+秒", visit.text)
    assert 'value="消息4"' in visit.page
    assert 0 < int(visit.answered["Retry-After"]) <= 600
    other = Visit(strict, address="192.0.2.9")
    assert sent(other, 1) == [303]


def test_new_browsers_at_one_address_are_counted_together(strict: Site) -> None:
    statuses = [sent(Visit(strict), 1)[0] for _ in range(8)]
    assert statuses == [303] * 6 + [429] * 2
    assert sent(Visit(strict, address="192.0.2.9"), 1) == [303]


def test_codes_are_counted_by_address_apart_from_other_forms(strict: Site) -> None:
    visits = [Visit(strict) for _ in range(4)]
    asked = [sent(v, 1, "/progress/ask", number="YZ26112300001")[0] for v in visits]
    assert asked == [303, 303, 429, 429]
    assert sent(Visit(strict), 1) == [303]


def test_pages_are_never_counted(strict: Site) -> None:
    visit = Visit(strict)
    sent(visit, 6)
    assert [bool(visit.get("/progress")) and visit.status for _ in range(20)] == [200] * 20


def test_webhooks_are_never_counted(strict: Site, redis: Any) -> None:
    before = set(redis.scan_iter("*shebaoka:limit*"))
    for _ in range(20):
        assert strict.client.post("/wechat?signature=x", data=b"<xml/>").status_code == 403
    assert set(redis.scan_iter("*shebaoka:limit*")) == before


def test_a_header_of_the_clients_own_changes_nothing(strict: Site) -> None:
    visit = Visit(strict)
    visit.get("/check")
    statuses = []
    for number in range(8):
        fresh = strict.app.test_client()
        page = fresh.get("/check").get_data(as_text=True)
        visit.page = page
        answer = fresh.post(
            "/check", data={"once": visit.once(), "text": "x"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
            environ_base={"REMOTE_ADDR": "192.0.2.77"},
        )  # fmt: skip
        statuses.append(answer.status_code)
    assert statuses == [303] * 6 + [429] * 2


def test_without_redis_a_form_is_refused_and_kept_and_a_page_is_shown(folder: Path) -> None:
    site = Site(folder, "redis://127.0.0.1:9")
    visit = Visit(site)
    visit.get("/check")
    visit.only_send("/check", text="这条是你们的吗")
    assert visit.status == 503
    assert "这条是你们的吗" in visit.page
    site.close()
