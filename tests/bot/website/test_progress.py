"""`/progress` as a browser without scripts sees it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.dialogue.messages import AccountKey, Kind, Update
from bot.website.qr import qr_svg
from config.city import SHIPPED
from models.access_tokens import account_of_token
from models.application_states import State
from models.people import Account
from tests.bot.site import Site
from tests.bot.website.visit import NAME, NUMBER, PHONE, Visit, codes, handed_in, put
from tests.models.making import make_application, make_person


@pytest.fixture
def site(fresh_site: Site) -> Site:
    """Each test has records of its own."""
    return fresh_site


def asked(visit: Visit, **fields: str) -> Visit:
    visit.get("/progress")
    visit.send("/progress/ask", **fields)
    return visit


def shown(site: Site, number: str) -> Visit:
    """A browser that has proven to be the person's."""
    visit = asked(Visit(site), number=number)
    visit.send("/progress/code", code=codes(site)[-1])
    return visit


def bound(site: Site) -> int:
    with site.parts.database.reading() as records:
        return len(records.scalars(select(Account).where(Account.person_id.is_not(None))).all())


@pytest.mark.parametrize("by", ["number", "person"])
def test_number_or_person_then_a_code_then_the_time_line(site: Site, by: str) -> None:
    application = handed_in(site)
    put(site, application, state=State.IN_PRODUCTION)
    person = {"name": NAME, "id_number": NUMBER}
    visit = asked(Visit(site), **(person if by == "person" else {"number": application.number}))
    assert "若与申请一致" in visit.text
    assert NAME not in visit.page
    visit.send("/progress/code", code=codes(site)[0])
    text = visit.text
    assert "陈*强的社保卡" in text
    assert "进度4/6" in text
    assert 'aria-current="step"' in visit.page
    assert "12月21日" in text
    branch = site.parts.city.branches[0]
    assert all(part in text for part in (branch.name, branch.address, branch.hours, branch.phone))
    assert (NAME in visit.page, NUMBER in visit.page, PHONE in visit.page) == (False,) * 3


def test_the_address_carries_nothing_and_nobody_keeps_the_page(site: Site) -> None:
    application = handed_in(site)
    visit = Visit(site)
    visit.get("/progress")
    visit.only_send("/progress/ask", number=application.number)
    assert (visit.status, visit.location) == (303, "/progress#answer")
    visit.get("/progress")
    visit.only_send("/progress/code", code=codes(site)[0])
    assert (visit.status, visit.location) == (303, "/progress#answer")
    visit.get("/progress")
    assert visit.answered["Cache-Control"] == "no-store"


def test_whoever_asks_for_nobody_sees_the_same_page(site: Site) -> None:
    handed_in(site)
    known = asked(Visit(site), name=NAME, id_number=NUMBER)
    nobody = asked(Visit(site), name="李小梅", id_number=NUMBER)
    assert len(codes(site)) == 1
    assert known.text == nobody.text
    known.send("/progress/code", code="000000")
    nobody.send("/progress/code", code="000000")
    assert known.text == nobody.text


def test_a_code_of_one_browser_opens_nothing_in_another(site: Site) -> None:
    application = handed_in(site)
    asked(Visit(site), number=application.number)
    thief = asked(Visit(site), number="YZ261123000000")
    thief.send("/progress/code", code=codes(site)[0])
    assert "验证码不对" in thief.text
    assert "进度" not in thief.text.replace("查进度", "").replace("看进度", "")


def test_what_was_typed_wrong_is_still_there(site: Site) -> None:
    visit = asked(Visit(site), name=NAME, id_number="11999919900307001")
    assert 'value="11999919900307001"' in visit.page
    assert f'value="{NAME}"' in visit.page
    assert 'id="answer"' in visit.page


def test_a_double_click_sends_one_code(site: Site) -> None:
    application = handed_in(site)
    visit = Visit(site)
    visit.get("/progress")
    once = visit.once()
    visit.only_send("/progress/ask", once, number=application.number)
    visit.only_send("/progress/ask", once, number=application.number)
    assert len(codes(site)) == 1


def test_a_code_sent_twice_still_shows_the_time_line(site: Site) -> None:
    application = handed_in(site)
    visit = asked(Visit(site), number=application.number)
    once, code = visit.once(), codes(site)[0]
    visit.only_send("/progress/code", once, code=code)
    visit.only_send("/progress/code", once, code=code)
    assert "进度1/6" in visit.get("/progress")


def test_a_remembered_browser_sees_it_at_once_and_a_fresh_one_does_not(site: Site) -> None:
    visit = shown(site, handed_in(site).number)
    assert bound(site) == 0
    visit.send("/progress/remember")
    assert "记住了" in visit.text
    assert bound(site) == 1
    site.clock.shift(timedelta(days=3))
    assert "进度1/6" in visit.get("/progress")
    assert "进度1/6" not in Visit(site).get("/progress")


def test_without_being_remembered_it_is_gone_when_a_code_would_be(site: Site) -> None:
    visit = shown(site, handed_in(site).number)
    assert "进度1/6" in visit.get("/progress")
    site.clock.shift(timedelta(minutes=site.parts.city.days.code_minutes))
    assert "进度1/6" not in visit.get("/progress")
    visit.send("/progress/remember")
    assert bound(site) == 0


def test_of_several_each_is_named_by_mask_and_number(site: Site) -> None:
    visit = shown(site, handed_in(site).number)
    visit.send("/progress/remember")
    with site.parts.database.writing() as records:
        account = records.scalar(select(Account).where(Account.channel == "web"))
        assert account
        mother = make_person(records, name="李桂英", id_number="119999199208190022", phone=None)
        answers = {"name": "李桂英", "phone": PHONE}
        make_application(records, mother, account=account.key, answers=answers)
    visit.get("/progress")
    assert "陈*强的社保卡" in visit.text
    assert "李*英的社保卡" in visit.text
    assert visit.page.count("<summary><h2") == 2


def test_a_missed_promise_and_an_ended_application_are_said(site: Site) -> None:
    application = handed_in(site)
    visit = shown(site, application.number)
    site.clock.shift(timedelta(days=20))
    visit = shown(site, application.number)
    assert "已经过了说好的日子，抱歉" in visit.text
    put(site, application, state=State.CANCELLED)
    visit.get("/progress")
    assert "已经撤销" in visit.text
    assert 'aria-current="step"' not in visit.page


def test_signing_out_forgets_what_the_page_showed(site: Site) -> None:
    visit = shown(site, handed_in(site).number)
    cookie = visit.client.get_cookie("visitor")
    assert cookie is not None
    with site.parts.database.reading() as records:
        now = site.clock()
        account = account_of_token(records, cookie.value, "web", now)
    user = str(account).rpartition(":")[2]
    assert site.parts.redis.keys(f"*web:progress:{user}*")
    visit.get("/account")
    visit.send("/account/leave")
    assert not site.parts.redis.keys(f"*web:progress:{user}*")
    visit.client.set_cookie("visitor", cookie.value)
    assert "进度1/6" not in visit.get("/progress")


def test_what_was_typed_and_answered_lies_sealed_for_a_day_at_most(site: Site) -> None:
    visit = asked(Visit(site), name=NAME, id_number="11999919900307001")
    assert "11999919900307001" in visit.page
    redis, day = site.parts.redis, 24 * 3600
    keys = [key for key in redis.keys("*web:progress:*") if redis.type(key) == b"list"]
    assert keys
    for key in keys:
        assert 0 < redis.ttl(key) <= day
        held = b"".join(redis.lrange(key, 0, -1))
        assert NAME.encode() not in held
        assert b"11999919900307001" not in held


def test_the_page_and_the_chat_tell_the_same_stage(site: Site) -> None:
    application = handed_in(site)
    put(site, application, state=State.IN_PRODUCTION)
    visit = shown(site, application.number)
    elsewhere = AccountKey.parse("wechat:wx1:oElsewhere")
    update = Update("same-stage", elsewhere, Kind.TEXT, site.clock(), text="进度")
    reply = site.parts.turns.take(update)
    assert reply is not None
    headline, *_, detail = reply.text.splitlines()
    assert headline.rstrip("：") in visit.text
    assert "预计12月21日前" in detail
    assert detail in visit.text


def test_starting_again_shows_the_first_question(site: Site) -> None:
    visit = asked(Visit(site), number=handed_in(site).number)
    visit.send("/progress/again")
    assert 'name="number"' in visit.page
    assert 'name="code"' not in visit.page


def test_in_english_the_page_and_the_message_are_english(site: Site) -> None:
    application = handed_in(site)
    visit = Visit(site)
    visit.get("/progress?lang=en")
    visit.send("/progress/ask", number=application.number)
    assert "a code is on its way" in visit.text
    visit.send("/progress/code", code=codes(site)[0])
    assert "progress 1/6" in visit.text
    assert not any(
        "\u4e00" <= c <= "\u9fff" for c in visit.text.replace("中文", "").replace("陈*强", "")
    )


def test_a_look_without_a_form_keeps_nothing_and_needs_no_record(site: Site) -> None:
    visit = Visit(site)
    visit.get("/progress")
    with site.parts.database.reading() as records:
        assert records.scalars(select(Account)).all() == []
    assert visit.client.head("/progress").status_code == 200


def test_a_form_that_does_not_exist_is_not_found(site: Site) -> None:
    visit = Visit(site)
    visit.get("/progress")
    visit.only_send("/progress/everything")
    assert visit.status == 404


def test_a_code_of_the_city_opens_the_chat(folder: Path, redis_url: str) -> None:
    profile = folder / "city.toml"
    written = SHIPPED.read_text("utf-8")
    code = "http://weixin.qq.com/r/AAAA"
    profile.write_text(written.replace('wechat_code = ""', f'wechat_code = "{code}"'), "utf-8")
    site = Site(folder, redis_url, city=profile)
    visit = shown(site, handed_in(site).number)
    assert 'src="/qr/wechat.svg"' in visit.page
    assert "/qr/alipay.svg" not in visit.page
    assert "搜生活号" in visit.text
    assert visit.client.get("/qr/wechat.svg").data == qr_svg(code)
    site.close()
