"""Calls of the ladder of which nobody knows the end, and the credits that calls use up."""

from __future__ import annotations

import pytest

from bot.ports import SendError
from tests.bot.turn.rig import Rig
from tests.bot.work.desk_rig import at, worker
from tests.bot.work.ladder_rig import (
    APPROVED,
    FIELDS,
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


@pytest.mark.parametrize("rung", ["chat", "subscription"])
def test_an_unknown_end_is_not_repeated_and_stays_unknown(rig: Rig, rung: str) -> None:
    put(rig, phone=PHONE)
    allow(rig)
    refuse(
        rig,
        **{"chat": WINDOW, "template": SendError("account"), rung: SendError("unknown")},
    )
    some, sms = worker(rig), sms_of(rig)
    some.settle()
    at(rig, 3600)
    some.settle()
    assert notice(rig).state == "unknown"
    assert told(rig)[-1] == (rung, "unknown")
    assert sms.taken() == {}


def test_where_a_double_is_better_than_silence_an_unknown_end_goes_on(rig: Rig) -> None:
    put(rig, "refused", phone=PHONE)
    refuse(rig, chat=SendError("unknown"))
    worker(rig).settle()
    assert told(rig) == [("chat", "unknown")]
    assert (notice(rig).state, notice(rig).rung) == ("sent", "template")


def test_a_template_of_unknown_end_is_asked_again_under_its_key(rig: Rig) -> None:
    put(rig)
    refuse(rig, chat=WINDOW, template=SendError("unknown"))
    some = worker(rig)
    some.settle()
    assert notice(rig).state == "queued"
    refuse(rig, chat=WINDOW)
    at(rig, 5)
    some.settle()
    assert (notice(rig).state, sent(rig, "template")) == ("sent", [FIELDS])


def test_after_ten_minutes_the_platform_no_longer_knows_the_key(rig: Rig) -> None:
    put(rig)
    refuse(rig, chat=WINDOW, template=SendError("unknown"))
    some = worker(rig)
    some.settle()
    refuse(rig, chat=WINDOW)
    at(rig, 600)
    some.settle()
    assert (notice(rig).state, sent(rig, "template")) == ("unknown", [])
    assert told(rig) == [("chat", "window"), ("template", "unknown")]


def test_what_may_have_come_is_asked_again_and_not_told_by_another_road(rig: Rig) -> None:
    """Not even when meanwhile the person has left, or the platform is away to the end."""
    put(rig, phone=PHONE)
    refuse(rig, chat=WINDOW, template=SendError("unknown"))
    some = worker(rig)
    some.settle()
    records_of(rig, has_left)
    refuse(rig, chat=WINDOW, template=SendError("transient"))
    for seconds in range(5, 400, 65):
        at(rig, seconds)
        some.settle()
    assert (notice(rig).state, told(rig)[-1]) == ("unknown", ("template", "unknown"))
    assert sms_of(rig).taken() == {}


def test_what_may_have_come_and_is_refused_when_asked_again_has_not_come(rig: Rig) -> None:
    put(rig, phone=PHONE)
    refuse(rig, chat=WINDOW, template=SendError("unknown"))
    sms = sms_of(rig)
    some = worker(rig, sms=sms)
    some.settle()
    refuse(rig, chat=WINDOW, template=SendError("permanent", "43004"))
    at(rig, 5)
    some.settle()
    assert told(rig)[1] == ("template", "permanent")
    assert (notice(rig).rung, len(sms.taken())) == ("sms", 1)


def test_a_credit_is_given_back_where_the_message_surely_did_not_go_out(rig: Rig) -> None:
    put(rig)
    allow(rig, 2)
    refuse(rig, chat=WINDOW, template=SendError("account"), subscription=SendError("transient"))
    some = worker(rig)
    some.settle()
    assert credits_left(rig) == 2
    refuse(rig, chat=WINDOW)
    at(rig, 5)
    some.settle()
    assert (notice(rig).rung, credits_left(rig)) == ("subscription", 1)


def test_a_refused_person_has_no_credit_left(rig: Rig) -> None:
    put(rig)
    allow(rig, 3)
    refusal = SendError("permanent", "43101")
    refuse(rig, chat=WINDOW, template=SendError("account"), subscription=refusal)
    worker(rig).settle()
    assert (notice(rig).state, credits_left(rig)) == ("parked", 0)


def test_a_credit_of_an_unknown_end_stays_taken(rig: Rig) -> None:
    put(rig)
    allow(rig, 3)
    refuse(rig, chat=WINDOW, template=SendError("account"), subscription=SendError("unknown"))
    worker(rig).settle()
    assert (notice(rig).state, credits_left(rig)) == ("unknown", 2)
