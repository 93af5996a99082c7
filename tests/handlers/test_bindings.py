"""解绑其他: what else is bound to the person, and letting it go from here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.dialogue.messages import AccountKey
from models.database import Database
from models.people import accounts_of, bind, find_account
from tests.handlers.chat import Chat
from tests.models.making import OTHER_NUMBER, make_person

BROWSER = "web:site:browser1"
ALIPAY = "alipay:2021000000000001:2088000000000001"


def bound(chat: Chat, *others: str) -> str:
    """This chat and others are the same person's. Returns the person's id."""
    with chat.database.writing() as records:
        person = make_person(records)
        for days, key in enumerate((str(chat.account), *others)):
            bind(records, key, person.id, chat.now + timedelta(days=days))
        return person.id


def left(chat: Chat, person: str) -> set[str]:
    with chat.database.reading() as records:
        return {account.key for account in accounts_of(records, person)}


def test_the_others_are_listed_the_last_used_first(chat: Chat) -> None:
    bound(chat, BROWSER, ALIPAY)
    assert chat.says("解绑其他") == (
        "除了这里，您还绑定了这些：\n1 支付宝（11月25日起，11月25日用过）\n"
        "2 网站（11月24日起，11月24日用过）\n回复数字，解绑那一个；回复“全部”，都解绑。\n"
        "0 返回 · 9 人工"
    )


@pytest.mark.parametrize("said", ["1", "支付宝"])
def test_one_is_let_go_by_number_or_name(chat: Chat, said: str) -> None:
    person = bound(chat, BROWSER, ALIPAY)
    assert "支付宝解绑了" in chat.says("解绑其他", said)
    assert left(chat, person) == {str(chat.account), BROWSER}
    assert chat.session.talk == ""


def test_all_are_let_go_at_once(chat: Chat) -> None:
    person = bound(chat, BROWSER, ALIPAY)
    assert "都解绑了" in chat.says("解绑其他", "全部")
    assert left(chat, person) == {str(chat.account)}
    assert "没有绑定别的账号" in chat.says("解绑其他")


def test_who_is_bound_to_nobody_sees_nobodys_accounts(chat: Chat) -> None:
    assert "还没有绑定您本人" in chat.says("解绑其他")
    assert chat.session.talk == ""


def test_another_persons_account_is_neither_listed_nor_let_go(chat: Chat) -> None:
    bound(chat)
    with chat.database.writing() as records:
        bind(records, ALIPAY, make_person(records, id_number=OTHER_NUMBER).id, chat.now)
    assert "没有绑定别的账号" in chat.says("解绑其他")


def test_an_open_question_goes_on_afterwards(chat: Chat) -> None:
    bound(chat, ALIPAY)
    chat.to_phone()
    assert "除了这里" in chat.says("解绑其他")
    assert "没太明白" in chat.says("嗯嗯哈哈")
    assert "请发您的手机号" in chat.says("0")
    chat.says("解绑其他")
    answer = chat.says("1")
    assert answer.startswith("支付宝解绑了")
    assert "请发您的手机号" in answer


def test_after_handing_in_one_sentence_says_that_the_account_is_bound(chat: Chat) -> None:
    chat.to_read_back()
    assert "这个账号已绑定您本人" in chat.says("确认")
    with chat.database.reading() as records:
        account = find_account(records, str(chat.account))
        assert account is not None
        assert account.person_id is not None
    assert "解绑了" in chat.says("解绑")


def test_without_proof_nobody_is_bound_and_nothing_says_so(chat: Chat) -> None:
    chat.to_read_back(on_file=False)
    assert "绑定" not in chat.says("确认")


def test_that_a_bound_account_is_used_is_noted_once_a_day(
    chat: Chat, sqlite_database: Database
) -> None:
    chat.to_read_back()
    chat.says("确认")
    chat.now += timedelta(days=3)
    noted = chat.now
    chat.says("进度")
    chat.now += timedelta(hours=3)
    chat.says("进度")
    with sqlite_database.reading() as records:
        account = find_account(records, str(chat.account))
        assert account is not None
        assert account.last_inbound_at == noted
    assert AccountKey.parse(account.key) == chat.account
