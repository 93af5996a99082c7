"""From an approved application to a card at the branch, over HTTP, with the simulator's offices."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.handover.outgoing import Made, make_file
from bot.ports import OfficeError
from config.city_handover import Way
from models.database import Database
from models.handover.batches import Batch, lines_of
from models.handover.replies import FaultRow, ReplyFile, replies_of
from tests.bot.handover.rig import ONLINE, Rig, handing_over
from tests.models.making import NUMBER, PHONE

_HOURS = tuple(time(hour) for hour in range(24))
HOURLY = replace(
    ONLINE,
    province=Way(cut_offs=_HOURS, photos=False),
    bank=replace(ONLINE.bank, mode="batch", cut_offs=_HOURS),
)


@pytest.fixture
def rig(tmp_path: Path, sqlite_database: Database) -> Iterator[Rig]:
    with handing_over(tmp_path, sqlite_database) as rig:
        yield rig


def batches(rig: Rig) -> list[Batch]:
    with rig.database.reading() as records:
        return list(records.scalars(select(Batch).order_by(Batch.id)))


def test_a_card_goes_from_the_approval_to_the_branch(rig: Rig, tmp_path: Path) -> None:
    (one,) = rig.approve()
    rig.work()
    assert rig.state(one) in ("SENT_TO_PROVINCE", "PROVINCE_CHECKING")
    rig.days(9)
    assert rig.state(one) == "READY_FOR_PICKUP"
    sent = batches(rig)
    assert [(batch.receiver, batch.state, batch.attempts) for batch in sent] == [
        ("province", "taken", 1),
        ("bank:CCB", "taken", 1),
    ]
    there = rig.ask("cards")
    assert {batch["id"]: batch["digest"] for batch in there["batches"]} == {
        batch.id: batch.digest for batch in sent
    }
    assert [card["cards"] for card in there["cards"]] == [1] * len(there["cards"])
    heap = b"".join(path.read_bytes() for path in tmp_path.glob("records.db*"))
    assert one.encode() in heap
    assert [name for name in ("陈国强", NUMBER, PHONE) if name.encode() in heap] == []
    with rig.database.reading() as records:
        bank_ok = [r for r in replies_of(records, [one])[one] if r.stage == "BANK"]
        assert bank_ok[0].open(rig.life.keys)["account_tail"] != ""


@pytest.mark.parametrize(("form", "suite"), [("pipe", 1), ("ndjson", 2), ("pipe", 2)])
def test_every_form_and_suite_is_understood(
    tmp_path: Path, sqlite_database: Database, form: Any, suite: Any
) -> None:
    way = Way(mode="online", form=form, suite=suite)
    with handing_over(tmp_path, sqlite_database, replace(ONLINE, province=way)) as rig:
        (one,) = rig.approve(answers={"name": "𠮷丨·㑇|\\"})
        rig.work()
        rig.days(2)
        assert rig.state(one) in ("BANK_OPENING", "IN_PRODUCTION")
        assert {batch.state for batch in batches(rig)} == {"taken"}


def lose_the_answer(rig: Rig) -> list[str]:
    """Work, and lose the province's answer about a batch that it took. The names of what was
    sent."""
    lane = rig.lane()
    reached = lane._reached["province"]
    sends: list[str] = []
    send = reached.road.send

    def lost(name: str, sealed: bytes, digest: str) -> None:
        sends.append(name)
        send(name, sealed, digest)
        raise OfficeError("province", "timeout", retry=True, unknown=True)

    reached.road.send = lost  # type: ignore[method-assign]
    rig.work(lane)
    assert [(batch.state, batch.fault) for batch in batches(rig)] == [("sending", "timeout")]
    return sends


def test_a_call_that_fails_though_it_succeeded_is_asked_about(rig: Rig) -> None:
    """The answer is lost on the way: the batch is there, and is not sent again."""
    (one,) = rig.approve()
    sends = lose_the_answer(rig)
    rig.days(1)
    assert batches(rig)[0].state == "taken"
    assert len(sends) == 1
    assert len(rig.ask("cards")["batches"]) == len(batches(rig))
    assert rig.state(one) != "APPROVED"


def test_what_was_taken_is_known_though_it_would_be_made_otherwise_now(rig: Rig) -> None:
    """The profile was changed while a batch was in doubt, and a photo is gone: its lines are not
    handed over a second time."""
    rig.approve()
    lose_the_answer(rig)
    rig.life = replace(rig.life, city=replace(rig.city, tz=ZoneInfo("UTC")))
    for photo in rig.objects.older_than(timedelta(0)):
        rig.objects.delete(photo)
    rig.ask("faults", "put", card_making={"error": "http_500"})
    rig.clock.shift(timedelta(minutes=1))
    rig.work()
    assert [(batch.state, batch.fault) for batch in batches(rig)] == [("sending", "http 500")]
    rig.ask("faults", "put")
    rig.days(1)
    taken = batches(rig)[0]
    assert (taken.state, taken.fault) == ("taken", "")
    assert rig.ask("cards")["batches"][0]["digest"] == taken.digest


def test_what_the_offices_spoil_changes_no_end_and_every_bad_line_is_reported(rig: Rig) -> None:
    rig.city = replace(rig.city, handover=HOURLY)
    rig.life = replace(rig.life, city=rig.city)
    ids = rig.approve(12)
    rig.ask("cards/replies", "put", repeat=True, shuffle=True, bad=3, unknown=2, cut="lines")
    rig.days(2)
    rig.ask("cards/replies", "put", repeat=True, shuffle=True, bad=1, cut="envelope")
    rig.days(4)
    rig.ask("cards/replies", "put", hold=True, shuffle=True, unknown=1)
    rig.days(9)
    rig.ask("cards/replies", "put")  # the last file first
    rig.days(2)
    assert set(rig.states(ids)) == {"READY_FOR_PICKUP"}
    there = rig.ask("cards")
    assert [batch["count"] for batch in there["batches"]] == [12, 12]
    with rig.database.reading() as records:
        files = {file.name: file for file in records.scalars(select(ReplyFile))}
        kept = list(records.scalars(select(FaultRow).order_by(FaultRow.file, FaultRow.line)))
    assert {file.state for file in files.values()} == {"done"}
    assert all(file.content is None for file in files.values())
    assert {name: file.count for name, file in files.items()} == {
        reply["name"]: reply["lines"] for reply in there["replies"]
    }
    reported = {report["name"]: report["faults"] for report in there["reports"]}
    mine = {name: [f for f in kept if f.file == name] for name in {f.file for f in kept}}
    assert {name: [(f["line"], f["code"]) for f in told] for name, told in reported.items()} == {
        name: [(fault.line, fault.code) for fault in faults] for name, faults in mine.items()
    }
    assert {fault.code for fault in kept} == {"fields", "unknown_application"}
    with rig.database.reading() as records:
        counts = [len(told) for told in replies_of(records, ids).values()]
    assert set(counts) == {6}


def test_a_province_that_is_away_is_asked_again_later(rig: Rig) -> None:
    (one,) = rig.approve()
    rig.ask("faults", "put", card_making={"error": "http_500"})
    rig.work()
    (batch,) = batches(rig)
    assert (batch.state, batch.fault, batch.attempts) == ("sending", "http 500", 1)
    rig.ask("faults", "put")
    rig.work()
    assert batches(rig)[0].attempts == 1  # not before its time
    rig.clock.shift(timedelta(minutes=1))
    rig.work()
    assert batches(rig)[0].state == "taken"
    assert rig.state(one) != "APPROVED"


def test_a_batch_that_is_refused_waits_for_staff(tmp_path: Path, sqlite_database: Database) -> None:
    wrong = b64encode(b"w" * 32).decode()
    with handing_over(tmp_path, sqlite_database, province_key=wrong) as rig:
        (one,) = rig.approve()
        rig.work()
        rig.days(2)
        (batch,) = batches(rig)
        assert (batch.state, batch.fault, batch.attempts) == ("refused", "envelope", 1)
        assert rig.state(one) == "SENT_TO_PROVINCE"


def test_a_name_that_is_there_with_another_content_is_a_conflict(rig: Rig) -> None:
    rig.approve()
    lane = rig.lane()
    reached = lane._reached["province"]
    lane.cut("province")
    (batch,) = batches(rig)
    other = replace_content(rig, batch)
    reached.road.send(batch.id, other.sealed, other.digest)
    rig.work(lane)
    assert [(b.state, b.fault) for b in batches(rig)] == [("conflict", "other_content")]


def replace_content(rig: Rig, batch: Batch) -> Made:
    """A file of the batch's name that says something else."""
    reached = rig.lane()._reached["province"]
    with rig.database.reading() as records:
        items = [line.items(rig.life.keys) for line in lines_of(records, batch.id)]
    changed = [{**item, "name": "王小明"} for item in items]
    return make_file(batch, changed, {}, reached.keys, rig.city.region, rig.city.tz)


def test_two_workers_make_no_batch_twice(tmp_path: Path, database: Database) -> None:
    with handing_over(tmp_path, database) as rig:
        ids = rig.approve(6)
        lanes = [rig.lane() for _ in range(3)]
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(rig.work, lanes))
        for lane in lanes:
            rig.work(lane)
        there = rig.ask("cards")
        assert sorted(card["application"] for card in there["cards"]) == sorted(ids)
        assert [batch.attempts for batch in batches(rig)] == [1] * 6


def test_without_keys_nothing_is_handed_over(tmp_path: Path, sqlite_database: Database) -> None:
    with handing_over(tmp_path, sqlite_database, province_key=b"", bank_key=b"") as rig:
        (one,) = rig.approve()
        assert rig.lane().claim() is None
        assert rig.state(one) == "APPROVED"
