"""What is forgotten of who left long ago, and what is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import Application, move
from models.audit import AuditEvent, audit
from models.consents import Consent, give_consent
from models.database import Database
from models.drafts import DraftRow, start_draft
from models.leaving import forget_account, forget_left, hold_sends
from models.notices import Notice, add_chat, add_sms, park
from models.people import Account, Holder, account_of, act_for, bind, find_account
from models.push.answers import answers_to, take_answer
from models.push.choices import want_announcements
from models.push.reaching import accounts_of, refusal
from models.subscriptions import follow, leave
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, make_application, make_person, new_id

LEFT = NOW - timedelta(days=90)


def an_account(records: Records, account: str = ACCOUNT, left: datetime | None = LEFT) -> str:
    """Bound, acting for somebody, with a draft and a parked notice; gone since `left`."""
    person = make_person(records)
    bind(records, account, person.id, NOW)
    act_for(records, account, person.id, "self", NOW)
    start_draft(
        records, draft_id=new_id(), account=account, form="card", now=NOW,
        expires_at=NOW + 30 * DAY,
    )  # fmt: skip
    notice = add_chat(
        records, KEYS, account=account, payload={"text": "x"}, now=NOW, notice_id=new_id()
    )
    park(records, notice, "window")
    if left:
        leave(records, account, left)
    return person.id


def rows(database: Database, model: type[Any]) -> list[Any]:
    with database.reading() as records:
        return list(records.scalars(select(model)).all())


def forget(database: Database) -> int:
    with database.writing() as records:
        return forget_left(records, NOW - timedelta(days=90), NOW)


def test_who_left_long_ago_is_forgotten_once(database: Database) -> None:
    with database.writing() as records:
        an_account(records)
        give_consent(
            records, consent_id=new_id(), account=ACCOUNT, draft_id=new_id(), kind="general",
            text_version="1", text="x", locale="zh_CN", now=NOW,
        )  # fmt: skip
        audit(records, actor="x", act="x", subject="x", reason="x", now=NOW)
    assert forget(database) == 1
    assert rows(database, Consent), "what the law wants kept is kept"
    assert rows(database, AuditEvent)
    (account,) = rows(database, Account)
    assert (account.person_id, account.bound_at, account.followed) == (None, None, False)
    for model in (Holder, DraftRow, Notice):
        assert rows(database, model) == [], model
    assert forget(database) == 0


@pytest.mark.parametrize("left", [LEFT + timedelta(seconds=1), None])
def test_who_left_of_late_or_stays_is_remembered(database: Database, left: datetime | None) -> None:
    with database.writing() as records:
        an_account(records, left=left)
    assert forget(database) == 0
    assert rows(database, Holder)


def test_who_came_back_is_remembered(database: Database) -> None:
    with database.writing() as records:
        an_account(records)
        follow(records, ACCOUNT, NOW)
    assert forget(database) == 0


def test_who_leaves_again_is_forgotten_again(database: Database) -> None:
    with database.writing() as records:
        an_account(records)
    forget(database)
    with database.writing() as records:
        follow(records, ACCOUNT, LEFT)
        leave(records, ACCOUNT, LEFT)
    assert forget(database) == 1


@pytest.mark.parametrize("by", ["account", "person"])
def test_who_waits_for_a_card_is_remembered_until_it_is_there(database: Database, by: str) -> None:
    with database.writing() as records:
        person = an_account(records)
        handed_in_by = ACCOUNT if by == "account" else "wechat:wx1:oOther"
        application = make_application(records, make_person(records), account=handed_in_by)
        assert application.holder_id == person
    assert forget(database) == 0
    with database.writing() as records:
        open_one = records.get_one(Application, application.id)
        move(records, open_one, State.CANCELLED, Actor.CITIZEN, NOW)
    assert forget(database) == 1
    assert rows(database, Application), "what was handed in stays"


def test_two_workers_at_once_forget_each_account_once(database: Database) -> None:
    with database.writing() as records:
        for n in range(20):
            an_account(records, f"wechat:wx1:o{n}")
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: forget(database), range(4)))
    forget(database)
    assert sum(counts) <= 20
    assert all(account.left_at is None for account in rows(database, Account))


def test_what_was_about_to_be_sent_waits_but_an_sms_goes(database: Database) -> None:
    with database.writing() as records:
        add_chat(records, KEYS, account=ACCOUNT, payload={"text": "x"}, now=NOW, notice_id=new_id())
        add_sms(
            records, KEYS, account=ACCOUNT, phone="13900001234", template="t", params={}, now=NOW,
            notice_id=new_id(),
        )  # fmt: skip
        assert hold_sends(records, ACCOUNT) == 1
        assert hold_sends(records, "wechat:wx1:oOther") == 0
    states = {notice.kind: notice.state for notice in rows(database, Notice)}
    assert states == {"chat": "parked", "sms": "queued"}


def test_an_account_that_nobody_knows_can_leave(database: Database) -> None:
    with database.writing() as records:
        leave(records, ACCOUNT, NOW)
        found = find_account(records, ACCOUNT)
        assert found is not None
        assert (found.followed, found.left_at) == (False, NOW)


def test_a_closed_account_is_told_of_no_campaign_and_its_words_are_gone(
    database: Database,
) -> None:
    with database.writing() as records:
        person = make_person(records)
        for key in (ACCOUNT, "alipay:app:mine"):
            bind(records, key, person.id, NOW)
        want_announcements(records, ACCOUNT, NOW)
        mine = account_of(records, ACCOUNT, NOW)
        for recipient in (mine.recipient, mine.recipient + 1):
            take_answer(records, KEYS, campaign_id=1, recipient=recipient, option="", text="好",
                        now=NOW)  # fmt: skip
        forget_account(records, mine, NOW)
        assert (mine.stopped_at, mine.announcements_since) == (NOW, None)
        assert [a.open_text(KEYS) for a in answers_to(records, 1)] == ["好", "好"]
        last = account_of(records, "alipay:app:mine", NOW)
        assert last.stopped_at is None, "the other account still speaks for the person"
        assert last.recipient != mine.recipient
        forget_account(records, last, NOW)
        assert [a.open_text(KEYS) for a in answers_to(records, 1)] == ["好", ""]
        theirs = [mine.recipient, last.recipient]
        found = accounts_of(records, theirs)
        for recipient in theirs:
            assert refusal(found[recipient], "service") == "stopped"
