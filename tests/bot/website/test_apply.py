"""The conversation as a page, without scripts: what is shown, what is sent, what a crash leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.sessions import Entry, SessionsAway, Transcripts
from bot.turn import Turns
from bot.turn.visit import Said, Visit
from models.drafts import start_draft
from models.people import bind
from tests.bot.site import Site
from tests.bot.website.guest import Guest
from tests.models.making import make_person, new_id
from tests.rig import PICTURES

NUMBER = "119999199003070019"


def test_the_first_question_stands_there_at_once(guest: Guest) -> None:
    assert "首次办卡不收费" in guest.text
    assert "第1步/共6步 告知" in guest.text
    assert 'value="同意"' in guest.page
    assert "<title>第1步/共6步 告知 · 办社保卡" in guest.page
    assert guest.site.client.get("/apply").headers["Cache-Control"] == "no-store"


def test_the_first_answer_begins_the_form(guest: Guest) -> None:
    assert "您： 同意 小助手： 第2步/共6步 身份证" in guest.send(word="同意")


def test_looking_again_changes_nothing(guest: Guest) -> None:
    guest.send(word="同意")
    before = guest.get("/apply")
    for path in ("/apply", "/account", "/"):
        assert guest.client.head(path).status_code == 200
        guest.get(path)
    assert guest.get("/apply") == before


def test_options_are_buttons_and_a_button_is_the_option(guest: Guest) -> None:
    guest.send(text="菜单")
    guest.send(choice=guest.choice("领卡、激活"))
    assert "您： 领卡、激活" in guest.text
    assert "没太明白" not in guest.text


def test_a_button_of_an_older_question_is_no_answer_to_the_open_one(guest: Guest) -> None:
    guest.send(text="菜单")
    old, once = guest.choice("办卡"), guest.once()
    guest.send(choice=guest.choice("查社保记录"))
    guest.send(text="菜单")
    guest.send(once=once, choice=old)
    assert "第1步/共6步" in guest.text.rsplit("您： 办卡", 1)[1]


@pytest.mark.parametrize("value", ["", "0000000000-1", "x" * 500, "同意"])
def test_a_button_that_nobody_was_shown_says_nothing(guest: Guest, value: str) -> None:
    guest.send(word="同意")
    before = guest.text
    assert guest.send(choice=value) == before


def test_an_id_number_that_was_typed_is_not_shown_again(guest: Guest) -> None:
    guest.send(word="同意")
    guest.send(text="手输")
    shown = guest.send(text=NUMBER)
    assert "119***********0019" in shown
    assert NUMBER not in guest.page


def test_what_was_typed_stays_text(guest: Guest) -> None:
    guest.send(text="<script>alert(1)</script> & “引号”")
    assert "<script>alert" not in guest.page
    assert "<script>alert(1)</script> & “引号”" in guest.text


def test_a_text_without_end_gets_a_clear_answer_and_the_question_stays(guest: Guest) -> None:
    guest.send(word="同意")
    shown = guest.send(text="长" * 1001)
    assert "太长了" in shown
    assert "选一张照片" in shown
    assert "同意" in guest.send(text="好" * 1000)


def test_nothing_sent_is_nothing_said(guest: Guest) -> None:
    before = guest.send(word="同意")
    for fields in ({"text": "   "}, {"photo": b""}, {}):
        assert guest.send(**fields) == before


def test_the_language_of_the_page_is_the_conversations(site: Site) -> None:
    guest = Guest(site)
    assert "Step 1 of 6" in guest.get("/apply?lang=en")
    assert "Step 2 of 6" in guest.send(word="agree")
    guest.send(word="中文")
    assert "第2步/共6步 身份证" in guest.text
    assert '<html lang="zh-CN">' in guest.page
    assert '<div class="bubble bot" lang="en"' in guest.page
    guest.send(text="english")
    assert '<html lang="en">' in guest.page


def test_somebody_elses_conversation_is_not_shown(site: Site, guest: Guest) -> None:
    guest.send(word="同意")
    other = Guest(site)
    assert "第2步" not in other.get("/apply")
    other.client.set_cookie("visitor", "A" * 43)
    assert "第2步" not in other.get("/apply")


# --- pictures and what comes late ----------------------------------------------------------------


def test_a_picture_is_shown_to_its_own_visitor_for_ten_minutes(site: Site, guest: Guest) -> None:
    guest.send(word="同意")
    picture = (PICTURES / "portrait_chen_guoqiang.jpg").read_bytes()
    site.parts.channels["web"].send_picture(guest.account(), picture, "f" * 32, 1.0)
    guest.get("/apply")
    assert 'src="/apply/picture/' in guest.page
    shown = guest.client.get(f"/apply/picture/{'f' * 32}")
    assert (shown.data, shown.headers["Cache-Control"]) == (picture, "no-store")
    other = Guest(site)
    other.get("/apply")
    other.send(word="同意")
    for somebody in (other, Guest(site)):
        assert somebody.client.get(f"/apply/picture/{'f' * 32}").status_code == 404


def test_what_comes_later_is_in_the_conversation(site: Site, guest: Guest) -> None:
    guest.send(word="同意")
    site.parts.channels["web"].send(guest.account(), Reply("您的卡到网点了。"), "n" * 32, 1.0)
    assert guest.get("/apply").count("您的卡到网点了。") == 1


def test_while_an_answer_is_to_come_the_page_asks_again_by_itself(
    site: Site, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.send(word="同意")
    late = Reply("正在处理，请稍候。", locale="zh_CN", pending=True)
    with monkeypatch.context() as patched:
        patched.setattr(Turns, "answer", lambda self, update: Said("deferred", late))
        guest.send(text="我想问一下")
    assert '<noscript><meta http-equiv="refresh"' in guest.page
    assert 'role="status"' in guest.page
    site.parts.channels["web"].send(guest.account(), Reply("来了。"), "n" * 32, 1.0)
    assert "来了。" in guest.get("/apply")
    assert "refresh" not in guest.page


# --- crashes -------------------------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


def dies(*_: object, **__: object) -> Any:
    raise Crash


def test_what_was_written_down_but_not_taken_is_taken_by_the_next_look(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.send(word="同意")
    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(Turns, "answer", dies)
        guest.send(text="手输")
    assert "您： 手输 小助手： 好，咱们打字。" in guest.get("/apply")


def test_what_was_taken_but_not_written_down_is_answered_once(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.send(word="同意")
    real = Transcripts.add

    def dies_with_the_answer(self: Transcripts, key: AccountKey, entry: Entry) -> bool:
        return dies() if entry.by == "bot" else real(self, key, entry)

    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(Transcripts, "add", dies_with_the_answer)
        guest.send(text="手输")
    for _ in range(2):
        assert guest.get("/apply").count("好，咱们打字。") == 1
    assert "没太明白" not in guest.text


def test_a_crash_of_long_ago_repeats_nothing(
    site: Site, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn has forgotten the update by then: it would be handled as a new one."""
    guest.send(word="同意")
    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(Turns, "answer", dies)
        guest.send(text="手输")
    site.clock.shift(timedelta(hours=24))
    assert "好，咱们打字。" not in guest.get("/apply")


@pytest.mark.parametrize("where", ["entries", "answer"])
def test_without_redis_the_page_says_so_and_nothing_typed_is_lost_or_said_twice(
    guest: Guest, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def away(*_: object, **__: object) -> Any:
        raise SessionsAway

    guest.send(word="同意")
    once = guest.once()
    with monkeypatch.context() as patched:
        if where == "entries":
            patched.setattr(Transcripts, "entries", away)
        else:
            patched.setattr(Visit, "run", away)
        assert "我想问一下" in guest.send(once=once, text="我想问一下")
        assert (guest.status, "现在连不上" in guest.text) == (503, True)
    guest.send(text="我想问一下")
    assert guest.text.count("您： 我想问一下") == 1
    assert "抱歉" not in guest.text


def test_a_preview_keeps_nothing_and_is_nobodys(site: Site) -> None:
    nobody = AccountKey("web", "site", "nobody")
    asked = Update("preview", nobody, Kind.CLICK, site.clock(), key="apply")
    shown = site.parts.turns.preview(asked, "en")
    assert shown and shown.locale == "en"
    assert site.parts.redis.keys("*site:nobody*") == []


def test_who_began_in_wechat_is_asked_at_once_whether_to_go_on(site: Site, guest: Guest) -> None:
    """Known by the progress page; the first press answers what was shown before anything was."""
    guest.get("/progress")
    guest.send("/progress/ask", number="YZ2611230731")
    now = site.clock()
    with site.parts.database.writing() as records:
        person = make_person(records)
        for key in ("wechat:wx1:oBeganThere", str(guest.account())):
            bind(records, key, person.id, now)
        start_draft(
            records, draft_id=new_id(), account="wechat:wx1:oBeganThere", form="card",
            expires_at=now + timedelta(days=30), now=now,
        )  # fmt: skip
    assert "您在微信里填到第1步" in guest.get("/apply")
    guest.post(choice=guest.choice("重新填"))
    assert "您： 重新填 小助手： 好的。备好身份证" in guest.get("/apply")
