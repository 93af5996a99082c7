"""What came back, otherwise: withdrawn, objected to, refused, corrected from two accounts, over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.dialogue.messages import Kind, Update
from bot.turn.transaction import LazyTransaction
from config.templates import load_templates
from handlers.returned.form import RETURNED
from handlers.returned.resubmit import hand_in
from models.application_states import Actor, State
from models.applications import Application, move, open_answers, replace_answers
from models.consents import Consent
from models.correction_timers import do_due
from models.database import Database
from models.documents import Document
from models.notices import Notice
from models.people import Person, Proof, bind, unbind
from models.returns import Finding
from models.tickets import Ticket
from tests.handlers.chat import CODE, PHONE, Chat
from tests.handlers.returning import (
    NEW,
    OTHER,
    PORTRAIT,
    UNREACHED,
    came_back,
    given,
    life,
    now_of,
    own_came_back,
    retake,
)
from tests.models.making import KEYS, SECOND
from tests.models.rivals import Rival

pytestmark = pytest.mark.usefixtures("evening")


# --- withdrawing, objecting, another phone --------------------------------------------------------


@pytest.mark.parametrize("how", ["4", "撤回", "取消", "不办了"])
def test_withdrawing_asks_once_and_ends_it(chat: Chat, how: str) -> None:
    application = own_came_back(chat)
    chat.says("在吗")
    assert "确定撤回吗" in chat.says(how)
    assert now_of(chat, application)[0].state == State.RETURNED
    assert chat.says("1").startswith("已撤回")
    assert now_of(chat, application)[0].state == State.CANCELLED


def test_who_would_rather_keep_it_is_back_at_what_can_be_done(chat: Chat) -> None:
    application = own_came_back(chat)
    chat.says("在吗", "4")
    assert "1 现在重拍" in chat.says("2")
    assert now_of(chat, application)[0].state == State.RETURNED


def test_an_objection_is_a_ticket_that_names_what_was_found(chat: Chat) -> None:
    application = own_came_back(chat)
    chat.says("在吗")
    assert "由市人社局另一位工作人员复核" in chat.says("意见")
    assert chat.says("背景明明是白的，请再看看").startswith("记下了")
    (ticket,) = chat.rows(Ticket)
    payload = ticket.open_payload(KEYS)
    assert (ticket.kind, payload["application"]) == ("objection", application.id)
    assert payload["codes"] == ["PHOTO_BG"]
    assert payload["phone"] == PHONE


def test_who_objects_to_nothing_is_told_so(chat: Chat) -> None:
    assert chat.says("意见").startswith("没有查到退回或不予受理的申请")


def test_after_handing_in_again_the_phone_can_be_changed(chat: Chat) -> None:
    application = own_came_back(chat)
    retake(chat)
    chat.says("1")
    chat.says("改手机", "13900002222", CODE)
    assert chat.hears("check_phone", on_file=True).startswith("手机号改好了")
    row, answers = now_of(chat, application)
    assert (row.state, answers["phone"]) == (State.RESUBMITTED, "13900002222")


@pytest.mark.parametrize("state", [State.UNDER_REVIEW, State.ON_HOLD])
def test_a_phone_is_not_changed_once_the_province_has_had_the_application(
    chat: Chat, state: State
) -> None:
    application = own_came_back(chat)
    _is(chat, application, state)
    assert "请发您的手机号" in chat.says("改手机")
    chat.says("13900002222", CODE)
    _is(chat, application, State.APPROVED)
    with chat.database.writing() as records:
        row = records.get_one(Application, application.id)
        move(records, row, State.SENT_TO_PROVINCE, Actor.BATCH, chat.now)
    _is(chat, application, state)
    chat.hears("check_phone", on_file=True)
    assert now_of(chat, application)[1]["phone"] == PHONE
    chat.says("菜单")
    assert "请发您的手机号" not in chat.says("改手机")


def _is(chat: Chat, application: Application, state: State) -> None:
    with chat.database.writing() as records:
        records.get_one(Application, application.id).state = state.value


def test_another_phone_loses_nothing_that_was_changed_meanwhile(
    postgres_database: Database,
) -> None:
    chat = Chat(postgres_database)
    application = own_came_back(chat)
    _is(chat, application, State.SUBMITTED)
    chat.says("改手机", "13900002222", CODE)
    draft = chat.session.drafts["returned"]
    draft.answers["phone"] = "13900002222"
    transaction = LazyTransaction(chat.database)
    turn = chat.turn(Update("u", chat.account, Kind.TEXT, chat.now), transaction)
    try:
        read = turn.records.get_one(Application, application.id)
        with chat.database.writing() as records:
            row = records.get_one(Application, read.id)
            changed = {**open_answers(row, KEYS), "lives_at": "北山区青年路6号"}
            replace_answers(records, KEYS, row, changed, Actor.CITIZEN, chat.now)
        hand_in(RETURNED, turn, draft)
        transaction.commit()
    finally:
        transaction.abandon()
    answers = now_of(chat, application)[1]
    assert (answers["phone"], answers["lives_at"]) == ("13900002222", "北山区青年路6号")


def test_a_correction_and_a_new_application_for_the_same_holder_never_wait_for_each_other(
    postgres_database: Database,
) -> None:
    chat = Chat(postgres_database)
    application = own_came_back(chat, UNREACHED, PORTRAIT, holder_proven=False)
    chat.says("在吗", "1", "13900002222", CODE)
    chat.hears("check_phone", on_file=True)
    chat.photo()
    chat.hears("take_portrait", document=given(chat, NEW))
    chat.says("1")
    with postgres_database.writing() as records:
        # As handing in does: the holder learns a phone, then the other application is contested.
        records.get_one(Person, application.holder_id).phone_proven = Proof.REAL_NAME
        records.flush()
        rival = Rival(postgres_database, lambda _: chat.says("确认"))
        rival.waits()
        records.get_one(Application, application.id).contested = True
        records.flush()
    rival.ends()
    row = now_of(chat, application)[0]
    assert (row.state, row.contested) == (State.RESUBMITTED, True)


def test_what_came_back_is_told_in_english_as_well(chat: Chat) -> None:
    own_came_back(chat)
    told = chat.says("hello")
    assert "lacks one thing: a new photo" in told
    assert "1 Take a new photo now" in told


def test_somebody_elses_application_is_met_by_nobody(chat: Chat) -> None:
    stranger = Chat(chat.database, at=chat.now)
    own_came_back(chat)
    assert "1 办卡" in stranger.says("在吗")
    assert stranger.sends(Kind.TEXT, text="补正").startswith("您没有要补正的申请")


# --- a correction that never came -----------------------------------------------------------------


def expired(chat: Chat, *findings: Finding) -> Application:
    application = own_came_back(chat, *findings)
    chat.now = datetime(2026, 12, 28, 10, 0, tzinfo=chat.city.tz)
    with chat.database.writing() as records:
        assert do_due(records, life(chat.city, chat.texts), chat.now) == 1
    return application


@pytest.mark.parametrize("said", ["办卡", "继续"])
def test_after_the_end_a_new_one_filled_from_the_old_is_offered(chat: Chat, said: str) -> None:
    application = expired(chat)
    told = chat.says(said)
    assert "（受理号尾号0731）没有补好，12月28日终止了" in told
    assert "1 用原来填的\n2 重新填" in told
    assert chat.says("1").startswith("第1步/共6步 告知")
    chat.hears("check_person", identity="match", eligibility=None)
    chat.hears("check_person", portrait=None)
    assert "请发一张近照" in chat.says("同意")  # what was wrong, and nothing else
    chat.photo()
    stored = given(chat, NEW, form="card")
    chat.hears("take_portrait", document=stored)
    back = chat.says("1")
    assert "身份：陈国强" in back
    assert "住址：云州市城东区和平路18号" in back
    assert "已提交，受理号" in chat.says("确认")
    new, old = sorted(chat.rows(Application), key=lambda a: a.submitted_at, reverse=True)
    assert (old.id, old.state, new.state) == (application.id, "EXPIRED", "SUBMITTED")
    kept = chat.rows(Document, Document.application_id == new.id, Document.expires_at.is_(None))
    assert {document.id[0] for document in kept} == {"f", "b", "n"}
    consents = chat.rows(Consent, Consent.application_id == new.id)
    assert {consent.kind for consent in consents} == {"general", "sensitive", "handing_over"}


def test_who_would_rather_begin_afresh_does(chat: Chat) -> None:
    expired(chat)
    chat.says("办卡")
    assert chat.says("2").startswith("好的。备好身份证")
    assert chat.session.talk == "card"


@pytest.mark.parametrize("said", ["1", "2", "什么"])
def test_an_offer_that_is_over_is_not_taken_up(chat: Chat, said: str) -> None:
    expired(chat)
    chat.says("办卡")
    chat.now += timedelta(days=chat.city.days.photos)
    assert "用原来填的" not in chat.says(said)
    assert (chat.session.talk, chat.session.drafts) == ("", {})


def test_what_is_no_longer_kept_is_not_offered(chat: Chat) -> None:
    expired(chat)
    chat.now += timedelta(days=chat.city.days.photos)
    assert chat.says("办卡").startswith("好的。备好身份证")


# --- refused --------------------------------------------------------------------------------------


def refused(chat: Chat) -> Application:
    """Handed in again, and refused by a second look: there is a card elsewhere."""
    application = own_came_back(chat)
    retake(chat)
    chat.says("1")
    with chat.database.writing() as records:
        row = records.get_one(Application, application.id)
        move(records, row, State.UNDER_REVIEW, Actor.OFFICER, chat.now, by="staff:one")
        life(chat.city, chat.texts).advance(
            records, row, State.REFUSED, Actor.OFFICER, chat.now,
            by="staff:two", reason="OTHER_PLACE,TRIES",
        )  # fmt: skip
    return application


def test_a_refusal_is_told_with_its_reason_what_to_do_and_how_to_object(chat: Chat) -> None:
    refused(chat)
    told = chat.says("进度")
    assert "市人社局12月18日审核：查到您在外地有一张社保卡在用，一人只能有一张" in told
    assert "请先在发卡的城市注销原卡" in told
    assert "不同意这个结果，回复“意见”，由市人社局另一位工作人员复核" in told
    assert chat.says("意见").startswith("对尾号0731的审核有意见")
    chat.says("那张卡去年就注销了")
    (ticket,) = chat.rows(Ticket)
    assert ticket.kind == "objection"


def test_the_notice_of_a_refusal_leaves_the_reason_to_the_chat(chat: Chat) -> None:
    application = refused(chat)
    matter = f"application:{application.id}"
    (notice,) = chat.rows(Notice, Notice.matter == matter, Notice.state == "queued")
    told = notice.open_payload(KEYS)
    text = load_templates(chat.city).chat(told["name"], "zh_CN", told["params"])
    assert "回复“进度”看" in text
    assert "回复“意见”" in text
    assert "外地" not in text


# --- other accounts of the same person ------------------------------------------------------------


def test_an_account_that_is_bound_corrects_what_another_handed_in(chat: Chat) -> None:
    account = "wechat:wx1:oElsewhere"
    application = came_back(chat.database, chat.city, chat.texts, account, chat.now)
    assert "1 办卡" in chat.says("在吗")
    with chat.database.writing() as records:
        bind(records, str(chat.account), application.holder_id, chat.now)
    retake(chat)
    chat.says("1")
    row = now_of(chat, application)[0]
    assert (row.state, row.account_key) == (State.RESUBMITTED, account)
    states = [n.state for n in chat.rows(Notice, Notice.account_key == account)]
    assert states == ["replaced"]  # what waited there is over


def test_an_account_that_is_bound_no_more_corrects_nothing(chat: Chat) -> None:
    account = "wechat:wx1:oElsewhere"
    application = came_back(chat.database, chat.city, chat.texts, account, chat.now)
    with chat.database.writing() as records:
        bind(records, str(chat.account), application.holder_id, chat.now)
    retake(chat)
    with chat.database.writing() as records:
        unbind(records, str(chat.account))
    assert "已重新提交" not in chat.says("1")
    assert now_of(chat, application)[0].state == State.RETURNED


def test_two_accounts_at_once_hand_in_one_correction(chat: Chat) -> None:
    application = own_came_back(chat)
    other = Chat(chat.database, at=chat.now)
    with chat.database.writing() as records:
        bind(records, str(other.account), application.holder_id, chat.now)
    retake(chat)
    retake(other, OTHER)
    assert "已重新提交" in other.says("1")
    assert "已重新提交" not in chat.says("1")
    assert now_of(chat, application)[1]["portrait"]["document"] == OTHER
    released = chat.rows(Document, Document.id == NEW)[0]
    assert (released.application_id, released.expires_at) == (None, chat.now - SECOND)
