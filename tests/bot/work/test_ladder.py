"""The ladder: chat, an approved wording, an SMS, the next visit; the reason of every step kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.ports import OfficeError, SendError, Turn
from bot.sessions import SessionsAway
from bot.work.worker import Worker
from config.city import WeChat
from models.ladders import add_notice, settle_ladders
from models.notices import Notice
from models.subscriptions import add_credits
from tests.bot.turn.rig import CITY, KEYS, NOON, Rig, account, count, said
from tests.bot.work.desk_rig import at, worker
from tests.bot.work.ladder_rig import (
    APPROVED,
    CHAT,
    FIELDS,
    PARAMS,
    PHONE,
    WINDOW,
    allow,
    credits_left,
    has_left,
    notice,
    put,
    records_of,
    refuse,
    sent,
    sms_of,
    told,
    with_city,
)


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    return with_city(rig_on_both, APPROVED)


def test_where_the_chat_takes_it_nothing_else_is_tried(rig: Rig) -> None:
    put(rig, phone=PHONE)
    worker(rig).settle()
    (text,) = sent(rig, "text")
    assert CHAT in text
    assert (notice(rig).state, notice(rig).rung, told(rig)) == ("sent", "chat", [])
    assert (sent(rig, "template"), sms_of(rig).taken()) == ([], {})


def test_out_of_the_window_an_approved_wording_is_sent(rig: Rig) -> None:
    put(rig)
    refuse(rig, chat=WINDOW)
    worker(rig).settle()
    assert sent(rig, "template") == [FIELDS]
    assert told(rig) == [("chat", "window")]
    found = notice(rig)
    assert (found.state, found.rung, found.sent_as) == ("sent", "template", f"at-{1:032}")


def test_a_subscription_is_sent_where_one_is_left_and_takes_it(rig: Rig) -> None:
    put(rig)
    allow(rig, 2)
    refuse(rig, chat=WINDOW, template=SendError("account", "48001"))
    worker(rig).settle()
    assert sent(rig, "subscription") == [FIELDS]
    assert told(rig) == [("chat", "window"), ("template", "account")]
    assert credits_left(rig) == 1


def test_without_credit_no_call_is_spent_on_a_subscription(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=WINDOW, template=SendError("account"), subscription=SendError("bug"))
    sms = sms_of(rig)
    worker(rig, sms=sms).settle()
    assert told(rig)[2] == ("subscription", "no")
    assert list(sms.taken()) == [notice(rig).id]
    assert notice(rig).rung == "sms"


def test_an_sms_says_the_registered_text(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=WINDOW, template=SendError("permanent", "43004"))
    sms = sms_of(rig)
    worker(rig, sms=sms).settle()
    (params,) = sms.taken().values()
    assert params == {"tail": "0731", "status": "社保功能已启用", "note": "可以看病买药、领待遇了"}


def test_at_last_it_waits_for_the_visit_with_every_reason(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=WINDOW, template=SendError("account", "48001"))
    worker(rig, sms=sms_of(rig, OfficeError("sms", "refused", retry=False))).settle()
    assert told(rig) == [
        ("chat", "window"),
        ("template", "account"),
        ("subscription", "no"),
        ("sms", "permanent"),
    ]
    assert all(datetime.fromisoformat(when) == NOON for _, _, when in notice(rig).steps)
    assert (notice(rig).state, notice(rig).rung) == ("parked", "visit")


def test_without_a_phone_and_without_templates_it_waits_for_the_visit(rig_on_both: Rig) -> None:
    rig = with_city(rig_on_both, CITY)  # an account that applied for no wording
    put(rig)
    refuse(rig, chat=SendError("account", "48001"))
    worker(rig).settle()
    reasons = [(rung, reason) for rung, reason, _ in notice(rig).steps]
    assert reasons == [
        ("chat", "account 48001"),
        ("template", "no template"),
        ("subscription", "no template"),
        ("sms", "no phone"),
    ]
    assert notice(rig).state == "parked"


def test_who_left_gets_no_call_of_the_platform(rig: Rig) -> None:
    put(rig, phone=PHONE)
    records_of(rig, has_left)
    sms = sms_of(rig)
    worker(rig, sms=sms).settle()
    left = [(rung, "left") for rung in ("chat", "template", "subscription")]
    assert (told(rig), len(sms.taken())) == (left, 1)
    assert sent(rig, "text") == sent(rig, "template") == []


def test_a_rung_that_is_away_for_a_moment_is_tried_again(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=SendError("transient", "-1"))
    some = worker(rig)
    some.settle()
    assert (notice(rig).state, told(rig)) == ("queued", [])
    refuse(rig)
    at(rig, 2)
    some.settle()
    assert (notice(rig).state, notice(rig).rung) == ("sent", "chat")


def test_a_rung_that_stays_away_is_left_at_last(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=SendError("transient", "-1"))
    some = worker(rig)
    for seconds in range(0, 600, 60):
        at(rig, seconds)
        some.settle()
    assert told(rig) == [("chat", "transient")]
    assert (notice(rig).state, notice(rig).rung) == ("sent", "template")


def test_the_quota_of_the_day_is_waited_for_until_midnight_in_beijing(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=SendError("quota", "45009"))
    some = worker(rig)
    some.settle()
    midnight = datetime.fromisoformat("2026-11-24T00:00:00+08:00")
    assert (notice(rig).state, notice(rig).due_at) == ("queued", midnight)
    refuse(rig)
    at(rig, (midnight - NOON).total_seconds() - 1)
    some.settle()
    assert sent(rig, "text") == []
    at(rig, (midnight - NOON).total_seconds())
    some.settle()
    assert (notice(rig).state, notice(rig).rung, told(rig)) == ("sent", "chat", [])


def test_a_mini_programs_notice_uses_its_own_wordings(rig_on_both: Rig) -> None:
    city = replace(CITY, wechat=WeChat(mini_subscriptions={"progress": "M1"}))
    rig = with_city(rig_on_both, city)
    rig.channels["wechat_mini"] = replace(
        rig.channels["wechat"], name="wechat_mini", rungs=("chat", "subscription")
    )
    key = account(channel="wechat_mini")
    records_of(rig, lambda records: add_credits(records, str(key), {"M1": 1}, NOON))
    with rig.database.writing() as records:
        add_notice(
            records,
            KEYS,
            account=str(key),
            name="activated",
            params=PARAMS,
            locale="zh_CN",
            now=NOON,
            notice_id="m" * 32,
        )
    rig.channels["wechat_mini"].faults = {"text": WINDOW}
    worker(rig).settle()
    assert rig.channels["wechat_mini"].sent("subscription") == [FIELDS]


def test_a_notice_of_a_turn_is_written_with_the_turn(rig: Rig) -> None:
    def tell(turn: Turn) -> Any:
        turn.notify("activated", PARAMS, phone=PHONE, matter="application:1")
        return count(turn)

    turns = rig.turns(handle=tell)
    turns.take(said(1))
    turns.take(said(1))
    found = notice(rig)
    assert (found.kind, found.matter) == ("ladder", "application:1")
    assert "notices" in rig.wakes
    worker(rig).settle()
    assert len(sent(rig, "text")) == 1


def test_what_nobody_can_word_any_more_is_refused_and_stops_nobody(rig: Rig) -> None:
    put(rig, number=1)
    put(rig, number=2)
    wordings = dict(rig.templates.book.notice)
    wordings["refused"] = wordings.pop("activated")
    changed = replace(rig.templates, book=replace(rig.templates.book, notice=wordings))
    put(rig, "refused", number=3)
    rig.templates = changed
    worker(rig).settle()
    states = [found.state for found in rig.rows(Notice)]
    assert states == ["refused", "refused", "sent"]


def test_one_persons_notices_leave_in_order_whatever_rung_they_take(rig: Rig) -> None:
    for number, status in enumerate(("approved", "sent_to_province", "in_production"), 1):
        put(rig, status, params=PARAMS | {"date": "12月21日"}, number=number)
    refuse(rig, chat=WINDOW)
    threads: Worker = worker(rig)
    threads.settle()
    words = [text.split()[1] for text in sent(rig, "template")]
    assert words == ["审核通过", "已报到省里", "正在制卡"]


def test_nothing_is_parked_while_redis_cannot_be_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is known there is not looked up in the records: it would wait for ever."""

    def away(_: object) -> None:
        raise SessionsAway("ConnectionError")

    put(rig)
    refuse(rig, chat=WINDOW, template=SendError("account"))
    with monkeypatch.context() as without:
        without.setattr(rig.marks, "mark", away)
        worker(rig).settle()
    assert (notice(rig).state, notice(rig).reason) == ("queued", "visit not marked")
    at(rig, 60)
    worker(rig).settle()
    assert notice(rig).state == "parked"
    assert told(rig) == [
        ("chat", "window"),
        ("template", "account"),
        ("subscription", "no"),
        ("sms", "no"),
    ]


def test_a_rung_on_which_our_own_code_stumbles_is_left_at_last(rig: Rig) -> None:
    def broken() -> None:
        raise RuntimeError

    put(rig, "refused", phone=PHONE)  # better told twice
    rig.channels["wechat"].on_send = broken
    sms, seconds = sms_of(rig), 0
    while notice(rig).state != "sent" and seconds < 6000:
        at(rig, seconds)
        worker(rig, sms=sms).settle()
        records_of(
            rig, lambda records: settle_ladders(records, rig.sources.clock(), lambda _: True)
        )
        seconds += 20
    assert told(rig) == [("chat", "unknown"), ("template", "unknown"), ("subscription", "no")]
    assert (notice(rig).state, notice(rig).rung) == ("sent", "sms")


def test_a_channel_that_is_not_served_any_more_leaves_sms_and_visit(rig: Rig) -> None:
    put(rig, phone=PHONE)
    del rig.channels["wechat"]
    sms = sms_of(rig)
    worker(rig, sms=sms, turns=object()).settle()
    assert (notice(rig).rung, len(sms.taken())) == ("sms", 1)
