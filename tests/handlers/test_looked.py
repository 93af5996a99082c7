"""谁看过我的资料, as a person asks it in the chat."""

from __future__ import annotations

import pytest

from config.locales import Texts
from models.audit import audit
from models.looks import PURPOSES, ROLES
from tests.handlers.chat import Chat, texts
from tests.handlers.test_progress import handed_in, own


def looked(chat: Chat, application_id: str, times: int = 1, **detail: str) -> None:
    with chat.database.writing() as records:
        for _ in range(times):
            audit(records, actor="staff:li.na", act="console.view", now=chat.now, detail=detail,
                  subject=f"application:{application_id}", reason="李某来电询问")  # fmt: skip


def test_who_has_proven_nothing_is_told_nothing(chat: Chat) -> None:
    looked(chat, handed_in(chat).id)
    assert "先发“进度”" in chat.says("谁看过我的资料")


def test_nobody_has_looked_yet(chat: Chat) -> None:
    own(chat)
    assert "没有工作人员打开过" in chat.says("谁看过我的资料？")


def test_role_day_and_purpose_are_told_and_no_name(chat: Chat) -> None:
    application = own(chat)
    looked(chat, application.id, role="officer", purpose="review")
    told = chat.says("谁看过我的资料")
    tail = application.number[-4:]
    assert f"2026年11月23日，市人社局审核人员看了资料（号码遮住）（申请尾号{tail}）" in told
    assert "审核申请" in told
    assert "li.na" not in told
    assert "李某" not in told


def test_of_many_the_latest_are_told_and_the_rest_counted(chat: Chat) -> None:
    looked(chat, own(chat).id, times=8)
    told = chat.says("who looked at my data")
    assert told.count("2026年11月23日") == 5
    assert "8次" in told
    assert "还有3次" in told
    assert len(told.encode()) <= 2048


def test_an_open_question_is_asked_again_after_it(chat: Chat) -> None:
    chat.to_phone()
    asked = chat.says("谁看过我的资料")
    assert "手机号" in asked
    assert (chat.session.talk, chat.draft.step) == ("card", "phone")


@pytest.mark.parametrize("kind", ["purpose", "role"])
def test_every_purpose_and_role_has_a_word(kind: str) -> None:
    said: Texts = texts()
    names = {"purpose": PURPOSES, "role": ROLES}[kind]
    assert all(said.say("zh_CN", f"trust.{kind}.{name}") for name in names)


@pytest.mark.parametrize("said", ["有没有谁查过我的信息", "who has looked at my record"])
def test_it_is_understood_in_other_words(chat: Chat, said: str) -> None:
    own(chat)
    told = chat.says(said)
    assert "没有工作人员打开过" in told or "no member of staff has opened" in told
