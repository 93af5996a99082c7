"""What the life account of Alipay tells: progress, and where an application is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.dialogue.messages import AccountKey, Link, Reply
from bot.ports import Manner
from config.city import City
from models.database import Database
from tests.end_to_end.transcript import load, written
from tests.handlers.applied import applied_in_wechat, played
from tests.handlers.chat import PHONE, Chat, city

FILE = Path(__file__).parents[1] / "transcripts" / "progress_alipay.txt"
PAGE = "alipays://platformapi/startapp?appId=2021000000000002&page=pages/notices"


def that_asks(page: str = PAGE) -> City:
    """A city whose mini program asks for leave to send."""
    alipay = replace(city().alipay, mini_templates={"progress": "T1"}, subscribe_page=page)
    return replace(city(), alipay=alipay)


def in_alipay(database: Database, *, at: datetime | None = None, of: City | None = None) -> Chat:
    """Somebody at the life account, where no form is filled in."""
    chat = Chat(database, city=of or that_asks(), at=at)
    user = chat.account.user.removeprefix("oChat").rjust(16, "0")
    chat.account = AccountKey("alipay", "2021000000000001", user)
    chat.manner = Manner(texts="alipay", applies=False, subscribes="alipay")
    return chat


def told(chat: Chat, said: str) -> str:
    """The answer, links marked as a transcript marks them."""
    answer = chat.says(said)
    links = chat.last.links if isinstance(chat.last, Reply) else ()
    for link in links:
        answer = answer.replace(link.label, f"{link.label}（链接）")
    return answer


def at(chat: Chat) -> Callable[[datetime], None]:
    """Sets the chat's clock."""

    def set_clock(now: datetime) -> None:
        chat.now = now

    return set_clock


def test_progress_goes_as_written(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("tests.handlers.chat.CODE", "530274")
    transcript = load(FILE)
    chat = in_alipay(sqlite_database, at=transcript.clock)
    application = applied_in_wechat(sqlite_database, chat.city)
    answers = played(
        transcript, sqlite_database, application, at(chat), lambda said: [told(chat, said)]
    )
    if request.config.getoption("--refresh-transcripts"):
        FILE.write_text(written(transcript, answers), "utf-8")
        return
    assert answers == [expected for _, expected in transcript.exchanges()]
    assert transcript.counted() == 3


def test_without_a_page_that_can_ask_nothing_is_offered(sqlite_database: Database) -> None:
    chat = in_alipay(sqlite_database, of=that_asks(page=""))
    applied_in_wechat(sqlite_database, chat.city)
    chat.says("进度", "陈国强 119999199003070019", "482915")
    assert "记住了" in chat.says("1")
    assert "订阅" not in chat.says("进度")


def test_what_was_remembered_is_forgotten_by_a_word(sqlite_database: Database) -> None:
    chat = in_alipay(sqlite_database)
    applied_in_wechat(sqlite_database, chat.city)
    chat.says("进度", "陈国强 119999199003070019", "482915", "1")
    assert "进度4/6" in chat.says("进度")
    assert "解绑了" in chat.says("解绑")
    assert "请输入受理号" in chat.says("进度")


@pytest.mark.parametrize("said", ["办卡", "我想办张社保卡", "1", "继续", "apply for a card"])
def test_who_wants_to_apply_is_shown_the_way_in_one_message(
    sqlite_database: Database, said: str
) -> None:
    chat = in_alipay(sqlite_database)
    answer = told(chat, said)
    assert isinstance(chat.last, Reply)
    assert [link.url for link in chat.last.links] == ["/apply"]
    assert "（链接）" in answer
    assert chat.session.talk == ""
    assert chat.session.drafts == {}


@pytest.mark.parametrize(
    ("said", "told_of"),
    [
        ("领卡带什么", "身份证"),
        ("办卡要钱吗", "不收费"),
        ("人工", "12"),
        ("窗口", "身份证原件"),
        ("english", "English"),
        ("手机号填错了怎么改", "9"),
    ],
)
def test_everything_else_is_answered_there(
    sqlite_database: Database, said: str, told_of: str
) -> None:
    answer = in_alipay(sqlite_database).says(said)
    assert told_of in answer
    assert "网站" not in answer


def test_a_draft_begun_while_forms_were_filled_in_there_is_kept_and_shown_the_way(
    sqlite_database: Database,
) -> None:
    chat = in_alipay(sqlite_database)
    chat.manner = replace(chat.manner, applies=True)
    chat.to_phone()
    draft = chat.draft
    chat.manner = replace(chat.manner, applies=False)
    for said in ("13900001234", "继续", "办卡"):
        assert "网站" in chat.says(said)
    assert chat.draft == draft
    chat.manner = replace(chat.manner, applies=True)
    assert "手机号" in chat.says("继续")


def test_numbers_are_masked_as_alipay_has_it(sqlite_database: Database) -> None:
    chat = in_alipay(sqlite_database)
    chat.manner = replace(chat.manner, applies=True)
    chat.to_phone()
    assert "139******34" in chat.says(PHONE)
    chat.says("482915")
    chat.hears("check_phone", on_file=True)
    chat.says("云州市城东区和平路18号", "3", "1")
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    read_back = chat.says("1")
    assert "1****************9" in read_back
    assert "139******34" in read_back
    assert "119***" not in read_back


def test_the_page_that_asks_is_the_links_address(sqlite_database: Database) -> None:
    chat = in_alipay(sqlite_database)
    applied_in_wechat(sqlite_database, chat.city)
    chat.says("进度", "陈国强 119999199003070019", "482915", "1")
    assert isinstance(chat.last, Reply)
    assert chat.last.links == (Link(PAGE, "点这里订阅一次"),)
