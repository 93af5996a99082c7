"""What the API answers when something that it stands on is away, or fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from bot.api.app import api_app
from bot.api.doors import Doors
from bot.mini_programs import doors_of
from bot.turn import Said
from models.access_tokens import issue_token
from tests.bot.site import Site
from tests.rig import MINI
from tests.rig_alipay import alipay_settings

SETTINGS = {f"wechat_mini_{name}": value for name, value in MINI.items()}
SECRET = "陈国强 119999199003070019"
KEY = {"Idempotency-Key": "k" * 20}


@pytest.fixture
def site(tmp_path: Path, redis: object, redis_url: str) -> Iterator[Site]:
    made = Site(tmp_path, redis_url, **SETTINGS)
    yield made
    made.close()


def bearer(site: Site) -> dict[str, str]:
    account = f"mini_wechat:{MINI['app_id']}:oAway"
    with site.parts.database.writing() as records:
        life = timedelta(days=1)
        token = issue_token(records, account=account, use="api", now=site.clock(), life=life)
    return {"Authorization": f"Bearer {token}"}


def with_other(site: Site, **doors: Any) -> FlaskClient:
    """The API over other doors."""
    given: Doors = replace(doors_of(site.parts), **doors)
    return api_app(given).test_client()


def is_problem(answer: Any, status: int, name: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"].endswith(f":{name}")
    assert (status != 503) or int(answer.headers["Retry-After"]) > 0


def test_without_redis_nothing_is_answered_and_nothing_is_changed(tmp_path: Path) -> None:
    site = Site(tmp_path, "redis://127.0.0.1:1", **SETTINGS)
    try:
        for method, path in (("get", "/me"), ("get", "/messages"), ("post", "/turns")):
            answer = getattr(site.client, method)(f"/api/v1{path}", headers=bearer(site))
            is_problem(answer, 503, "away")
    finally:
        site.close()


def test_without_the_records_nobody_is_taken_for_signed_out(site: Site) -> None:
    headers = bearer(site)
    with site.parts.database.writing() as records:
        records.execute(text("ALTER TABLE access_tokens RENAME TO access_tokens_away"))
    is_problem(site.client.get("/api/v1/me", headers=headers), 503, "away")
    with site.parts.database.writing() as records:
        records.execute(text("ALTER TABLE access_tokens_away RENAME TO access_tokens"))
    assert site.client.get("/api/v1/me", headers=headers).status_code == 200


@pytest.mark.parametrize(("end", "name"), [("full", "too-many-waiting"), ("away", "away")])
def test_what_was_not_taken_can_be_sent_again_under_the_same_key(
    site: Site, end: Any, name: str
) -> None:
    headers = {**bearer(site), **KEY}
    client = with_other(site, answer=lambda update: Said(end))
    is_problem(client.post("/turns", json={"text": "你好"}, headers=headers), 503, name)
    again = with_other(site).post("/turns", json={"text": "你好"}, headers=headers)
    assert again.status_code == 200
    assert "办卡" in again.text


def test_a_fault_of_ours_tells_and_logs_nothing_of_the_person(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(update: object) -> Said:
        raise RuntimeError(SECRET)

    headers = {**bearer(site), **KEY}
    client = with_other(site, answer=fails)
    answer = client.post("/turns", json={"text": SECRET}, headers=headers)
    is_problem(answer, 500, "fault")
    logged = capsys.readouterr()
    for told in (answer.text, logged.out, logged.err):
        assert "陈国强" not in told and "119999199003070019" not in told
    assert "RuntimeError" in logged.out + logged.err


def test_an_address_that_there_is_not_and_a_way_that_there_is_not_are_problems(site: Site) -> None:
    is_problem(site.client.get("/api/v1/nothing"), 404, "not-found")
    answer = site.client.put("/api/v1/turns")
    is_problem(answer, 405, "method")
    assert "POST" in answer.headers["Allow"]


def test_the_apis_hooks_are_on_nothing_else(site: Site) -> None:
    home = site.client.get("/")
    assert home.status_code == 200
    assert site.client.get("/api").status_code == 404
    assert "json" not in (home.content_type or "")
    assert site.client.post("/wechat").status_code == 403


def test_a_mini_program_of_alipay_needs_no_life_account(
    tmp_path: Path, redis: object, redis_url: str
) -> None:
    both = alipay_settings("http://127.0.0.1:1", mini=True)
    alone = {name: value for name, value in both.items() if "_mini_" in name}
    site = Site(tmp_path, redis_url, **alone, alipay_gateway="http://127.0.0.1:1/gateway.do")
    try:
        assert set(site.parts.channels) == {"wechat", "web", "mini_alipay"}
        answer = site.client.post("/api/v1/sessions/alipay", json={"auth_code": "x"})
        is_problem(answer, 503, "platform-away")
        answer = site.client.post("/api/v1/sessions/wechat", json={"code": "x"})
        is_problem(answer, 404, "not-found")
    finally:
        site.close()
