"""改到…, one tap in a campaign of a branch that closes; 选别的网点."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from bot.dialogue.messages import Kind, Outcome, Reply, Update
from bot.turn.transaction import LazyTransaction
from config.locales import Texts
from handlers.collecting.closing import other_branch, to_successor
from models.application_states import State
from models.applications import Application, events_of
from models.card_moves import CardMove, open_move
from models.database import Database
from models.push.campaigns import Campaign
from models.push.closing import Closing, begin
from tests.closing import CLOSES, CODE, SUCCESSOR, closing_city
from tests.handlers.chat import Chat
from tests.handlers.test_collecting import now, own

CITY = closing_city()
TEXTS = Texts.load(CITY)
OLD, NEW, THIRD = CITY.branch(CODE), CITY.branch(SUCCESSOR), CITY.branch("ABC-03")


@pytest.fixture
def chat(sqlite_database: Database) -> Chat:
    return Chat(sqlite_database, city=CITY, texts=TEXTS)


@pytest.fixture
def campaign(chat: Chat) -> Campaign:
    with chat.database.writing() as records:
        closing = Closing(CODE, CLOSES, SUCCESSOR)
        return begin(records, CITY, TEXTS, closing, chat.now, by="staff:1")


def taps(chat: Chat, act: Any, campaign: Campaign, number: str | None) -> str:
    """What is said to one of the answers, by who was told of this application."""
    heard = SimpleNamespace(campaign_id=campaign.id, number=number)
    update = Update("tap", chat.account, Kind.TEXT, chat.now, text="1")
    transaction = LazyTransaction(chat.database)
    turn = chat.turn(update, transaction)
    open_ = chat.router.conversations.get(chat.session.talk)
    said: Outcome = act(turn, SimpleNamespace(heard=heard, option=None), open_)
    if transaction.used:
        transaction.commit()
    transaction.abandon()
    return said.plain() if isinstance(said, Reply) else ""


def move_of(chat: Chat, application: Application) -> CardMove | None:
    with chat.database.reading() as records:
        found = open_move(records, application.id)
        records.expunge_all()
    return found


def test_before_it_is_ordered_one_tap_changes_the_branch_and_is_noted(
    chat: Chat, campaign: Campaign
) -> None:
    one = own(chat, State.APPROVED)
    said = taps(chat, to_successor, campaign, one.number)
    assert f"您的卡改到{NEW.name}领，{NEW.address}" in said
    assert now(chat, one).branch == SUCCESSOR
    with chat.database.reading() as records:
        last = events_of(records, one.id)[-1]
    assert (last.kind, last.actor, last.detail["fields"]) == (
        "answers_replaced", "citizen", ["branch"],
    )  # fmt: skip
    again = taps(chat, to_successor, campaign, one.number)
    assert f"不用再改，领卡：{NEW.name}" in again


@pytest.mark.parametrize("state", [State.IN_PRODUCTION, State.READY_FOR_PICKUP])
def test_a_card_on_its_way_or_there_is_sent_on(
    chat: Chat, campaign: Campaign, state: State
) -> None:
    one = own(chat, state)
    said = taps(chat, to_successor, campaign, one.number)
    assert f"您的卡从{OLD.name}转到{NEW.name}" in said and "不要去领" in said
    move = move_of(chat, one)
    assert move is not None and (move.to_branch, move.sent_at) == (SUCCESSOR, None)
    assert f"您要改到{NEW.name}领" in chat.says("改网点"), "and may stay after all"
    assert "还在原来的网点领" in chat.says("1")
    assert move_of(chat, one) is None


def test_what_has_left_already_is_told(chat: Chat, campaign: Campaign) -> None:
    one = own(chat)
    taps(chat, to_successor, campaign, one.number)
    with chat.database.writing() as records:
        records.scalars(select(CardMove)).one().sent_at = chat.now
    assert "已经在转往别的网点" in taps(chat, to_successor, campaign, one.number)
    assert f"正在转往{NEW.name}" in taps(chat, other_branch, campaign, one.number)


@pytest.mark.parametrize("state", [State.COLLECTED, State.CANCELLED, State.MAILED])
@pytest.mark.parametrize("act", [to_successor, other_branch])
def test_what_is_collected_ended_or_posted_meanwhile_is_told(
    chat: Chat, campaign: Campaign, state: State, act: Any
) -> None:
    one = own(chat, state)
    said = taps(chat, act, campaign, one.number)
    assert "这张卡不用再改网点了" in said and f"尾号{one.number[-4:]}" in said
    assert now(chat, one).branch == CODE


@pytest.mark.parametrize("state", [State.APPROVED, State.IN_PRODUCTION, State.READY_FOR_PICKUP])
def test_another_branch_is_chosen_as_in_the_usual_change(
    chat: Chat, campaign: Campaign, state: State
) -> None:
    one = own(chat, state)
    asked = taps(chat, other_branch, campaign, one.number)
    assert chat.session.talk == "collecting" and "支行" in asked
    assert OLD.name not in asked or state == State.APPROVED
    said = chat.says(THIRD.name)
    assert THIRD.name in said and chat.session.talk == ""
    if state == State.APPROVED:
        assert now(chat, one).branch == THIRD.code
    else:
        move = move_of(chat, one)
        assert move is not None and move.to_branch == THIRD.code
    again = taps(chat, to_successor, campaign, one.number)
    if state == State.APPROVED:
        assert f"不用再改，领卡：{THIRD.name}" in again, "the later choice of their own holds"


def test_a_form_that_is_open_goes_on(chat: Chat, campaign: Campaign) -> None:
    one = own(chat, State.APPROVED)
    chat.says("办卡")
    said = taps(chat, to_successor, campaign, one.number)
    assert f"改到{NEW.name}" in said and "第1步" not in said and "同意" in said
    assert chat.session.talk == "card"


def test_of_no_application_nothing_is_changed(chat: Chat, campaign: Campaign) -> None:
    for act in (to_successor, other_branch):
        assert "没有找到这张卡" in taps(chat, act, campaign, None)
        assert "没有找到这张卡" in taps(chat, act, campaign, "YZ2611239999")
    with chat.database.writing() as records:
        records.get_one(Campaign, campaign.id).about = None
    one = own(chat, State.APPROVED)
    assert taps(chat, to_successor, campaign, one.number) == "", "the plain confirmation will do"
    assert now(chat, one).branch == CODE


def test_in_english_too(chat: Chat, campaign: Campaign) -> None:
    chat.session.locale = "en"
    one = own(chat, State.APPROVED)
    said = taps(chat, to_successor, campaign, one.number)
    assert f"you collect your card at {NEW.name_en}, {NEW.address_en}" in said


def test_a_successor_that_closes_itself_is_followed(chat: Chat, campaign: Campaign) -> None:
    one = own(chat, State.APPROVED)
    chat.now = chat.now.replace(year=2027, month=3)
    chat.city = closing_city(successor="")
    with chat.database.writing() as records:
        row = records.get_one(Campaign, campaign.id)
        row.about = {**(row.about or {}), "successor": CODE}
    near = chat.city.instead_of(chat.city.branch(CODE), chat.now.date())
    assert near.name in taps(chat, to_successor, campaign, one.number)
