"""Forms: from our own pages only, each once, and too old ones lose nothing of what was typed."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from bot.website import forms
from bot.website.conversation import Conversations
from tests.bot.site import Site
from tests.bot.website.guest import Guest


def said(guest: Guest) -> int:
    """How often the person is shown to have spoken."""
    return guest.get("/apply").count("您：")


def test_a_double_click_and_a_reload_are_one_answer(guest: Guest) -> None:
    once = guest.once()
    for _ in range(3):
        assert (
            guest.send(once=once, word="同意").count("第2步/共6步 身份证") == 2
        )  # bar and message
    assert said(guest) == 1


def test_another_answer_to_the_same_page_is_another_message(guest: Guest) -> None:
    once = guest.once()
    guest.send(once=once, word="孩子")
    guest.send(once=once, word="同意")
    assert said(guest) == 2
    assert "第2步" in guest.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://localhost.elsewhere.example"},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused(guest: Guest, headers: dict[str, str]) -> None:
    once, guest.headers = guest.once(), headers
    assert "从别的网站" in guest.send(once=once, word="同意")
    assert guest.status == 403
    guest.headers = {}
    assert said(guest) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {},
    ],
    ids=str,
)
def test_a_form_of_ours_is_taken_whatever_the_browser_tells(
    guest: Guest, headers: dict[str, str]
) -> None:
    once, guest.headers = guest.once(), headers
    assert "第2步" in guest.send(once=once, word="同意")


@pytest.mark.parametrize("once", ["", "x", "WyJ4Il0.aaaa.bbbb"])
def test_a_form_without_our_signature_changes_nothing(guest: Guest, once: str) -> None:
    guest.send(once=once or " ", text="陈国强")
    assert guest.status == 409
    assert said(guest) == 0


def test_a_form_that_was_given_to_another_browser_changes_nothing(site: Site, guest: Guest) -> None:
    other = Guest(site)
    other.get("/apply")
    other.send(once=guest.once(), word="同意")
    assert other.status == 409
    assert said(other) == 0


def test_a_form_that_is_too_old_keeps_what_was_typed_and_is_sent_by_one_press(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "LIFE_SECONDS", -1)
    shown = guest.send(text="我想问一下 & <b>别的</b>")
    assert guest.status == 409
    assert "我想问一下 & <b>别的</b>" in shown
    monkeypatch.undo()
    assert 'name="text" value="我想问一下 &amp; &lt;b&gt;别的&lt;/b&gt;"' in guest.page
    assert "我想问一下" in guest.send(text="我想问一下 & <b>别的</b>")
    assert guest.status == 200


def test_who_sends_too_many_waits_and_loses_nothing(site: Site, guest: Guest) -> None:
    for _ in range(site.parts.city.limits.visitor.times):
        site.parts.limits.take("visitor", site_visitor(guest))
    shown = guest.send(text="陈国强")
    assert guest.status == 429
    assert "秒再发" in shown
    assert "陈国强" in shown
    assert said(guest) == 0


def site_visitor(guest: Guest) -> str:
    """By what a browser is counted."""
    return sha256(str(guest.cookie()).encode()).hexdigest()[:24]


def test_a_form_lives_long_enough_for_a_pause(site: Site) -> None:
    assert timedelta(hours=1) < timedelta(seconds=forms.LIFE_SECONDS) < timedelta(days=1)


@pytest.mark.parametrize(
    ("path", "back"), [("/account/leave", "/account"), ("/progress/again", "/progress")]
)
def test_a_form_that_held_nothing_leads_back_to_its_page(
    guest: Guest, path: str, back: str
) -> None:
    guest.send(path, once="x")
    assert f'class="button" href="{back}"' in guest.page
    for link in (f"{back}?lang=en", f"{back}?size=large"):
        assert f'href="{link}"' in guest.page
        assert guest.client.get(link).status_code == 200


@pytest.mark.parametrize("path", ["/account/leave", "/progress/ask", "/check"])
def test_a_form_without_end_is_refused(guest: Guest, path: str) -> None:
    answer = guest.client.post(path, data={"once": "x" * 70_000})
    assert (answer.status_code, "太大" in answer.text) == (413, True)


def test_a_browser_without_cookies_is_told_so_and_loses_nothing(site: Site, guest: Guest) -> None:
    stranger = Guest(site)
    assert "Cookie" in stranger.send(once=guest.once(), text="我想问一下")
    assert (stranger.status, "我想问一下" in stranger.text) == (409, True)
    stranger.get("/apply")
    assert "您： 我想问一下" in stranger.send(text="我想问一下")


def test_a_failing_page_says_so_and_logs_nothing_that_was_typed(
    guest: Guest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("陈国强")

    once = guest.once()
    with monkeypatch.context() as patched:
        patched.setattr(Conversations, "say", fails)
        assert "陈国强" in guest.send(once=once, text="陈国强")
    assert (guest.status, "现在连不上" in guest.text) == (500, True)
    printed = capsys.readouterr()
    assert "ValueError" in printed.err
    assert "陈国强" not in printed.out + printed.err
    assert "您： 陈国强" in guest.send(text="陈国强")


def test_an_address_that_takes_another_method_has_a_page_too(guest: Guest) -> None:
    answer = guest.client.get("/account/leave")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    assert "没有这一页" in answer.text
