"""A portrait of one's own, as the person hears of it: what passes, what is to be mended, and the
ways out. What the studio would say is said by the test."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.messages import Reply
from models.applications import Application, open_answers
from models.documents import Document, FileObjects, add_document
from tests.handlers.chat import Chat
from tests.models.making import KEYS

GOOD = [{"name": "faces", "value": 1.0, "low": 1, "high": 1, "ok": True}]
BAD = [{"name": "white_right", "value": 0.4, "low": 0.9, "high": None, "ok": False}]
UNMEASURED = [{"name": "faces", "value": None, "low": 1, "high": 1, "ok": None}]
FITS: dict[str, Any] = {"original": "o" * 32, "document": "d" * 32, "measures": GOOD}
SHADOW: dict[str, Any] = {
    "original": "o" * 32, "document": "d" * 32, "measures": BAD, "framed": "f" * 32,
    "problem": "shadow_right", "sound": ["face", "light", "sharp"],
}  # fmt: skip


def hears(chat: Chat, told: dict[str, Any] = SHADOW, **more: Any) -> str:
    """A photo is sent, and the studio says so of it."""
    chat.photo()
    return chat.hears("take_portrait", **{**told, **more})


def picture(chat: Chat) -> str:
    assert isinstance(chat.last, Reply)
    return chat.last.picture.document if chat.last.picture else ""


def options(chat: Chat) -> list[str]:
    assert isinstance(chat.last, Reply)
    return [option.label for option in chat.last.options]


@pytest.fixture
def asked(chat: Chat) -> Chat:
    """Somebody without a portrait on file, at the question."""
    chat.to_portrait()
    return chat


def test_what_passes_is_shown_cut_to_size_and_agreed_to(asked: Chat) -> None:
    said = hears(asked, FITS)
    assert "这张合格：白底、清楚，大小已裁好，脸没有修。" in said
    assert picture(asked) == "d" * 32
    assert "确认" in asked.says("1")
    assert asked.draft.answers["portrait"] == {"source": "own", **FITS}


def test_what_does_not_pass_is_told_with_its_remedy_and_a_frame(asked: Chat) -> None:
    said = hears(asked)
    assert said.startswith(
        "五官很清楚，可右边墙上有影子，这样会被退。请离墙再远一步、脸朝窗户，再发一张。"
    )
    assert "填过的都在，不着急" in said
    assert picture(asked) == "f" * 32
    assert options(asked) == []


def test_a_face_that_is_not_surely_good_is_not_praised(asked: Chat) -> None:
    said = hears(asked, sound=["face", "light"], problem="blurred")
    assert said.startswith("拍糊了，五官看不清，这样会被退。")


def test_the_frame_is_sent_once(asked: Chat) -> None:
    hears(asked)
    assert "影子" in asked.says("为什么呢")
    assert picture(asked) == ""


def test_after_a_photo_that_does_not_pass_a_good_one_is_taken(asked: Chat) -> None:
    hears(asked)
    assert "这张合格" in hears(asked, FITS, original="p" * 32)
    asked.says("1")
    assert asked.draft.answers["portrait"]["original"] == "p" * 32


def test_the_job_is_given_what_was_refused_before(asked: Chat) -> None:
    hears(asked)
    asked.photo()
    payload = asked.jobs("take_portrait")[-1].open_payload(KEYS)
    assert payload["refused"] == ["o" * 32]


def test_one_may_insist_at_any_time_and_an_officer_looks(asked: Chat) -> None:
    hears(asked)
    said = asked.says("先交")
    assert "请工作人员看" in said
    assert "最后看一遍" in said
    assert asked.draft.answers["portrait"] == {
        "source": "own", "original": "o" * 32, "document": "d" * 32, "measures": BAD,
        "insisted": "shadow_right",
    }  # fmt: skip


def test_from_the_second_photo_on_insisting_is_offered(asked: Chat) -> None:
    assert "先交" not in hears(asked)
    assert "回复“先交”，请工作人员看" in hears(asked)


def test_the_third_photo_offers_a_person_and_the_counter(asked: Chat) -> None:
    for _ in range(3):
        said = hears(asked)
    assert options(asked) == ["先交，请工作人员看", "再拍一张", "到柜台请人拍"]
    assert "9 人工" in said
    assert "带上身份证原件" in asked.says("3")
    assert "最后看一遍" in asked.says("1")


def test_taking_another_one_after_the_third_asks_for_it(asked: Chat) -> None:
    for _ in range(3):
        hears(asked)
    assert "请发新照片" in asked.says("2")
    assert "这张合格" in hears(asked, FITS)


def test_a_number_counts_only_where_it_is_shown(asked: Chat) -> None:
    hears(asked)
    asked.says("1")
    assert "portrait" not in asked.draft.answers


def test_without_a_portrait_on_file_none_is_offered(asked: Chat) -> None:
    assert "登记照" not in hears(asked)
    assert "没有找到您的公安登记照" in asked.says("登记照")


def test_where_not_all_could_be_measured_nothing_is_promised(asked: Chat) -> None:
    said = hears(asked, FITS, measures=UNMEASURED)
    assert "合不合格由审核人员看" in said
    assert "这张合格" not in said


@pytest.mark.parametrize("word", ["再换一张", "换一张", "2"])
def test_what_passes_may_be_replaced_all_the_same(asked: Chat, word: str) -> None:
    hears(asked, FITS)
    assert "请发新照片" in asked.says(word)


def with_one_on_file(chat: Chat, **measures: Any) -> None:
    chat.to_phone()
    chat.hears("check_person", portrait="p" * 32)
    if measures:
        chat.hears("measure_on_file", document="p" * 32, **measures)
    chat.says("13900001234", "482915")
    chat.hears("check_phone", on_file=True)
    chat.place()
    chat.says("3", "1")


def test_the_one_on_file_is_offered_instead_of_a_bad_photo(chat: Chat) -> None:
    with_one_on_file(chat)
    chat.says("2")
    assert "回复“登记照”改用公安登记照" in hears(chat)
    chat.says("登记照")
    assert chat.draft.answers["portrait"] == {"source": "on_file", "document": "p" * 32}


def test_the_one_on_file_is_measured_for_the_officer_and_never_refused(chat: Chat) -> None:
    with_one_on_file(chat, measures=BAD)
    assert "最后看一遍" in chat.says("1")
    chat.says("确认")
    (application,) = chat.rows(Application, Application.account_key == str(chat.account))
    portrait = open_answers(application, KEYS)["portrait"]
    assert portrait == {"source": "on_file", "document": "p" * 32, "measures": BAD}


def test_measures_of_another_portrait_are_not_taken_for_these(chat: Chat) -> None:
    with_one_on_file(chat)
    chat.hears("measure_on_file", document="q" * 32, measures=BAD)
    assert "portrait_measures" not in chat.draft.facts


def test_the_application_keeps_the_photo_as_it_came_and_as_it_is_printed(
    asked: Chat, tmp_path: Any
) -> None:
    objects = FileObjects(tmp_path)
    names = {"o" * 32: "portrait_own", "d" * 32: "portrait_card", "f" * 32: "portrait_framed"}
    with asked.database.writing() as records:
        for document, kind in names.items():
            add_document(
                records, KEYS, objects, document_id=document, kind=kind, image=b"jpeg",
                media_type="image/jpeg", width=1, height=1, draft_id=asked.draft.id,
                expires_at=asked.now, now=asked.now,
            )  # fmt: skip
    hears(asked, FITS)
    asked.says("1", "确认")
    kept = asked.rows(Document, Document.application_id.is_not(None), Document.id.in_(names))
    assert {document.id for document in kept} == {"o" * 32, "d" * 32}


def test_in_english_all_of_it_is_said_too(asked: Chat) -> None:
    asked.session.locale = "en"
    said = hears(asked)
    assert said.startswith("Your face is clear, but there is a shadow on the wall to the right;")
    assert "your face was not retouched" in hears(asked, FITS)
