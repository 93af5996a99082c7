"""Logging in and out: who somebody is the platform says, and a token holds until it is let go."""

from __future__ import annotations

from datetime import timedelta

import requests

from tests.bot.api.service import Service
from tests.end_to_end.program import Front
from tests.rig import MINI

TYPES = "urn:problem-type:shebaoka:"


def refused(answer: requests.Response, status: int, name: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["type"], body["status"]) == (f"{TYPES}{name}", status)
    assert body["title"] and body["detail"]


def test_a_code_of_wechat_gives_a_token_of_the_account_that_wechat_names(service: Service) -> None:
    front = service.front("oSignedIn00000000000000000001")
    assert front.get("/me")["channel"] == "mini_wechat"
    (held,) = [t for t in service.tokens() if "oSignedIn" in t.account_key]
    assert held.account_key == f"mini_wechat:{MINI['app_id']}:oSignedIn00000000000000000001"
    assert front.token not in held.hash


def test_a_code_is_good_once(service: Service) -> None:
    code = service.code("oOnce000000000000000000000001")
    Front(service.bot.site).log_in(code)
    again = Front(service.bot.site).call("POST", "/sessions/wechat", json={"code": code})
    refused(again, 403, "login-refused")


def test_an_openid_that_a_client_names_is_refused(service: Service) -> None:
    body = {"code": service.code("oA"), "openid": "oSomebodyElse"}
    refused(Front(service.bot.site).call("POST", "/sessions/wechat", json=body), 422, "malformed")


def test_a_platform_that_is_not_served_has_no_login(service: Service) -> None:
    body = {"auth_code": "65e8"}
    refused(Front(service.bot.site).call("POST", "/sessions/alipay", json=body), 404, "not-found")


def test_without_a_token_that_holds_nothing_is_answered(service: Service) -> None:
    nobody = Front(service.bot.site)
    answer = nobody.call("GET", "/me")
    refused(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    for token in ("x", "a" * 43, "ä" * 43, "'; --"):
        header = {"Authorization": f"Bearer {token}".encode()}
        refused(nobody.call("GET", "/me", headers=header), 401, "not-signed-in")


def test_a_token_in_the_address_or_a_cookie_is_none(service: Service) -> None:
    token, nobody = service.front().token, Front(service.bot.site)
    for where in (f"/me?access_token={token}", f"/me?token={token}"):
        refused(nobody.call("GET", where), 401, "not-signed-in")
    for name in ("token", "session", "__Host-session", "visitor"):
        refused(nobody.call("GET", "/me", cookies={name: token}), 401, "not-signed-in")


def test_logging_out_ends_this_token_and_no_other(service: Service) -> None:
    one, other = service.front("oTwice"), service.front("oTwice")
    assert one.call("DELETE", "/session").status_code == 204
    refused(one.call("GET", "/me"), 401, "not-signed-in")
    assert other.get("/me")


def test_logging_out_everywhere_ends_every_token_of_the_account(service: Service) -> None:
    one, other, stranger = service.front("oAll"), service.front("oAll"), service.front()
    assert one.call("DELETE", "/sessions").status_code == 204
    for front in (one, other):
        refused(front.call("GET", "/me"), 401, "not-signed-in")
    assert stranger.get("/me")


def test_a_token_holds_for_the_days_of_the_city(service: Service) -> None:
    front = service.front()
    service.bot.clock.shift(timedelta(days=29))
    assert front.get("/me")
    service.bot.clock.shift(timedelta(days=2))
    refused(front.call("GET", "/me"), 401, "not-signed-in")


def test_a_web_visitors_token_is_none_of_the_api(service: Service) -> None:
    from models.access_tokens import issue_token

    with service.bot.database.writing() as records:
        token = issue_token(
            records,
            account=f"mini_wechat:{MINI['app_id']}:oWeb",
            use="web",
            now=service.bot.clock(),
            life=timedelta(days=1),
        )
    refused(Front(service.bot.site, token).call("GET", "/me"), 401, "not-signed-in")


def test_other_sites_pages_are_given_nothing(service: Service) -> None:
    front = service.front()
    for method in ("OPTIONS", "GET"):
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
        answer = front.call(method, "/me", headers=headers)
        assert not [h for h in answer.headers if h.lower().startswith("access-control-allow")]
        assert "Set-Cookie" not in answer.headers
    assert front.call("GET", "/me").headers["Cache-Control"] == "no-store"


def test_a_platform_that_is_away_is_said_to_be(service: Service) -> None:
    code = service.code("oAway")
    service.bot.faults(wechat_mini={"error": "http_500"})
    try:
        answer = Front(service.bot.site).call("POST", "/sessions/wechat", json={"code": code})
    finally:
        service.bot.faults()
    refused(answer, 503, "platform-away")
    assert int(answer.headers["Retry-After"]) > 0
