"""A form begun in one channel and gone on with in another, between two chats without a worker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.dialogue.messages import AccountKey, Later
from bot.dialogue.state import Session
from bot.ports import Manner
from models.consents import consents_of
from models.database import Database
from models.documents import Document
from models.drafts import DraftRow, end_draft, open_drafts
from models.jobs import Job
from models.people import bind, find_person
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat
from tests.models.making import KEYS, NOW, make_person

LATER_ON = timedelta(minutes=2)  # another code may be sent to the same phone
ALIPAY = Manner(texts="alipay", subscribes="alipay")


def chat_in(database: Database, channel: str, manner: Manner) -> Chat:
    chat = Chat(database)
    chat.account = AccountKey(channel, "app1", chat.account.user)
    chat.manner = manner
    return chat


@pytest.fixture
def wechat(sqlite_database: Database) -> Chat:
    return chat_in(sqlite_database, "wechat", Manner(subscribes="wechat"))


@pytest.fixture
def alipay(sqlite_database: Database) -> Chat:
    return chat_in(sqlite_database, "alipay", ALIPAY)


def bound(*chats: Chat) -> None:
    """All of them are the same proven person's."""
    with chats[0].database.writing() as records:
        person = make_person(records)
        for chat in chats:
            bind(records, str(chat.account), person.id, chat.now)


def worker(*chats: Chat) -> list[str]:
    """What a worker does: each job's payload is its result, at the account it names. The answers
    of the last result, by chat."""
    said = []
    for name in ("release_draft", "take_draft"):
        for chat in chats:
            for job in chat.jobs(name):
                if job.state == "queued":
                    said.append(delivered(chat, job))
    return said


def delivered(chat: Chat, job: Job) -> str:
    answer = chat.reports(job, **job.open_payload(KEYS))
    with chat.database.writing() as records:
        records.execute(update(Job).where(Job.id == job.id).values(state="done"))
    return answer


def rows(chat: Chat) -> list[DraftRow]:
    """The open drafts of a chat."""
    with chat.database.reading() as records:
        found = open_drafts(records, str(chat.account), chat.now)
        records.expunge_all()
    return found


def test_what_was_begun_in_wechat_is_finished_in_alipay(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    before = wechat.draft
    assert alipay.says("办卡") == (
        "您在微信里填到第6步（11月23日开始），接着填吗？\n1 接着填\n2 重新填\n0 返回 · 9 人工"
    )
    assert alipay.says("1") == ""
    assert isinstance(alipay.last, Later)
    answer = worker(wechat, alipay)[-1]
    assert answer.startswith("接着办，前面填的都在。\n第6步/共6步 照片和核对")
    assert alipay.draft == before
    assert wechat.session.drafts == {}
    assert (rows(wechat), [row.id for row in rows(alipay)]) == ([], [before.id])
    alipay.photo()
    alipay.hears("take_portrait", document="d" * 32)
    alipay.says("1")
    assert "已提交" in alipay.says("确认")


def test_the_account_before_hears_where_it_went(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_address()
    alipay.says("继续", "1")
    worker(wechat, alipay)
    assert "那份申请已转到支付宝继续填写" in wechat.says("哈哈哈")
    answer = wechat.says("继续")
    assert answer.startswith("那份申请已转到支付宝继续填写。\n您在支付宝里填到第4步")
    assert wechat.says("1") == ""
    assert "第4步/共6步" in worker(alipay, wechat)[-1]
    assert wechat.draft.step == "lives_at"
    assert alipay.session.drafts == {}


def test_an_account_that_is_nobodys_hears_it_once_and_may_begin_anew(
    wechat: Chat, alipay: Chat
) -> None:
    bound(wechat, alipay)
    wechat.to_address()
    alipay.says("继续", "1")
    worker(wechat, alipay)
    wechat.says("解绑")
    assert "已转到支付宝" in wechat.says("继续")
    assert "第1步" in wechat.says("办卡")


def test_who_is_not_bound_is_asked_after_the_code_from_the_phone_on_file(
    wechat: Chat, alipay: Chat
) -> None:
    wechat.to_portrait()
    alipay.now += LATER_ON
    first = wechat.draft
    assert "您在" not in alipay.to_phone()
    own = alipay.draft.id
    alipay.says(PHONE, CODE)
    answer = alipay.hears("check_phone", on_file=True)
    assert answer.startswith("手机号核对好了，您可以办卡。\n您在微信里填到第6步（11月23日开始）")
    assert "2 不了，填这一份" in answer
    alipay.says("1")
    assert "第6步/共6步" in worker(wechat, alipay)[-1]
    assert alipay.draft.id == first.id
    with alipay.database.reading() as records:
        assert records.get_one(DraftRow, own).ended_how == "cancelled"


def test_who_goes_on_with_the_one_here_is_asked_no_question_more(
    wechat: Chat, alipay: Chat
) -> None:
    wechat.to_portrait()
    alipay.now += LATER_ON
    alipay.to_address()
    assert alipay.draft.step == "earlier"
    assert "第4步/共6步" in alipay.says("2")
    assert wechat.draft.step == "portrait"
    assert "earlier" not in alipay.draft.answers


@pytest.mark.parametrize("on_file", [False, None])
def test_nobody_learns_of_a_draft_who_has_not_proven_to_be_that_person(
    wechat: Chat, alipay: Chat, on_file: bool | None
) -> None:
    wechat.to_portrait()
    assert "第1步" in alipay.says("办卡")
    alipay.says("0")
    alipay.session.drafts.clear()
    alipay.now += LATER_ON
    alipay.to_phone()
    alipay.says(PHONE, CODE)
    assert "第4步/共6步" in alipay.hears("check_phone", on_file=on_file)


def test_a_claim_without_proof_is_nobodys_draft(wechat: Chat, alipay: Chat) -> None:
    """An impostor's form, with his phone and address, is not offered to whose number he typed."""
    wechat.to_portrait(on_file=False)
    bound(alipay)
    assert "第1步" in alipay.says("办卡")


def test_another_name_typed_after_the_proof_takes_the_proof_away(
    wechat: Chat, alipay: Chat
) -> None:
    bound(alipay)
    wechat.to_read_back()
    wechat.says("改姓名", "赵小云 119999199208190022")
    wechat.hears("check_person", identity="match", eligibility={"insured": True, "has_card": False,
                 "open_application": False})  # fmt: skip
    assert "第1步" in alipay.says("办卡")


def test_begun_anew_it_is_not_asked_again(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    assert "第1步" in alipay.says("办卡", "重新填")
    alipay.now += LATER_ON
    alipay.says("同意", "手输", f"{NAME} {NUMBER}")
    alipay.checks()
    alipay.hears("check_person", portrait=None)
    alipay.says("汉", "2038年5月12日", PHONE, CODE)
    assert "第4步/共6步" in alipay.hears("check_phone", on_file=True)
    assert wechat.draft.step == "portrait"


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ("submitted", "已经在微信提交了"),
        ("cancelled", "已经在微信取消了"),
        ("expired", "过了30天没填完"),
    ],
)
def test_what_ended_meanwhile_is_said(wechat: Chat, alipay: Chat, ended: Any, told: str) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    alipay.says("办卡", "1")
    with wechat.database.writing() as records:
        end_draft(records, wechat.draft.id, ended, wechat.now)
    wechat.session.drafts.clear()
    assert told in worker(wechat, alipay)[-1]
    assert alipay.session.talk == ""


def test_a_draft_that_was_lost_with_its_session_is_said_to_be_and_ends(
    wechat: Chat, alipay: Chat
) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    wechat.session = Session()
    alipay.says("办卡", "1")
    assert "没有保住" in worker(wechat, alipay)[-1]
    assert rows(wechat) == []
    assert "第1步" in alipay.says("办卡")


def test_what_is_still_being_checked_stays_where_it_is(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.says("办卡", "同意")
    wechat.photo()
    alipay.says("办卡", "1")
    assert "还在核对" in worker(wechat, alipay)[-1]
    assert wechat.hears("read_id_photo", side="front", fields={}, document="f" * 32) != ""
    alipay.says("办卡", "1")
    assert "请再发国徽面" in worker(wechat, alipay)[-1]


def test_asked_for_twice_it_arrives_once(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    alipay.says("办卡", "1")
    assert "请稍等" in alipay.says("办卡")
    assert "请稍等" in alipay.says("1")
    alipay.now += timedelta(minutes=2)
    assert "接着填吗" in alipay.says("继续")
    alipay.says("1")
    assert len(wechat.jobs("release_draft")) == 2
    said = worker(wechat, alipay)
    assert sum("第6步/共6步" in answer for answer in said) == 1
    assert alipay.draft.step == "portrait"


def test_two_that_ask_at_once_do_not_both_have_it(
    wechat: Chat, alipay: Chat, sqlite_database: Database
) -> None:
    site = chat_in(sqlite_database, "web", Manner(texts="web"))
    bound(wechat, alipay, site)
    wechat.to_portrait()
    alipay.says("办卡", "1")
    site.says("办卡", "1")
    said = worker(wechat, alipay, site)
    assert "刚才转到别处" in said[-1]
    assert "card" in alipay.session.drafts
    assert "card" not in site.session.drafts
    assert "您在支付宝里" in site.says("继续")


def test_who_began_anew_while_it_was_on_its_way_keeps_the_new_one(
    wechat: Chat, alipay: Chat
) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    alipay.says("办卡", "1")
    alipay.now += timedelta(minutes=2)
    alipay.says("继续", "2", "同意")
    fresh = alipay.draft.id
    assert worker(wechat, alipay)[-1] == ""
    assert alipay.draft.id == fresh
    assert [row.id for row in rows(alipay)] == [fresh]


def test_what_ended_on_its_way_does_not_come_to_life_again(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    alipay.says("办卡", "1")
    delivered(wechat, wechat.jobs("release_draft")[0])
    with alipay.database.writing() as records:
        end_draft(records, rows(alipay)[0].id, "cancelled", alipay.now)
    assert delivered(alipay, alipay.jobs("take_draft")[0]) == ""
    assert alipay.session.drafts == {}
    assert "第1步" in alipay.says("办卡")


def test_consents_and_photos_go_with_it(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_portrait()
    draft_id = wechat.draft.id
    alipay.says("办卡", "1")
    worker(wechat, alipay)
    with alipay.database.reading() as records:
        assert {c.kind for c in consents_of(records, draft_id)} == {"general", "handing_over"}
        kept = records.query(Document).where(Document.draft_id == draft_id)
        assert all(
            document.expires_at is None or document.expires_at > alipay.now for document in kept
        )


def test_a_code_sent_to_one_account_proves_nothing_in_another(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_phone()
    wechat.says(PHONE)
    alipay.says("办卡", "1")
    assert "请发您的手机号" in worker(wechat, alipay)[-1]
    alipay.now += LATER_ON
    assert "139******34" in alipay.says(PHONE)
    alipay.says(CODE)
    assert "第4步" in alipay.hears("check_phone", on_file=True)


def test_a_reminder_goes_to_who_keeps_it(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_address()
    remind_at = rows(wechat)[0].remind_at
    alipay.says("办卡", "1")
    worker(wechat, alipay)
    assert rows(alipay)[0].remind_at == remind_at


def test_a_result_that_came_to_nothing_changes_nothing(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_address()
    alipay.says("办卡", "1")
    asked = wechat.jobs("release_draft")[0]
    assert wechat.reports(asked, error="unavailable") == ""
    assert "card" in wechat.session.drafts


def test_where_no_form_is_filled_in_none_is_offered(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_address()
    alipay.manner = replace(ALIPAY, applies=False)
    for said in ("办卡", "继续"):
        assert "网站" in alipay.says(said)
    assert "card" in wechat.session.drafts


def test_the_offer_leads_back_and_is_asked_again_in_words(wechat: Chat, alipay: Chat) -> None:
    bound(wechat, alipay)
    wechat.to_address()
    alipay.says("办卡")
    assert "没太明白" in alipay.says("嗯嗯嗯哈哈")
    assert "首次办卡不收费" in (asked := alipay.says("办卡要钱吗"))
    assert "接着填吗" in asked
    assert "回复数字" in alipay.says("0")
    assert "in WeChat" in alipay.says("english", "apply for a card").replace("In", "in")


def test_a_person_without_records_is_found_by_the_number_alone(wechat: Chat) -> None:
    with wechat.database.reading() as records:
        assert find_person(records, KEYS, NUMBER) is None
    wechat.to_address()
    assert rows(wechat)[0].person_index is not None
    assert NAME not in repr(rows(wechat)[0].__dict__)
    assert rows(wechat)[0].expires_at > NOW
