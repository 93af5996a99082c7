"""The line of reports: none is lost with a worker, early ones come again, twice does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import OperationalError

from bot.dialogue.messages import Kind, Update
from bot.sessions import Receipts
from bot.work.receipts import PATIENCE, ReceiptsLane
from models.push.deliveries import Delivery
from tests.bot.turn.rig import NOON, Doubling, Rig, account
from tests.bot.work.desk_rig import SmsDesk, tools
from tests.models.push.person import counted, got, make_campaign

ARRIVED = ("receipt", "wechat:template", "delivered")
ALICE = str(account())


def line(rig: Rig, again_ms: int = 0) -> Receipts:
    """With whatever was taken and not done to be had again after so many milliseconds. Where that
    is at once, Redis is asked twice now and then, as after a lost answer."""
    return Receipts(rig.client if again_ms else Doubling(rig.client), again_ms=again_ms)


def lane(rig: Rig, receipts: Receipts) -> ReceiptsLane:
    return ReceiptsLane(tools(rig, SmsDesk(rig.folder / "sms.log")), receipts)


def work(lane: ReceiptsLane) -> bool:
    """One batch; False where there is none."""
    found = lane.claim()
    if found:
        found()
    return found is not None


def pushed(rig: Rig, *ids: str | None, state: str = "sent") -> int:
    """A campaign whose messages the platform took under these ids, each for a person of its own."""
    with rig.database.writing() as records:
        campaign = make_campaign(records)
        for number, sent_as in enumerate(ids):
            who = str(account(f"alice{number}" if number else "alice"))
            recipient = got(records, campaign, who, state=state, road="wechat:template")
            its = update(Delivery).where(Delivery.recipient == recipient)
            records.execute(its.values(sent_as=sent_as))
    return campaign.id


def left(rig: Rig) -> int:
    return int(rig.client.xlen("{shebaoka:receipts}"))


def test_a_burst_is_placed_in_batches_and_nothing_is_left(rig_on_both: Rig) -> None:
    rig, people = rig_on_both, 1200
    receipts = line(rig)
    with rig.database.writing() as records:
        campaign = make_campaign(records).id
        sent = {"campaign_id": campaign, "state": "sent", "road": "wechat:template"}
        rows = [{**sent, "recipient": n, "sent_as": str(10_000 + n)} for n in range(people)]
        records.execute(insert(Delivery), rows)
    for number in reversed(range(people)):
        receipts.add(ALICE, [(str(10_000 + number), "delivered")])
    batches = 0
    working = lane(rig, receipts)
    while work(working):
        batches += 1
    assert counted(rig.database, campaign)[ARRIVED] == people
    assert batches < people / 100
    assert left(rig) == 0


def test_what_a_dead_worker_had_taken_is_taken_again(rig: Rig) -> None:
    campaign = pushed(rig, "1")
    line(rig).add(ALICE, [("1", "delivered")])
    assert line(rig).take(10), "and its worker dies"
    assert line(rig, 60_000).take(10) == [], "for a moment nobody else gets it"
    assert work(lane(rig, line(rig)))
    assert counted(rig.database, campaign)[ARRIVED] == 1
    assert left(rig) == 0


def test_one_that_dies_between_the_records_and_the_line_counts_nothing_twice(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, receipts = pushed(rig, "1"), line(rig)
    receipts.add(ALICE, [("1", "delivered")])

    def dies(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as dying:
        dying.setattr(Receipts, "done", dies)
        with pytest.raises(RuntimeError):
            work(lane(rig, receipts))
    assert counted(rig.database, campaign)[ARRIVED] == 1
    assert work(lane(rig, receipts))
    assert counted(rig.database, campaign)[ARRIVED] == 1
    assert left(rig) == 0


def test_without_records_the_reports_wait(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign, receipts = pushed(rig, "1"), line(rig)
    receipts.add(ALICE, [("1", "delivered")])

    def away(*_: Any) -> Any:
        raise OperationalError("SELECT", None, Exception())

    with monkeypatch.context() as without:
        without.setattr(rig.database, "reading", away)
        with pytest.raises(OperationalError):
            work(lane(rig, receipts))
    assert work(lane(rig, receipts))
    assert counted(rig.database, campaign)[ARRIVED] == 1


def test_an_early_report_waits_for_our_own_record_of_the_send(rig: Rig) -> None:
    campaign, receipts = pushed(rig, None, state="calling"), line(rig)
    receipts.add(ALICE, [("1", "delivered"), ("2", "delivered")])
    assert work(lane(rig, receipts))
    assert left(rig) >= 2
    with rig.database.writing() as records:
        records.execute(update(Delivery).values(state="sent", sent_as="1"))
    assert work(lane(rig, receipts))
    assert counted(rig.database, campaign)[ARRIVED] == 1
    assert left(rig) == 0, "the other one is of nobody's"


def test_one_that_stays_early_is_let_go_in_the_end(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(rig, None, state="calling")
    receipts = line(rig)
    receipts.add(ALICE, [("1", "delivered")])
    monkeypatch.setattr("bot.work.receipts.PATIENCE", -PATIENCE)
    assert work(lane(rig, receipts))
    assert left(rig) == 0


def test_who_empties_redis_takes_what_was_in_line_and_no_more(rig: Rig) -> None:
    campaign, receipts = pushed(rig, "1"), line(rig)
    receipts.add(ALICE, [("7", "delivered")])
    assert work(lane(rig, receipts))
    rig.client.flushall()
    assert not work(lane(rig, receipts))
    receipts.add(ALICE, [("1", "delivered")])
    assert work(lane(rig, receipts))
    assert counted(rig.database, campaign)[ARRIVED] == 1


def test_a_report_is_put_in_line_and_the_records_are_not_asked(rig: Rig) -> None:
    def never(turn: Any) -> Any:
        raise AssertionError("the records were asked")

    receipts = line(rig, 60_000)
    turns = rig.turns(handle=never, receipts=receipts)
    told = {"result": "delivered", "code": "0", "others": [["901", "blocked", "3"]]}
    report = Update("e-1", account(), Kind.DELIVERY, NOON, key="900", data=told)
    assert turns.take(report) is None
    found = {(each.account, each.sent_as, each.result) for each in receipts.take(10)}
    assert found == {(ALICE, "900", "delivered"), (ALICE, "901", "blocked")}
