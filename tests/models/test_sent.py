"""What was sent to somebody, and that nobody sees what somebody else was sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.ladders import add_notice
from models.notices import Notice, State, add_chat, add_sms
from models.one_time_codes import check_code, issue_code
from models.people import account_of, bind
from models.sent import sent_to
from tests.models.making import ACCOUNT, KEYS, NOW, PHONE, make_person, new_id
from tests.models.push.person import ASKS, SAYS, got, make_campaign

STRANGER = "web:site:stranger"
OTHER_PHONE = "13900005678"


def sms(records: Records, account: str = ACCOUNT, phone: str = PHONE, state: State = "sent") -> str:
    """An SMS that went out to a phone, caused by an account."""
    given = {"template": "SMS_119900001", "params": {"code": "482915", "minutes": "10"}}
    notice = add_sms(records, KEYS, account=account, phone=phone, now=NOW, notice_id=new_id(),
                     **given)  # type: ignore[arg-type]  # fmt: skip
    records.execute(update(Notice).where(Notice.id == notice).values(state=state, sent_at=NOW))
    return notice


def prove(records: Records, account: str, phone: str, at: datetime = NOW) -> None:
    issue_code(records, KEYS, code_id=new_id(), account=account, purpose="phone", phone=phone,
               code="482915", now=at)  # fmt: skip
    given = {"account": account, "purpose": "phone", "code": "482915", "now": at}
    assert check_code(records, KEYS, **given) == "ok"  # type: ignore[arg-type]


def test_who_asks_has_an_sms_sent_does_not_see_it_before_the_code_came_back(
    database: Database,
) -> None:
    with database.writing() as records:
        sms(records, STRANGER)
        assert sent_to(records, KEYS, STRANGER) == []
        prove(records, STRANGER, OTHER_PHONE)
        assert sent_to(records, KEYS, STRANGER) == []
        prove(records, STRANGER, PHONE, NOW + timedelta(minutes=2))
        assert [sent.road for sent in sent_to(records, KEYS, STRANGER)] == ["sms"]


def test_a_bound_account_sees_what_its_persons_phone_and_other_accounts_were_sent(
    database: Database,
) -> None:
    with database.writing() as records:
        me = make_person(records)
        bind(records, "web:site:mine", me.id, NOW)
        bind(records, ACCOUNT, me.id, NOW)
        sms(records, "wechat:wx1:oSomebody")
        params = {"number": "YZ2611230731", "date": "11月30日"}
        told = add_notice(records, KEYS, account=ACCOUNT, name="submitted", params=params,
                          locale="zh_CN", now=NOW, notice_id=new_id())  # fmt: skip
        values = {"state": "sent", "rung": "chat", "sent_at": NOW + timedelta(hours=1)}
        records.execute(update(Notice).where(Notice.id == told).values(**values))
        seen = sent_to(records, KEYS, "web:site:mine")
        assert [(sent.road, "name" in sent.payload) for sent in seen] == [
            ("chat", True), ("sms", False),
        ]  # fmt: skip
        assert sent_to(records, KEYS, STRANGER) == []


@pytest.mark.parametrize("state", ["queued", "refused", "replaced", "parked"])
def test_what_did_not_go_out_was_not_sent(database: Database, state: State) -> None:
    with database.writing() as records:
        prove(records, ACCOUNT, PHONE)
        sms(records, state=state)
        assert sent_to(records, KEYS, ACCOUNT) == []


def test_what_may_have_gone_out_counts_and_messages_of_the_chat_do_not(database: Database) -> None:
    with database.writing() as records:
        prove(records, ACCOUNT, PHONE)
        sms(records, state="unknown")
        add_chat(records, KEYS, account=ACCOUNT, payload={"text": "好"}, now=NOW,
                 notice_id=new_id(), state="sending")  # fmt: skip
        assert len(sent_to(records, KEYS, ACCOUNT)) == 1


def test_a_push_is_among_what_its_person_was_sent_and_nobody_elses(database: Database) -> None:
    with database.writing() as records:
        me = make_person(records)
        for key in ("web:site:mine", ACCOUNT):
            bind(records, key, me.id, NOW)
        account_of(records, STRANGER, NOW)
        got(records, make_campaign(records), at=NOW + timedelta(hours=1), road="wechat:template")
        got(records, make_campaign(records, ASKS), at=NOW, number="YZ2611230731")
        got(records, make_campaign(records), state="visit")
        seen = sent_to(records, KEYS, "web:site:mine")
        assert [(sent.at, sent.road, sent.payload["number"]) for sent in seen] == [
            (NOW + timedelta(hours=1), "template", None), (NOW, "chat", "YZ2611230731"),
        ]  # fmt: skip
        assert seen[0].payload["push"] == SAYS.written()
        assert sent_to(records, KEYS, STRANGER) == []
