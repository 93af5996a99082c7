"""What the platform tells of a call of 群发: of which batch, before its id is known too."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.push.aftermath import once_more
from models.push.campaigns import Campaign
from models.push.counts import counts_of, progress
from models.push.deliveries import MASS_ROAD
from models.push.mass_results import (
    KEPT,
    MassHeard,
    MassResult,
    hear,
    may_be_ours,
    record_heard,
    record_mass_result,
)
from models.push.masses import Mass, begin_call, end_called, locked_mass, members
from models.push.taking import take_waiting
from tests.models.making import MINUTE, NOW
from tests.models.push.test_masses import a_campaign, called, joined, only, states
from tests.models.rivals import Rival

TOLD = MassResult("", filter_count=4, sent_count=3, error_count=1)


def in_doubt(records: Records, app: str = "wx1") -> Mass:
    """A batch whose call was not answered."""
    campaign = a_campaign(records)
    joined(records, campaign, app=app)
    its = select(Mass).where(Mass.campaign_id == campaign.id)
    mass = records.scalars(its).one()
    begin_call(records, mass, 5, NOW, NOW + MINUTE)
    return mass


def answered(records: Records, mass: Mass, sent_as: str) -> None:
    """The repeated call named what the first had become."""
    end_called(records, mass, sent_as, NOW, NOW + MINUTE)
    record_heard(records, mass)


def kept(records: Records) -> list[str]:
    return list(records.scalars(select(MassHeard.sent_as).order_by(MassHeard.sent_as)))


def test_the_result_tells_numbers_and_its_first_word_counts(database: Database) -> None:
    with database.writing() as records:
        campaign, _ = called(records)
        result = MassResult("", filter_count=4, sent_count=3, error_count=1)
        assert record_mass_result(records, "900", result)
        assert record_mass_result(records, "900", MassResult("send fail"))
        assert not record_mass_result(records, "901", result)
        mass = only(records)
        assert (mass.state, mass.reason) == ("done", "")
        assert (mass.filter_count, mass.sent_count, mass.error_count) == (4, 3, 1)
        told = {what: n for what, n in counts_of(records, campaign.id).items() if what[0] != "sent"}
        assert told == {
            ("receipt", MASS_ROAD, "delivered"): 3,
            ("receipt", MASS_ROAD, "failed"): 1,
            ("receipt", MASS_ROAD, "limited"): 1,
        }
        assert set(states(records).values()) == {"sent"}  # of whom, the platform does not say


def test_a_call_that_reached_nobody_has_failed_for_all_and_may_be_tried_again(
    database: Database,
) -> None:
    with database.writing() as records:
        campaign, _ = called(records)
        assert record_mass_result(records, "900", MassResult("err(20001)", 5, 0, 5))
        assert progress(records, campaign) == {
            "sent": 0, "visit": 0, "unknown": 0, "failed": 5, "skipped": 0, "open": 0,
        }  # fmt: skip
        assert once_more(records, campaign, ["err(20001)"], NOW) == 5
        assert len(take_waiting(records, campaign.id, NOW, 10)) == 5
        assert members(records, only(records)) == []


def test_a_result_whose_batch_is_in_doubt_is_kept_until_the_batch_has_its_id(
    database: Database,
) -> None:
    with database.writing() as records:
        mass = in_doubt(records)
        assert may_be_ours(records, "wx1", "900")
        hear(records, "wx1", "900", TOLD, NOW)
        hear(records, "wx1", "900", MassResult("send fail"), NOW)  # its first word counts
        assert (mass.state, kept(records)) == ("calling", ["900"])
        answered(records, mass, "900")
        assert (mass.state, mass.sent_count, mass.filter_count) == ("done", 3, 4)
        counts = counts_of(records, mass.campaign_id)
        assert (counts["sent", MASS_ROAD, ""], counts["receipt", MASS_ROAD, "delivered"]) == (5, 3)
        assert kept(records) == []


def test_each_of_several_batches_in_doubt_gets_its_own(database: Database) -> None:
    with database.writing() as records:
        first, second = in_doubt(records), in_doubt(records)
        hear(records, "wx1", "901", MassResult("send fail"), NOW)
        hear(records, "wx1", "900", TOLD, NOW)
        answered(records, first, "900")
        answered(records, second, "901")
        assert [(m.state, m.reason) for m in (first, second)] == [
            ("done", ""),
            ("done", "send fail"),
        ]
        assert progress(records, records.get_one(Campaign, second.campaign_id))["failed"] == 5


def test_a_batch_of_another_id_keeps_waiting_for_its_own(database: Database) -> None:
    with database.writing() as records:
        mass = in_doubt(records)
        hear(records, "wx1", "899", TOLD, NOW)  # the account's own staff sent something as well
        answered(records, mass, "900")
        assert (mass.state, mass.sent_count) == ("called", None)
        hear(records, "wx1", "900", TOLD, NOW)
        assert (mass.state, kept(records)) == ("done", ["899"])


def test_nothing_is_kept_of_what_cannot_be_ours(database: Database) -> None:
    with database.writing() as records:
        assert not may_be_ours(records, "wx1", "900")
        hear(records, "wx1", "900", TOLD, NOW)
        in_doubt(records, "wx2")
        assert not may_be_ours(records, "wx1", "900")
        hear(records, "wx1", "900", TOLD, NOW)
        assert kept(records) == []


def test_what_no_batch_asked_for_is_forgotten(database: Database) -> None:
    with database.writing() as records:
        in_doubt(records)
        hear(records, "wx1", "900", TOLD, NOW)
        hear(records, "wx1", "901", TOLD, NOW + KEPT)
        assert kept(records) == ["900", "901"]
        hear(records, "wx1", "902", TOLD, NOW + KEPT + timedelta(seconds=1))
        assert kept(records) == ["901", "902"]


def test_a_result_that_comes_while_the_id_is_written_down_finds_it(
    postgres_database: Database,
) -> None:
    with postgres_database.writing() as records:
        number = in_doubt(records).id
    with postgres_database.writing() as records:
        end_called(records, locked_mass(records, number), "900", NOW, NOW + MINUTE)
        rival = Rival(postgres_database, lambda theirs: hear(theirs, "wx1", "900", TOLD, NOW))
        rival.waits()
    rival.ends()
    with postgres_database.reading() as records:
        assert (only(records).state, kept(records)) == ("done", [])
