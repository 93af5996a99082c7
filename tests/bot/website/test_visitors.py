"""Who visits: nobody until they send something, one person however often they click, and no one
any more once they have signed out."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from models.access_tokens import AccessToken
from tests.bot.site import Site
from tests.bot.website.guest import Guest


def tokens(site: Site) -> dict[str, str]:
    """Whom each kept token speaks for, by its hash."""
    with site.parts.database.reading() as records:
        return {each.hash: each.account_key for each in records.scalars(select(AccessToken))}


def conversations(site: Site) -> set[bytes]:
    """What is kept of anybody's on the site; other tests' too."""
    return set(site.parts.redis.keys("*web:site*"))


@pytest.mark.parametrize("path", ["/", "/privacy", "/static/site.css", "/healthz"])
def test_a_page_that_needs_no_cookie_gives_none(site: Site, path: str) -> None:
    with site.client.get(path) as answer:
        assert "Set-Cookie" not in answer.headers


def test_looking_at_a_form_keeps_nothing_of_anybody(site: Site) -> None:
    guest, before = Guest(site), (tokens(site), conversations(site))
    assert "同意" in guest.get("/apply")
    assert guest.cookie()
    assert (tokens(site), conversations(site)) == before


def test_who_sends_something_is_known_by_an_opaque_token(site: Site, guest: Guest) -> None:
    guest.send(word="同意")
    kept, account, token = tokens(site), str(guest.account()), str(guest.cookie())
    assert re.fullmatch(r"web:site:[0-9a-f]{32}", account)
    assert kept[sha256(token.encode()).hexdigest()] == account
    assert token not in kept
    assert account.rpartition(":")[2] not in token
    assert "第2步" in guest.get("/apply")


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(site: Site) -> None:
    given = site.client.get("/apply").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))


def test_under_https_the_cookie_is_bound_to_the_host(tmp_path: Path, redis_url: str) -> None:
    site = Site(tmp_path, redis_url, public_url="https://card.example.gov.cn")
    given = site.client.get("/apply").headers["Set-Cookie"]
    site.close()
    assert given.startswith("__Host-visitor=")
    assert "Secure" in given.split("; ")
    assert "Domain" not in given


def test_two_clicks_at_once_of_a_newcomer_are_one_visitor(site: Site, guest: Guest) -> None:
    before = len(tokens(site))
    once, cookie = guest.once(), guest.cookie()
    assert cookie

    def click(_: int) -> int:
        other = Guest(site)
        other.client.set_cookie("visitor", cookie)
        return other.post(once=once, word="同意").status_code

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(click, range(2))) == [303, 303]
    assert len(tokens(site)) == before + 1
    assert guest.get("/apply").count("您： 同意") == 1


def test_who_comes_back_before_the_days_are_over_is_known_for_as_long_again(
    site: Site, guest: Guest
) -> None:
    guest.send(word="同意")
    days = timedelta(days=site.parts.city.days.draft + 2)
    site.clock.shift(days - timedelta(hours=1))
    guest.get("/apply")
    guest.send(text="手输")
    site.clock.shift(days - timedelta(hours=1))
    assert guest.get("/account").count("这个浏览器里还没有") == 0
    site.clock.shift(timedelta(hours=2))
    assert guest.get("/account").count("这个浏览器里还没有") == 1


def test_who_signed_out_is_a_stranger_and_the_conversation_is_gone(
    site: Site, guest: Guest
) -> None:
    guest.send(word="同意")
    before, account = guest.cookie(), guest.account()
    assert site.parts.transcripts.entries(account)
    guest.get("/account")
    assert "还没有您的东西" in guest.send("/account/leave")
    assert site.parts.transcripts.entries(account) == []
    guest.client.set_cookie("visitor", str(before))
    assert "第1步" in guest.get("/apply")
    assert "您：" not in guest.text


def test_a_token_that_was_signed_out_is_never_anybodys_again(site: Site, guest: Guest) -> None:
    guest.send(word="同意")
    old, once, first = str(guest.cookie()), guest.once(), guest.account()
    guest.get("/account")
    guest.send("/account/leave")
    guest.client.set_cookie("visitor", old)
    guest.send(once=once, word="同意")
    assert guest.cookie() != old
    assert guest.account() != first
