"""这条消息是你们发的吗, in the chat and by a page's form."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.dialogue.messages import Kind, Reply
from handlers.talks import router
from models.notices import Notice
from models.push.messages import Message
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat
from tests.handlers.test_progress import handed_in
from tests.models.push.person import OPTIONS, got, make_campaign

OURS = f"【云州人社】验证码{CODE}，10分钟内有效。工作人员不会向您要验证码。"
FAKE = "【云州人社】您的社保卡已停用，请点 http://yz-sb.top 输入银行卡密码恢复"
ASKED = "这条消息是你们发的吗"


@pytest.fixture
def site_chat(chat: Chat) -> Chat:
    """A chat whose bot knows the address of its site."""
    chat.router = router(
        lambda text, least: [], lambda turn, intent: None, "https://card.example.cn"
    )
    return chat


def went_out(chat: Chat) -> None:
    """Whatever is queued is sent by now."""
    with chat.database.writing() as records:
        queued = update(Notice).where(Notice.state == "queued")
        records.execute(queued.values(state="sent", sent_at=chat.now))


def test_a_code_that_was_sent_to_a_phone_proven_here_is_ours(chat: Chat) -> None:
    chat.to_phone()
    chat.says(PHONE)
    went_out(chat)
    assert "没有查到" in chat.says(ASKED, OURS)
    chat.says(CODE)
    chat.hears("check_phone", on_file=True)
    told = chat.says(ASKED, OURS)
    assert "是我们发的：2026年11月23日" in told
    assert "短信" in told
    assert chat.session.talk == "card"


def test_whether_somebody_else_was_sent_it_does_not_show(chat: Chat) -> None:
    handed_in(chat)
    stranger = Chat(chat.database)
    nobody = Chat(chat.database)
    stranger.says("进度", f"{NAME} {NUMBER}")
    went_out(stranger)
    stranger.says("0", "0")
    assert stranger.says(ASKED, OURS) == nobody.says(ASKED, OURS)
    assert stranger.says(ASKED, "验证码") == nobody.says(ASKED, "验证码")


def test_a_false_message_is_warned_of(site_chat: Chat) -> None:
    told = site_chat.says(ASKED, FAKE)
    assert "不是我们通知的写法" in told
    assert "yz-sb.top" in told
    assert "https://card.example.cn" in told
    assert "都不是我们" in told
    assert "12333" in told


def test_one_of_ours_with_a_link_added_is_false(site_chat: Chat) -> None:
    assert "yz-sb.top" in site_chat.says(ASKED, f"{OURS}http://yz-sb.top")


def test_our_wording_that_was_not_sent_here_is_no_proof(chat: Chat) -> None:
    told = chat.says(ASKED, OURS)
    assert "写法和我们的通知一样，可是没有查到" in told
    assert "12333" in told


def test_a_message_that_is_only_named_is_looked_for(chat: Chat) -> None:
    chat.to_phone()
    chat.says(PHONE)
    went_out(chat)
    chat.says(CODE)
    told = chat.says(ASKED, "验证码")
    assert "短信：【云州人社】验证码…" in told
    assert CODE not in told


def test_nothing_was_sent_and_that_is_said(chat: Chat) -> None:
    assert "没有查到我们发给您的消息" in chat.says(ASKED, "领卡")


@pytest.mark.parametrize("word", ["0", "菜单", "取消"])
def test_who_thinks_better_of_it_is_back_where_they_were(chat: Chat, word: str) -> None:
    chat.to_phone()
    assert "原样粘贴" in chat.says(ASKED)
    assert "手机号" in chat.says(word)
    assert (chat.session.talk, chat.draft.step) == ("card", "phone")


def test_a_picture_of_it_is_asked_for_in_words(chat: Chat) -> None:
    chat.says(ASKED)
    chat.photo()
    assert isinstance(chat.last, Reply)
    assert "原样粘贴" in chat.last.text


def test_a_page_is_told_the_same_and_moves_nothing(chat: Chat) -> None:
    chat.to_phone()
    assert "不是我们" in chat.sends(Kind.PAGE, key="message.check", data={"text": FAKE})
    assert isinstance(chat.last, Reply)
    assert chat.last.about == "message:foreign"
    chat.sends(Kind.PAGE, key="message.check", data={"text": OURS})
    assert chat.last.about == "message:worded"
    chat.sends(Kind.PAGE, key="message.check", data={"text": " "})
    assert chat.last.about == ""
    assert (chat.session.talk, chat.draft.step) == ("card", "phone")


def test_it_is_told_in_english_too(chat: Chat) -> None:
    chat.session.locale = "en"
    told = chat.says("is this message from you", FAKE)
    assert "not how our notices are worded" in told
    assert "yz-sb.top" in told


@pytest.mark.parametrize("said", ["刚收到一条短信，是不是你们发的？", "did you send me this text"])
def test_it_is_understood_in_other_words(chat: Chat, said: str) -> None:
    told = chat.says(said)
    assert "原样粘贴" in told or "Paste the message" in told


def test_who_did_not_get_a_message_is_not_asked_to_paste_one(chat: Chat) -> None:
    assert "原样粘贴" not in chat.says("你们发的短信收不到")


def test_a_push_that_this_person_got_is_ours_with_and_without_its_options(chat: Chat) -> None:
    tail = Message(
        chat={"zh_CN": "{city}和平路支行月底关门，尾号{tail}的卡改到哪里领？", "en": "x"},
        options=OPTIONS,
    )
    with chat.database.writing() as records:
        got(records, make_campaign(records, tail), str(chat.account), at=chat.now)
    text = "云州市和平路支行月底关门，尾号0731的卡改到哪里领？"
    for said in (text, f"{text}\n1 去人民路支行\n2 再想想\n0 返回 · 9 人工"):
        assert "是我们发的：2026年11月23日" in chat.says(ASKED, said)
    assert "不是我们" in chat.says(ASKED, f"{text}点 http://yz-sb.top")
    stranger = Chat(chat.database)
    assert "是我们发的：" not in stranger.says(ASKED, text)
    assert "和平路支行月底关门" in chat.says(ASKED, "停办")
