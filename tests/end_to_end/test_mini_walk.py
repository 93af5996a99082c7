"""A whole application in the chat of a mini program, in each mode and format of its pushes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.applications import Application
from models.people import Account
from tests.end_to_end.walks import BACK, FRONT, picture_read_before
from tests.rig import MINI, Bot, running, wait_for


@pytest.fixture(params=[("safe", "xml"), ("safe", "json"), ("plain", "json")])
def chat(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Bot]:
    """Somebody in the mini program's chat."""
    picture_read_before(FRONT, BACK)
    mode, push_format = request.param
    user = f"oMini_{mode}_{push_format}_00000000001"
    wire = {"mini": True, "mini_mode": mode, "mini_format": push_format}
    with running(tmp_path, redis_url, **wire) as bot:
        yield bot.as_user(user, "wechat_mini")


def hears(chat: Bot, words: str, **message: Any) -> str:
    """Send it, and wait for the answer that holds these words."""
    before = len(chat.history())
    chat.post(**message)

    def answer() -> str | None:
        came = [m for m in chat.history()[before:] if m["from"] == "bot"]
        assert all(m["via"] == "custom" for m in came), came
        return next((m["text"] for m in came if words in m["text"]), None)

    return str(wait_for(answer, 10))


def says(chat: Bot, text: str, words: str) -> str:
    return hears(chat, words, type="text", text=text)


def test_a_whole_application_by_customer_service_messages(chat: Bot) -> None:
    hears(chat, "您好", type="event", event="user_enter_tempsession", key="pages/index")
    says(chat, "办卡", "同意")
    says(chat, "同意", "人像面")
    before = len(chat.history())
    chat.photo(FRONT)
    wait_for(lambda: _said_since(chat, before, "国徽面"), 10)
    before = len(chat.history())
    chat.photo(BACK)
    wait_for(lambda: _said_since(chat, before, "1 都对"), 10)
    says(chat, "1", "手机号")
    says(chat, "13900001234", "验证码")
    says(chat, chat.code(), "住的地方")
    says(chat, "城东区和平路18号", "5 学生")
    says(chat, "1 华云建筑劳务公司", "领卡网点")
    says(chat, "1", "登记照")
    says(chat, "1", "确认")
    told = says(chat, "确认", "受理号")
    with chat.database.reading() as records:
        (application,) = records.query(Application).all()
        assert application.number in told
        assert application.account_key.startswith(f"wechat_mini:{MINI['app_id']}:")
        accounts = records.query(Account).all()
        assert {account.channel for account in accounts} == {"wechat_mini"}
    assert "进度" in says(chat, "进度", "进度")


def _said_since(chat: Bot, before: int, words: str) -> str | None:
    came = [m["text"] for m in chat.history()[before:] if m["from"] == "bot"]
    return next((text for text in came if words in text), None)


def test_the_two_accounts_of_one_site_know_nothing_of_each_other(chat: Bot) -> None:
    says(chat, "办卡", "同意")
    account = chat.as_user("oOther_account_000000001", "wechat")
    assert "没有办到一半的申请" in account.say("继续")
    time.sleep(0.1)
    says(chat, "继续", "同意")
