"""The portrait, and the end of the form: submitted, refused, cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.applications import Application, open_answers
from models.documents import Document, FileObjects, add_document
from models.drafts import DraftRow
from models.review.items import ReviewItem, Status
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat
from tests.models.making import KEYS

# --- portrait --------------------------------------------------------------------------------


def test_where_no_portrait_is_on_file_one_is_sent(chat: Chat) -> None:
    chat.to_portrait()
    assert "请发一张近照" in chat.says("登记照")
    chat.photo()
    assert "正在" in chat.says("好了吗")
    assert "太小" in chat.hears("take_portrait", fault="small")
    chat.photo()
    assert "1 " in chat.hears("take_portrait", document="d" * 32)
    assert "确认" in chat.says("1")


def test_a_portrait_that_takes_too_long_may_be_sent_again(chat: Chat) -> None:
    chat.to_portrait()
    chat.photo()
    chat.now += timedelta(seconds=21)
    assert "没收下来" in chat.says("收到了没")
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    assert "确认" in chat.says("1")


def with_portrait(chat: Chat) -> None:
    chat.says("办卡", "同意", "手输", f"{NAME} {NUMBER}")
    chat.checks()
    chat.hears("check_person", portrait="p" * 32)
    chat.says("汉", "长期", PHONE, CODE)
    chat.hears("check_phone", on_file=True)
    chat.place()
    chat.says("3", "1")


def test_the_portrait_on_file_may_be_replaced_and_chosen_again(chat: Chat) -> None:
    with_portrait(chat)
    assert chat.last is not None
    chat.says("2")
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    assert "确认" in chat.says("登记照")
    assert chat.draft.answers["portrait"] == {"source": "on_file", "document": "p" * 32}


def test_back_from_another_photo_leads_to_the_one_on_file(chat: Chat) -> None:
    with_portrait(chat)
    chat.says("2")
    assert "1 用这张" in chat.says("上一步")


# --- the end ---------------------------------------------------------------------------------


def answers(chat: Chat) -> tuple[Application, dict[str, Any]]:
    (application,) = chat.rows(Application, Application.account_key == str(chat.account))
    return application, open_answers(application, KEYS)


def test_everything_is_in_the_record_under_its_name(chat: Chat) -> None:
    chat.to_read_back()
    assert "受理号" in chat.says("确认")
    application, given = answers(chat)
    assert given["name"] == NAME
    assert given["sex"] == "male"
    assert given["birth_date"] == "1990-03-07"
    assert given["derived"]
    assert application.holder_proven
    assert not application.contested
    assert chat.session.drafts == {}


def test_what_is_handed_in_waits_for_an_officer_at_once(chat: Chat) -> None:
    chat.to_read_back()
    chat.says("确认")
    application, _ = answers(chat)
    (item,) = chat.rows(ReviewItem)
    assert (item.application_id, item.status) == (application.id, Status.WAITING)
    assert (item.promised, item.district) == (
        application.promise_review_by,
        application.district,
    )


def test_a_phone_that_is_not_on_file_proves_nothing(chat: Chat) -> None:
    chat.to_read_back(on_file=False)
    chat.says("确认")
    assert not answers(chat)[0].holder_proven


def test_a_second_application_of_a_proven_holder_is_refused(chat: Chat) -> None:
    chat.to_read_back()
    chat.says("确认")
    again = Chat(chat.database, at=chat.now + timedelta(minutes=5))
    again.to_phone()
    again.says(PHONE, CODE)
    told = again.hears("check_phone", on_file=True)
    assert "第4步" not in told
    assert again.session.talk == ""
    assert again.session.drafts == {}


def test_cancelling_ends_the_draft_and_its_photos(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.says("取消")
    assert "取消了" in chat.says("1").replace("已经取消，", "取消了，")
    (row,) = chat.rows(DraftRow, DraftRow.account_key == str(chat.account))
    assert row.ended_how == "cancelled"
    assert chat.rows(Document) == []


@pytest.mark.parametrize("whom", ["孩子", "家人"])
def test_for_others_the_answer_is_honest_and_the_question_stays(chat: Chat, whom: str) -> None:
    chat.says("办卡")
    assert chat.city.counters[0].address in chat.says(whom)
    assert "身份证" in chat.says("同意")


@pytest.mark.parametrize("said", ["我想给我妈办一张社保卡", "给屋头娃儿办个社保卡"])
def test_who_begins_for_others_hears_their_way_first(chat: Chat, said: str) -> None:
    told = chat.says(said)
    assert told.index(chat.city.counters[0].address) < told.index("第1步/共6步 告知")
    assert "身份证" in chat.says("同意")


@pytest.mark.parametrize("no", ["不同意", "窗口"])
def test_who_does_not_agree_is_shown_the_counter(chat: Chat, no: str) -> None:
    chat.says("办卡")
    assert chat.city.counters[0].address in chat.says(no)


def test_a_branch_that_closes_meanwhile_is_asked_again_and_nothing_else(chat: Chat) -> None:
    chat.to_read_back()
    chosen = chat.draft.answers["branch"]
    left_open = tuple(b for b in chat.city.branches if b.code != chosen)
    chat.city = replace(chat.city, branches=left_open)
    asked = chat.says("确认")
    assert "有一项要重新填" in asked
    assert "第5步/共6步 银行和网点" in asked
    assert "确认" in chat.says("1")
    assert "已提交" in chat.says("确认")


def test_only_the_photos_that_the_application_names_are_kept(chat: Chat, tmp_path: Path) -> None:
    chat.to_portrait()
    objects = FileObjects(tmp_path / "objects")
    for document in ("d" * 32, "e" * 32):  # the second was replaced by the first
        with chat.database.writing() as records:
            add_document(
                records, KEYS, objects, document_id=document, kind="portrait_own", image=b"jpeg",
                media_type="image/jpeg", width=358, height=441, draft_id=chat.draft.id,
                expires_at=chat.now + timedelta(days=30), now=chat.now,
            )  # fmt: skip
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    assert "已提交" in chat.says("1", "确认")
    (application,) = chat.rows(Application, Application.account_key == str(chat.account))
    kept = chat.rows(Document, Document.application_id == application.id)
    assert [document.id for document in kept] == ["d" * 32]
    (replaced,) = chat.rows(Document, Document.id == "e" * 32)
    assert replaced.expires_at <= chat.now
