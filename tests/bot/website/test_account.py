"""我的: whose the browser is, which accounts are the same person's, and the ways out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.access_tokens import account_of_token, issue_token
from models.drafts import start_draft
from models.people import Account, bind, find_account, person_of
from models.push.messages import Message
from tests.bot.site import Site
from tests.bot.website.guest import Guest
from tests.models.making import make_application, make_person, new_id
from tests.models.push.person import got, make_campaign

WECHAT = "wechat:wx1:oAccountPage"
MINI = "mini_wechat:wx2:oAccountPage"


@pytest.fixture
def bound(site: Site, guest: Guest) -> Guest:
    """Somebody whose browser and WeChat are bound to the same person."""
    guest.send(word="同意")
    now = site.clock()
    with site.parts.database.writing() as records:
        person = make_person(records)
        for key in (WECHAT, MINI, str(guest.account())):
            bind(records, key, person.id, now)
    guest.get("/account")
    return guest


def row(site: Site, key: str) -> Account:
    with site.parts.database.reading() as records:
        found = find_account(records, key)
        assert found
        records.expunge_all()
    return found


def test_a_stranger_sees_nothing_and_gets_no_cookie(site: Site) -> None:
    page = site.client.get("/account")
    assert "还没有您的东西" in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"


def test_who_is_bound_to_nobody_sees_what_they_began(guest: Guest) -> None:
    guest.send(word="同意")
    assert "还没有绑定到您本人" in guest.get("/account")
    assert "办卡申请，11月23日在浏览器开始，留到12月23日。" in guest.text
    assert 'href="/apply"' in guest.page


def test_what_was_sent_to_the_person_is_shown_by_its_wording(site: Site, bound: Guest) -> None:
    assert "天没有发给您的消息" in bound.text
    with site.parts.database.writing() as records:
        tail = Message(chat={"zh_CN": "尾号{tail}的卡到了。", "en": "Card {tail} has arrived."})
        got(records, make_campaign(records, tail), WECHAT, at=site.clock())
    assert "聊天消息：尾号…的卡到了。" in bound.get("/account")
    assert "Card … has arrived." in bound.get("/account?lang=en")


def test_the_person_is_shown_masked_with_their_accounts(bound: Guest) -> None:
    assert "陈*强，身份证号 119***********0019" in bound.text
    assert "微信 11月23日起" in bound.text
    assert "这个浏览器 11月23日起" in bound.text
    assert "陈国强" not in bound.page
    assert "oAccountPage" not in bound.page


def test_an_account_of_the_same_person_is_unbound_by_a_press(site: Site, bound: Guest) -> None:
    bound.send("/account/unbind", account=row(site, WECHAT).id)
    assert "微信 11月23日起" not in bound.text
    assert row(site, WECHAT).person_id is None
    assert row(site, str(bound.account())).person_id is not None


def test_this_browser_is_unbound_by_a_press(site: Site, bound: Guest) -> None:
    assert "还没有绑定到您本人" in bound.send("/account/unbind", account="")
    assert row(site, str(bound.account())).person_id is None
    assert row(site, WECHAT).person_id is not None


def test_nobody_unbinds_what_is_somebody_elses(site: Site, bound: Guest, guest: Guest) -> None:
    other = Guest(site)
    other.get("/apply")
    other.send(word="同意")
    other.get("/account")
    other.send("/account/unbind", account=row(site, WECHAT).id)
    for _ in range(2):
        with site.parts.database.reading() as records:
            assert person_of(records, WECHAT) is not None
        other.send("/account/unbind", account=row(site, MINI).id)


def test_a_form_begun_elsewhere_is_named_with_its_place(site: Site, bound: Guest) -> None:
    now = site.clock()
    with site.parts.database.writing() as records:
        start_draft(
            records, draft_id=new_id(), account=WECHAT, form="card",
            expires_at=now + timedelta(days=30), now=now,
        )  # fmt: skip
    assert "在微信开始" in bound.get("/account")


def test_what_was_handed_in_is_a_line_with_its_progress(site: Site, bound: Guest) -> None:
    with site.parts.database.writing() as records:
        make_application(records, make_person(records), account=str(bound.account()))
    assert "进度1/6，已提交" in bound.get("/account")


def test_signing_out_everywhere_ends_every_token_of_the_person(site: Site, bound: Guest) -> None:
    now = site.clock()
    with site.parts.database.writing() as records:
        mini = issue_token(records, account=MINI, use="api", now=now, life=timedelta(days=1))
        other = issue_token(
            records, account="web:site:other", use="web", now=now, life=timedelta(days=1)
        )
    assert "还没有您的东西" in bound.send("/account/leave", everywhere="yes")
    with site.parts.database.reading() as records:
        assert account_of_token(records, mini, "api", now) is None
        assert account_of_token(records, other, "web", now) is not None


def test_a_no_to_pushes_in_words_is_kept(site: Site, guest: Guest) -> None:
    guest.send(word="同意")
    assert "以后不再给您群发消息" in guest.send(text="退订")
    assert row(site, str(guest.account())).stopped_at is not None
