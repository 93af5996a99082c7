"""A page's own button that gives up what is half filled."""

from __future__ import annotations

from bot.dialogue.messages import Kind
from models.database import Database
from models.drafts import DraftRow
from tests.handlers.chat import Chat


def drops(chat: Chat) -> str:
    return chat.sends(Kind.CLICK, key="drop_draft")


def test_it_ends_the_draft_as_the_word_does(database: Database) -> None:
    chat = Chat(database)
    chat.to_phone()
    assert "取消" in drops(chat) or "删" in drops(chat)
    assert chat.session.drafts == {}
    assert chat.session.talk == ""
    (row,) = chat.rows(DraftRow, DraftRow.account_key == str(chat.account))
    assert row.ended_how == "cancelled"


def test_it_leaves_another_conversation_where_it_is(database: Database) -> None:
    chat = Chat(database)
    chat.to_phone()
    chat.says("菜单", "进度")
    drops(chat)
    assert chat.session.drafts == {}
    assert chat.session.talk == "progress"


def test_where_nothing_is_half_filled_it_says_so(database: Database) -> None:
    assert "没有办到一半" in drops(Chat(database))
