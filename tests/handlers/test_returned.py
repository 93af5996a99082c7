"""What came back: met before any menu, corrected by the form's own questions, handed in again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.application_states import Actor, State
from models.applications import Application, events_of
from models.documents import Document
from models.notices import Notice
from models.returns import Finding, returns_of
from models.review.arrivals import hand_in
from models.review.items import ReviewItem
from tests.handlers.chat import BACK, CODE, FRONT, PHONE, Chat
from tests.handlers.returning import (
    BLURRED,
    NEW,
    OTHER,
    PORTRAIT,
    UNREACHED,
    given,
    life,
    now_of,
    open_row,
    own_came_back,
    retake,
    send_back,
)
from tests.models.making import KEYS, make_application, make_person

OF_ANOTHER = "119999199208190022"

pytestmark = pytest.mark.usefixtures("evening")


# --- met ------------------------------------------------------------------------------------------


def test_what_came_back_is_met_as_one_state_before_any_menu(chat: Chat) -> None:
    own_came_back(chat)
    assert chat.says("在吗") == (
        "您好，陈*强。您的社保卡申请（受理号尾号0731）差一样东西：照片要重拍。\n"
        "市人社局11月27日审核：照片背景偏灰，制卡要纯白背景。其他都合格，不用重填。\n"
        "请在12月27日前补好，还有9天。\n"
        "1 现在重拍\n2 改用公安登记照\n3 看合格的样子\n4 不办了，撤回\n0 返回 · 9 人工"
    )


@pytest.mark.parametrize("said", ["办卡", "进度", "继续", "补正", "progress"])
def test_whatever_is_asked_for_leads_to_what_came_back(chat: Chat, said: str) -> None:
    own_came_back(chat)
    assert "照片要重拍" in chat.says(said) or "a new photo" in chat.says(said)
    assert chat.session.talk == "returned"


def test_who_leaves_it_for_later_gets_the_menu_and_comes_back(chat: Chat) -> None:
    own_came_back(chat)
    chat.says("在吗")
    left = chat.says("0")
    assert left.startswith("申请都还在，随时回来补")
    assert "1 办卡" in left
    chat.now += timedelta(days=3)
    assert "还有6天" in chat.says("补正")


def test_a_question_in_the_middle_is_answered_and_asked_again(chat: Chat) -> None:
    own_came_back(chat)
    chat.says("在吗", "1")
    told = chat.says("办卡要钱吗")
    assert told.startswith("首次办卡")
    assert "请发新照片" in told


def test_what_a_good_photo_looks_like_can_be_seen(chat: Chat) -> None:
    own_came_back(chat)
    told = chat.says("在吗", "3")
    assert "纯白背景" in told
    assert chat.session.talk == "returned"
    assert "请发新照片" in chat.says("1")


# --- a photo --------------------------------------------------------------------------------------


def test_one_photo_and_one_word_hand_it_in_again(chat: Chat) -> None:
    application = own_came_back(chat)
    assert retake(chat).endswith("用它重新提交吗？\n1 提交\n2 再换一张\n0 返回 · 9 人工")
    told = chat.says("1")
    assert "已重新提交，受理号不变：YZ2611200731。审核人员只看改过的照片。" in told
    assert "市人社局12月25日前审完" in told
    row, answers = now_of(chat, application)
    assert (row.state, row.round, row.correct_by) == (State.RESUBMITTED, 2, None)
    assert answers["portrait"] == {"source": "own", "document": NEW}
    assert open_row(chat, application) is None


def test_nothing_but_the_photo_has_changed(chat: Chat) -> None:
    application = own_came_back(chat)
    before = now_of(chat, application)[1]
    retake(chat)
    chat.says("1")
    after = now_of(chat, application)[1]
    assert {name for name in before if before[name] != after[name]} == {"portrait"}
    with chat.database.reading() as records:
        replaced = [e for e in events_of(records, application.id) if e.kind == "answers_replaced"]
    assert [event.detail["fields"] for event in replaced] == [["portrait"]]


def test_the_new_photo_stays_with_the_application_and_the_old_one_too(chat: Chat) -> None:
    application = own_came_back(chat)
    retake(chat)
    chat.says("1")
    kept = chat.rows(Document, Document.application_id == application.id)
    assert {d.id[0] for d in kept if d.expires_at is None} == {"p", "f", "b", "n"}


def test_the_notice_that_waited_is_not_told_after_it(chat: Chat) -> None:
    application = own_came_back(chat)
    retake(chat)
    chat.says("1")
    matter = f"application:{application.id}"
    states = [n.state for n in chat.rows(Notice, Notice.matter == matter)]
    assert states == ["replaced"]


def test_a_photo_sent_at_once_is_taken_without_a_word_before(chat: Chat) -> None:
    own_came_back(chat)
    chat.says("在吗")
    chat.photo()
    told = chat.hears("take_portrait", document=given(chat, NEW))
    assert "用它重新提交吗" in told


def test_the_same_photo_again_is_refused_by_its_bytes(chat: Chat) -> None:
    application = own_came_back(chat)
    chat.says("在吗", "1")
    chat.photo()
    told = chat.hears("take_portrait", document=given(chat, NEW, like="p"))
    assert told.startswith("这张和退回的那张是同一张")
    chat.photo()
    assert "用它重新提交吗" in chat.hears("take_portrait", document=given(chat, OTHER))
    chat.says("1")
    assert now_of(chat, application)[0].state == State.RESUBMITTED


def test_another_photo_takes_the_place_of_the_one_just_sent(chat: Chat) -> None:
    application = own_came_back(chat)
    retake(chat)
    assert "请发新照片" in chat.says("2")
    chat.photo()
    chat.hears("take_portrait", document=given(chat, OTHER))
    chat.says("提交")
    assert now_of(chat, application)[1]["portrait"]["document"] == OTHER


@pytest.mark.parametrize("how", ["2", "登记照"])
def test_the_photo_on_file_can_be_used_instead(chat: Chat, how: str) -> None:
    application = own_came_back(chat)
    chat.says("在吗")
    if how == "登记照":
        chat.says("1")
    assert chat.says(how) == ""
    assert chat.hears("check_person", identity="match") == ""
    told = chat.hears("check_person", portrait=given(chat, OTHER))
    assert told.startswith("这是您的公安登记照。用它重新提交吗？\n1 提交")
    assert chat.last.picture.document == OTHER  # type: ignore[union-attr]
    chat.says("1")
    assert now_of(chat, application)[1]["portrait"] == {"source": "on_file", "document": OTHER}


def test_without_a_photo_on_file_a_new_one_is_asked_for(chat: Chat) -> None:
    own_came_back(chat)
    chat.says("在吗", "2")
    chat.hears("check_person", identity="match")
    told = chat.hears("check_person", portrait=None)
    assert told.startswith("没有找到您的公安登记照")
    assert "请发新照片" in told


def test_who_has_not_proven_to_be_the_holder_is_not_offered_the_photo_on_file(chat: Chat) -> None:
    own_came_back(chat, holder_proven=False)
    assert "登记照" not in chat.says("在吗")
    chat.says("1")
    assert chat.says("登记照").startswith("这里没有可用的公安登记照")


# --- other answers --------------------------------------------------------------------------------


def test_several_findings_are_asked_one_after_the_other_and_read_back(chat: Chat) -> None:
    application = own_came_back(chat, PORTRAIT, UNREACHED)
    met = chat.says("在吗")
    assert "差两样东西：手机号要改，照片要重拍。" in met
    assert "\n1 现在改\n" in met
    assert chat.says("1").startswith("要您现在用着、收得到短信的号码。\n请发您的手机号")
    chat.says("13900002222", CODE)
    assert "请发新照片" in chat.hears("check_phone", on_file=True)
    chat.photo()
    chat.hears("take_portrait", document=given(chat, NEW))
    back = chat.says("1")
    assert "手机：139****2222" in back
    assert "照片：您发的照片" in back
    assert "住址" not in back
    assert "审核人员只看改过的地方" in chat.says("确认")
    answers = now_of(chat, application)[1]
    assert (answers["phone"], answers["portrait"]["document"]) == ("13900002222", NEW)


def test_the_photos_of_the_card_are_read_and_checked_as_in_the_form(chat: Chat) -> None:
    application = own_came_back(chat, BLURRED)
    chat.says("在吗")
    asked = chat.says("1")
    assert asked.startswith("请把身份证平放在亮处，拿稳手机从正上方拍。\n请发身份证人像面的照片")
    for side, read, document in (("front", FRONT, "g"), ("back", BACK, "h")):
        chat.photo()
        stored = given(chat, document * 32)
        chat.hears("read_id_photo", side=side, fields=dict(read), document=stored)
    assert "改成这样" in chat.says("1")  # the office was asked about this name and number before
    chat.says("确认")
    row, answers = now_of(chat, application)
    assert row.state == State.RESUBMITTED
    assert answers["checks"]["read"]["valid_until"] == "2038-05-12"


def test_the_same_photos_of_the_card_again_are_not_handed_in(chat: Chat) -> None:
    application = own_came_back(chat, BLURRED)
    chat.says("在吗", "1")
    for side, read, document in (("front", FRONT, "g"), ("back", BACK, "h")):
        chat.photo()
        stored = given(chat, document * 32, like=side[0])
        chat.hears("read_id_photo", side=side, fields=dict(read), document=stored)
    chat.says("1")
    assert chat.says("确认").startswith("和退回的那份一样，没有改动")
    assert now_of(chat, application)[0].state == State.RETURNED


def test_an_answer_that_stands_as_it_was_is_not_handed_in(chat: Chat) -> None:
    application = own_came_back(chat, UNREACHED)
    chat.says("在吗", "1", PHONE, CODE)
    chat.hears("check_phone", on_file=True)
    told = chat.says("确认")
    assert told.startswith("和退回的那份一样，没有改动")
    assert "请发您的手机号" in told
    assert now_of(chat, application)[0].state == State.RETURNED


def test_a_name_alone_is_asked_for_where_only_the_name_is_wrong(chat: Chat) -> None:
    application = own_came_back(chat, Finding("NAME_MISMATCH", "name"))
    chat.says("在吗")
    told = chat.says("1")
    assert told.startswith(
        "对照身份证一个字一个字看；有字打不出来，回复“9”找人工。\n请照身份证打一遍姓名"
    )
    assert chat.says("陈国强强") == ""
    chat.hears("check_person", identity="match")
    chat.says("确认")
    row, answers = now_of(chat, application)
    assert (row.state, answers["name"]) == (State.RESUBMITTED, "陈国强强")
    assert row.holder_proven


def test_another_number_is_proven_anew_and_is_another_persons(chat: Chat) -> None:
    application = own_came_back(chat, Finding("ID_MISMATCH", "id_number"))
    chat.says("在吗", "1", OF_ANOTHER)
    assert "请发您的手机号" in chat.hears("check_person", identity="match")
    chat.says("13900002201", CODE)
    chat.hears("check_phone", on_file=False)
    chat.says("确认")
    row, answers = now_of(chat, application)
    assert row.holder_id != application.holder_id
    assert not row.holder_proven
    assert (answers["sex"], answers["birth_date"]) == ("female", "1992-08-19")


@pytest.mark.parametrize("has_card", [True, False])
def test_another_number_is_contested_as_a_new_application_would_be(
    chat: Chat, has_card: bool
) -> None:
    application = own_came_back(chat, Finding("ID_MISMATCH", "id_number"))
    with chat.database.writing() as records:
        records.get_one(Application, application.id).contested = not has_card
    _of_another(chat, has_card=has_card, on_file=False)
    assert _contested(chat, application) is has_card


@pytest.mark.parametrize("on_file", [True, False])
def test_of_two_who_name_one_number_the_unproven_is_contested(chat: Chat, on_file: bool) -> None:
    application = own_came_back(chat, Finding("ID_MISMATCH", "id_number"))
    with chat.database.writing() as records:
        person = make_person(records, id_number=OF_ANOTHER, phone="13900002201")
        theirs = make_application(records, person, holder_proven=False)
        hand_in(records, KEYS, chat.city, theirs, chat.now)
        records.flush()
        records.expunge_all()
    _of_another(chat, has_card=False, on_file=on_file)
    assert (_contested(chat, application), _contested(chat, theirs)) == (not on_file, on_file)


def _of_another(chat: Chat, *, has_card: bool, on_file: bool) -> None:
    chat.says("在吗", "1", OF_ANOTHER)
    known = {"insured": True, "has_card": has_card, "open_application": False}
    chat.hears("check_person", identity="match", eligibility=known)
    chat.says("13900002201", CODE)
    chat.hears("check_phone", on_file=on_file)
    chat.says("确认")


def _contested(chat: Chat, application: Application) -> bool:
    """What the row says, and the reasons of its lane with it."""
    (item,) = (i for i in chat.rows(ReviewItem) if i.application_id == application.id)
    row = now_of(chat, application)[0]
    assert row.state != State.RETURNED
    assert ("contested" in item.reasons) is row.contested
    return row.contested


def test_what_was_derived_follows_the_answer_it_comes_from(chat: Chat) -> None:
    application = own_came_back(chat, Finding("FIELD_MISSING", "work"))
    chat.says("在吗", "1", "4", "确认")
    answers = now_of(chat, application)[1]
    assert (answers["status"], answers["employer"], answers["occupation"]) == ("retired", "", "130")


def test_the_bank_that_failed_may_be_chosen_again_and_another_one_agreed_to(chat: Chat) -> None:
    application = own_came_back(chat, Finding("BANK_KYC", "branch"))
    chat.says("在吗")
    assert "1 " in chat.says("1")
    chat.says("1", "确认")
    row, answers = now_of(chat, application)
    assert row.state == State.RESUBMITTED
    assert (row.branch, row.bank) == (answers["branch"], answers["bank"])


def test_what_cannot_be_asked_here_is_for_the_counter(chat: Chat) -> None:
    own_came_back(chat, Finding("FIELD_MISSING", "guardian"))
    told = chat.says("在吗")
    assert "这一样这里改不了，请带身份证到" in told
    assert "1 不办了，撤回" in told


# --- moving about ---------------------------------------------------------------------------------


def test_one_back_at_the_first_question_shows_what_can_be_done(chat: Chat) -> None:
    own_came_back(chat)
    chat.says("在吗", "1")
    assert "1 现在重拍" in chat.says("上一步")


def test_help_and_the_menu_lose_nothing(chat: Chat) -> None:
    own_came_back(chat, PORTRAIT, UNREACHED)
    chat.says("在吗", "1", "13900002222", CODE)
    chat.hears("check_phone", on_file=True)
    assert "请发新照片" in chat.says("帮助")
    assert "1 办卡" in chat.says("菜单")
    chat.now += timedelta(days=4)
    resumed = chat.says("继续")
    assert resumed.startswith("接着办，前面填的都在。")
    assert "请发新照片" in resumed


def test_a_correction_that_was_made_elsewhere_meanwhile_is_over_here(chat: Chat) -> None:
    application = own_came_back(chat)
    retake(chat)
    with chat.database.writing() as records:
        row = records.get_one(Application, application.id)
        returns_of(records, row.id)[0].mended_at = chat.now
        life(chat.city, chat.texts).advance(
            records, row, State.RESUBMITTED, Actor.CITIZEN, chat.now, by="citizen", quiet=True
        )
    told = chat.says("1")
    assert "进度1/6，已提交" in told
    assert now_of(chat, application)[0].round == 2


def test_a_second_round_asks_only_for_what_is_new(chat: Chat) -> None:
    application = own_came_back(chat)
    retake(chat)
    chat.says("1")
    with chat.database.writing() as records:
        row = records.get_one(Application, application.id)
        send_back(records, chat.city, chat.texts, row, chat.now, UNREACHED)
    met = chat.says("在吗")
    assert "差一样东西：手机号要改。" in met
    assert "照片" not in met
    chat.says("1", "13900002222", CODE)
    chat.hears("check_phone", on_file=True)
    chat.says("确认")
    assert now_of(chat, application)[0].round == 3
