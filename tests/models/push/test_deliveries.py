"""Deliveries: taken once however many take, ended once, counted as they are."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.push.aftermath import (
    once_more,
    record_receipts,
    skip_visit,
    tell_at_visit,
    waiting_for_visit,
)
from models.push.campaigns import Campaign, locked
from models.push.counts import FINAL, PushCount, counts_of, progress
from models.push.deliveries import (
    Delivery,
    Outcome,
    first_are_told,
    is_ready,
    is_worked_off,
    next_due,
)
from models.push.ending import Calling, End, end, mark_calling
from models.push.lapsing import forsaken_campaigns, lapse
from models.push.taking import take_new, take_waiting
from tests.models.making import MINUTE, NOW, SECOND

LEASE = NOW + 15 * SECOND
ROAD = "wechat:template"


def made(database: Database, n: int, *, stage: str = "running", first: int = 0) -> int:
    """A campaign with so many rows."""
    with database.writing() as records:
        row = Campaign(
            name="试",
            kind="message",
            purpose="service",
            stage=stage,
            message={},
            audience={"list": n},
            expires_at=NOW + timedelta(days=1),
            from_hour=0,
            until_hour=0,
            first=first,
            total=n,
            written_by="staff:1",
            written_at=NOW,
        )
        records.add(row)
        records.flush()
        rows = [
            {"campaign_id": row.id, "recipient": each, "number": None, "state": "new"}
            for each in range(1, n + 1)
        ]
        records.execute(insert(Delivery), rows)
        return row.id


def mark(records: Records, its: int, recipients: list[int], lease: datetime = LEASE) -> None:
    calls = [Calling(each, ROAD, "", 1, NOW) for each in recipients]
    mark_calling(records, its, calls, lease)


def sent(recipient: int, lease: datetime | None = LEASE) -> End:
    return End(recipient, "sent", ROAD, attempts=1, sent_as=f"m{recipient}", lease_until=lease)


def rows_of(database: Database, its: int) -> list[Delivery]:
    with database.reading() as records:
        mine = select(Delivery).where(Delivery.campaign_id == its).order_by(Delivery.recipient)
        return list(records.scalars(mine))


def counted(database: Database, its: int) -> Counter[tuple[str, str, str]]:
    with database.reading() as records:
        found = +counts_of(records, its)
    return Counter({key: n for key, n in found.items() if key[0] in FINAL})


def as_rows(database: Database, its: int) -> Counter[tuple[str, str, str]]:
    rows = rows_of(database, its)
    return Counter((row.state, row.road, row.reason) for row in rows if row.state in FINAL)


def test_those_not_tried_are_taken_in_order_and_once(database: Database) -> None:
    its = made(database, 7)
    found: list[int] = []
    for _ in range(4):
        with database.writing() as records:
            found += [each.recipient for each in take_new(records, locked(records, its), 3)]
    assert found == [1, 2, 3, 4, 5, 6, 7]


def test_before_somebody_looked_only_the_first_are_taken(database: Database) -> None:
    its = made(database, 9, stage="first", first=4)
    with database.writing() as records:
        campaign = locked(records, its)
        assert len(take_new(records, campaign, 3)) == 3
        assert is_ready(records, campaign, NOW)
        assert len(take_new(records, campaign, 3)) == 1
        assert take_new(records, campaign, 3) == []
        mark(records, its, [1, 2, 3, 4])
        assert not is_ready(records, campaign, NOW)
        assert not first_are_told(records, campaign, NOW)
        ends = [sent(1), sent(2), sent(3), End(4, "waiting", ROAD, due_at=NOW + 20 * MINUTE)]
        end(records, its, ends, NOW)
        assert not first_are_told(records, campaign, NOW + 21 * MINUTE)
        assert first_are_told(records, campaign, NOW + 15 * MINUTE)
        assert next_due(records, its) == NOW + 20 * MINUTE
        assert not is_worked_off(records, campaign)


def test_two_workers_at_once_take_different_ones(postgres_database: Database) -> None:
    its = made(postgres_database, 20)
    with postgres_database.writing() as records:
        take_new(records, locked(records, its), 20)
        waits = [End(each, "waiting", "", due_at=NOW) for each in range(1, 21)]
        end(records, its, waits, NOW)
    both, taken = threading.Barrier(2), []

    def work() -> None:
        with postgres_database.writing() as records:
            found = [each.recipient for each in take_waiting(records, its, NOW, 10)]
            both.wait(20)  # both hold theirs
            mark(records, its, found)
            taken.append(found)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken[0] + taken[1]) == list(range(1, 21))
    assert {row.state for row in rows_of(postgres_database, its)} == {"calling"}


def test_who_was_not_heard_of_is_taken_again_first_and_ends_nothing_any_more(
    database: Database,
) -> None:
    its = made(database, 3)
    with database.writing() as records:
        take_new(records, locked(records, its), 3)
        mark(records, its, [1, 2])
        end(records, its, [End(3, "waiting", ROAD, due_at=NOW)], NOW)
    later = LEASE + SECOND
    with database.writing() as records:
        assert take_waiting(records, its, LEASE - SECOND, 9)[0].recipient == 3
        again = take_waiting(records, its, later, 9)
        assert [(each.recipient, each.state) for each in again] == [
            (1, "calling"), (2, "calling"), (3, "waiting"),
        ]  # fmt: skip
        mark(records, its, [1], later + 15 * SECOND)
        end(records, its, [End(2, "unknown", ROAD, "lost")], later)
    with database.writing() as records:
        assert not end(records, its, [sent(1), sent(2)], later)
        held = later + 15 * SECOND
        assert end(records, its, [sent(1, held)], later) == {1: held}
        assert not end(records, its, [sent(1, held)], later)  # written twice
    assert counted(database, its) == Counter({("sent", ROAD, ""): 1, ("unknown", ROAD, "lost"): 1})
    assert counted(database, its) == as_rows(database, its)


def test_of_two_calls_of_one_delivery_the_late_one_ends_nothing(database: Database) -> None:
    """A process that stood still takes its own call again, and both come to their end at once."""
    its, again = made(database, 2), LEASE + 15 * SECOND
    with database.writing() as records:
        take_new(records, locked(records, its), 2)
        mark(records, its, [1, 2])
        mark(records, its, [1], again)
        late = End(1, "unknown", ROAD, "late", lease_until=LEASE)
        ends = [late, sent(1, again), sent(2), End(2, "unknown", ROAD, "late", lease_until=NOW)]
        assert end(records, its, ends, NOW) == {1: again, 2: LEASE}
    assert counted(database, its) == Counter({("sent", ROAD, ""): 2})
    assert counted(database, its) == as_rows(database, its)


def test_a_receipt_counts_once_and_may_come_in_any_order(database: Database) -> None:
    its = made(database, 3)
    with database.writing() as records:
        take_new(records, locked(records, its), 3)
        mark(records, its, [1, 2, 3])
        assert record_receipts(records, [("m1", "success")]) == set()  # its id is not known yet
        end(records, its, [sent(1), sent(2), sent(3)], NOW)
        told = [("m3", "success"), ("m1", "failed: blocked"), ("x", "success")]
        assert record_receipts(records, told) == {"m1", "m3"}
        assert record_receipts(records, [("m1", "success"), ("m2", "success")]) == {"m1", "m2"}
        counts = counts_of(records, its)
    assert counts["receipt", ROAD, "success"] == 2
    assert counts["receipt", ROAD, "failed: blocked"] == 1


def test_the_last_hour_ends_what_is_open_in_batches(database: Database) -> None:
    its = made(database, 12)
    with database.writing() as records:
        take_new(records, locked(records, its), 4)
        mark(records, its, [1, 2])
        ends = [
            End(3, "waiting", ROAD, due_at=NOW),
            End(4, "waiting", ROAD, due_at=NOW, called_at=NOW),
        ]
        end(records, its, ends, NOW)
    turns = 0
    while True:
        with database.writing() as records:
            if not lapse(records, locked(records, its), LEASE + SECOND, 3):
                break
        turns += 1
        assert turns < 9
    assert counted(database, its) == as_rows(database, its)
    assert counted(database, its) == Counter(
        {("skipped", "", "expired"): 9, ("unknown", ROAD, ""): 3}
    )


def test_what_is_being_called_keeps_a_campaign_from_its_end(database: Database) -> None:
    its = made(database, 1)
    with database.writing() as records:
        take_new(records, locked(records, its), 1)
        mark(records, its, [1])
        assert lapse(records, locked(records, its), NOW, 9) == 0
        assert not is_worked_off(records, locked(records, its))
        assert forsaken_campaigns(records, LEASE + SECOND) == []
        locked(records, its).stage = "stopped"
        records.flush()
        assert forsaken_campaigns(records, NOW) == []
        assert forsaken_campaigns(records, LEASE + SECOND) == [its]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["take", "sent", "again", "unknown", "visit", "told", "no", "lost", "more"]
        ),
        st.integers(1, 4),
    ),
    max_size=25,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_counters_are_a_count_of_the_rows_whatever_happens(
    database: Database, acts: list[tuple[str, int]]
) -> None:
    its, now = made(database, 10), NOW
    for act, n in acts:
        now += SECOND
        _act(database, its, act, n, now)
    assert counted(database, its) == as_rows(database, its)
    with database.writing() as records:
        told = progress(records, locked(records, its))
        assert told["open"] == sum(row.state not in FINAL for row in rows_of(database, its))
        assert sum(told.values()) == 10
        for table in (Delivery, PushCount, Campaign):
            records.execute(delete(table))


def _act(database: Database, its: int, act: str, n: int, now: datetime) -> None:
    lease = now + 15 * SECOND
    with database.writing() as records:
        campaign = locked(records, its)
        calling = (Delivery.campaign_id == its, Delivery.state == "calling")
        mine = select(Delivery).where(*calling).order_by(Delivery.recipient).limit(n)
        held = [(row.recipient, row.lease_until) for row in records.scalars(mine)]
        match act:
            case "take":
                found = take_waiting(records, its, now, n)
                found += take_new(records, campaign, n - len(found))
                mark(records, its, [each.recipient for each in found], lease)
            case "sent":
                end(records, its, [sent(who, until) for who, until in held], now)
            case "again":
                end(
                    records,
                    its,
                    [End(who, "waiting", ROAD, due_at=now, lease_until=u) for who, u in held],
                    now,
                )
            case "unknown" | "visit":
                road = "visit" if act == "visit" else ROAD
                state: Outcome = "visit" if act == "visit" else "unknown"
                ends = [End(who, state, road, "bug", lease_until=until) for who, until in held]
                end(records, its, ends, now)
            case "told":
                for delivery, _ in waiting_for_visit(records, n):
                    tell_at_visit(records, delivery, now)
            case "no":
                for delivery, _ in waiting_for_visit(records, n):
                    skip_visit(records, delivery, "stopped")
            case "lost":  # somebody else took them; whoever comes late changes nothing
                end(records, its, [End(who, "unknown", ROAD, "lost") for who, _ in held], now)
                assert not end(records, its, [sent(who, until) for who, until in held], now)
            case "more":
                once_more(records, campaign, ["bug"], now)
