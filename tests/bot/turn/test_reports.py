"""Reports of deliveries: many, cheap, and waiting for nobody's turn."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.dialogue.messages import Kind, Outcome, Reply, Update
from bot.ports import TooEarly, Turn
from bot.turn import counts
from models.turns import TurnRow
from tests.bot.turn.rig import NOON, Rig, account, count, count_and_write, said
from tests.bot.turn.test_late_replies import late_by_four

REPORT = Update("e-1", account(), Kind.DELIVERY, NOON, text="1", key="900", data={"result": "x"})


def write(turn: Turn) -> Outcome:
    """Leaves an SMS row for each report, to be counted; remembers nothing that would last."""
    count_and_write(turn)
    return None


def test_a_report_is_recorded_without_conversation_queue_or_fence(rig_on_both: Rig) -> None:
    rig = rig_on_both
    assert rig.turns(handle=write).take(REPORT) is None
    assert rig.numbers_written() == [1]
    assert rig.session() == {}
    assert rig.rows(TurnRow) == []
    assert rig.waiting() == (0, 0, 0)
    assert rig.wakes == ["notices"]


def test_a_report_does_not_wait_for_a_turn_that_takes_long(rig: Rig) -> None:
    """Somebody else holds the person's lease to the end of the test."""
    began, done = threading.Event(), threading.Event()

    def handle(turn: Turn) -> Outcome:
        if turn.update.kind is Kind.DELIVERY:
            return write(turn)
        began.set()
        done.wait(10)
        return Reply("late")

    turns = rig.turns(handle=handle)
    slow = threading.Thread(target=turns.take, args=(said(7),))
    slow.start()
    began.wait(10)
    try:
        started = time.monotonic()
        turns.take(REPORT)
        assert time.monotonic() - started < 1
        assert rig.numbers_written() == [1]
    finally:
        done.set()
        slow.join()


def test_a_report_needs_no_redis(rig: Rig, tmp_path: Path) -> None:
    away = rig.again(redis_url=f"unix://{tmp_path}/no.sock", deadline_s=0.5)
    assert away.turns(handle=write).take(REPORT) is None
    assert away.numbers_written() == [1]
    away.close()


def test_a_report_that_comes_before_our_own_record_is_tried_again(rig: Rig) -> None:
    tries: list[int] = []

    def too_early_at_first(turn: Turn) -> Outcome:
        tries.append(1)
        count_and_write(turn)
        if len(tries) < 3:
            raise TooEarly
        return None

    rig.turns(handle=too_early_at_first).take(REPORT)
    assert len(tries) == 3
    assert rig.numbers_written() == [1], "what the first tries wrote is rolled back"


def test_a_report_that_stays_too_early_is_let_go_within_the_deadline(rig: Rig) -> None:
    def too_early(turn: Turn) -> Outcome:
        raise TooEarly

    started = time.monotonic()
    assert rig.turns(handle=too_early).take(REPORT) is None
    assert time.monotonic() - started < 2


def test_a_report_that_the_records_cannot_take_now_is_queued_and_not_lost(rig: Rig) -> None:
    tries: list[int] = []

    def away_once(turn: Turn) -> Outcome:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("x", {}, Exception())
        return write(turn)

    assert rig.turns(handle=away_once).take(REPORT) is None
    assert rig.numbers_written() == [1]


@pytest.mark.parametrize(
    "kind",
    [
        Kind.UNSUBSCRIBE,
        Kind.CREDITS,
        Kind.DELIVERY,
        Kind.MASS,
        Kind.REVOKED,
        Kind.DESK,
        Kind.CHECKED,
    ],
)
def test_nobody_hears_an_apology_for_what_they_did_not_say(rig: Rig, kind: Kind) -> None:
    def broken(turn: Turn) -> Outcome:
        raise RuntimeError

    faults = counts.FAULTS.labels("RuntimeError")._value.get()
    assert rig.turns(handle=broken).take(Update("e-2", account(), kind, NOON)) is None
    assert counts.FAULTS.labels("RuntimeError")._value.get() == faults + 1


# --- what comes once --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.UNSUBSCRIBE, Kind.CREDITS, Kind.REVOKED, Kind.CHECKED])
def test_what_comes_once_waits_while_the_records_are_away(rig: Rig, kind: Kind) -> None:
    away = [True]

    def handle(turn: Turn) -> Outcome:
        if turn.update.kind is Kind.TEXT:
            return count(turn)
        if away[0]:
            raise OperationalError("x", {}, Exception())
        return write(turn)

    turns = rig.turns(handle=handle, deadline_s=0.3)
    assert turns.take(Update("e-3", account(), kind, NOON, text="1")) is None
    assert rig.waiting()[0] == 1, "it stays at the head"
    away[0] = False
    assert turns.take(said(2)) == Reply("<r2>")
    assert rig.numbers_written() == [1], "taken before the person's next message"


def test_a_withdrawal_takes_the_mail_along(rig: Rig) -> None:
    """What waits there may tell of what must be deleted."""
    late_by_four(rig)
    rig.wakes.clear()
    rig.turns(handle=write).take(Update("e-4", account(), Kind.REVOKED, NOON, text="1"))
    assert rig.mail() == []
    assert rig.numbers_written() == [1]
    assert rig.turns().take(said(9)) == Reply("<r9>")
