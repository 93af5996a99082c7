"""Questions about a card that are answered after it has moved on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.dialogue.messages import Kind, Update
from bot.turn.transaction import LazyTransaction
from handlers.collecting.cards import MovedOn
from handlers.collecting.moving import stay
from handlers.collecting.picking_up import collect_code
from handlers.collecting.posting import card_received
from models.application_states import State
from models.applications import Application, open_answers
from models.card_moves import CardMove
from models.consents import Consent
from models.database import Database
from tests.handlers.chat import Chat
from tests.handlers.test_collecting import AGENT, now, own, passes, posted
from tests.models.making import KEYS


def goes_on(chat: Chat, application: Application, state: State) -> None:
    with chat.database.writing() as records:
        records.get_one(Application, application.id).state = state.value


@pytest.mark.parametrize(
    ("language", "asked", "answer", "words"),
    [
        ("zh_CN", "改网点", "建设银行城东支行", "现在不能改网点"),
        ("en", "i want to change the branch", "1", "The branch cannot be changed now"),
    ],
)
def test_a_branch_is_not_changed_after_the_province_has_it(
    chat: Chat, language: str, asked: str, answer: str, words: str
) -> None:
    chat.session.locale = language
    application = own(chat, State.APPROVED)
    chat.says(asked)
    goes_on(chat, application, State.SENT_TO_PROVINCE)
    assert words in chat.says(answer)
    row = now(chat, application)
    assert (row.bank, row.branch, open_answers(row, KEYS)["bank"]) == ("ABC", "ABC-01", "ABC")
    assert chat.rows(Consent) == []
    assert chat.session.talk == "" and "collecting" not in chat.session.notes


def test_a_branch_chosen_before_the_card_was_made_is_asked_for_anew(chat: Chat) -> None:
    application = own(chat, State.APPROVED)
    chat.says("改网点")
    goes_on(chat, application, State.READY_FOR_PICKUP)
    assert "单独同意" not in chat.says("1")
    assert chat.rows(CardMove) == []
    assert "记下了" in chat.says("1")
    assert now(chat, application).bank == "ABC"


def test_another_address_is_not_noted_for_a_parcel_under_way(chat: Chat) -> None:
    application = posted(chat, State.MAIL_RETURNED)
    chat.says("改地址")
    goes_on(chat, application, State.MAILED)
    assert "现在不能改邮寄地址" in chat.says("北山区青年路6号")
    assert open_answers(now(chat, application), KEYS)["lives_at"] == "城东区和平路18号"


@pytest.mark.parametrize(("asked", "said"), [("领卡", "1"), ("代领", f"赵小云 {AGENT}")])
def test_a_card_that_is_collected_gets_no_code(chat: Chat, asked: str, said: str) -> None:
    application = own(chat)
    chat.says(asked)
    goes_on(chat, application, State.COLLECTED)
    assert "6/6" in chat.says(said)
    assert passes(chat, application) == []
    assert chat.session.talk == ""


@pytest.mark.parametrize(
    ("answered", "before", "after"),
    [
        (collect_code, State.READY_FOR_PICKUP, State.COLLECTED),
        (stay, State.READY_FOR_PICKUP, State.SEALED),
        (card_received, State.MAILED, State.MAIL_RETURNED),
    ],
)
def test_the_row_that_is_written_is_looked_at_again(
    database: Database, answered: Callable[[Any, Application], object], before: State, after: State
) -> None:
    chat = Chat(database)
    read = now(chat, own(chat, before))
    goes_on(chat, read, after)
    transaction = LazyTransaction(database)
    try:
        with pytest.raises(MovedOn) as moved:
            answered(chat.turn(Update("u", chat.account, Kind.TEXT, chat.now), transaction), read)
        assert moved.value.card.state == after
    finally:
        transaction.abandon()
    assert passes(chat, read) == []
