"""群发 as records: batches that gather, are called, end, and what the platform tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.push import masses
from models.push.campaigns import Campaign, locked
from models.push.counts import counts_of, progress
from models.push.days import forget_days, give_back_month, take_month
from models.push.deliveries import MASS_ROAD, Delivery, is_worked_off, next_due
from models.push.ending import End, end
from models.push.masses import GATHERED, Mass
from models.push.taking import take_new, take_waiting
from tests.models.making import MINUTE, NOW, SECOND

WORDS = {"chat": {"zh_CN": "您好", "en": "Hello"}, "mass": True}


def a_campaign(records: Records, people: int = 5, **other: Any) -> Campaign:
    usual: dict[str, Any] = {
        "name": "停机公告",
        "kind": "message",
        "purpose": "announcement",
        "stage": "running",
        "message": WORDS,
        "audience": {"list": people},
        "expires_at": NOW + timedelta(days=7),
        "from_hour": 0,
        "until_hour": 0,
        "total": people,
        "written_by": "staff:1",
        "written_at": NOW,
    }
    campaign = Campaign(**{**usual, **other})
    records.add(campaign)
    records.flush()
    for recipient in range(1, people + 1):
        records.add(Delivery(campaign_id=campaign.id, recipient=recipient))
    records.flush()
    return campaign


def joined(
    records: Records, campaign: Campaign, now: datetime = NOW, app: str = "wx1", most: int = 100
) -> list[int]:
    """Those not tried yet wait for a batch, as the sending does it."""
    taken = take_new(records, campaign, most)
    places = masses.gather(records, campaign, app, "zh_CN", len(taken), now)
    waits = [
        End(
            each.recipient,
            "waiting",
            MASS_ROAD,
            left="wechat:template account",
            due_at=place.due_at,
            sent_as=place.sent_as,
        )
        for each, place in zip(taken, places, strict=True)
    ]
    end(records, campaign.id, waits, now)
    return [each.recipient for each in taken]


def the(records: Records, recipient: int) -> Delivery:
    found = records.scalars(
        select(Delivery)
        .where(Delivery.recipient == recipient)
        .execution_options(populate_existing=True)
    )
    return found.one()


def states(records: Records) -> dict[int, str]:
    return {row[0]: row[1] for row in records.execute(select(Delivery.recipient, Delivery.state))}


def only(records: Records) -> Mass:
    return records.scalars(select(Mass).execution_options(populate_existing=True)).one()


def called(records: Records, **result: Any) -> tuple[Campaign, Mass]:
    """A batch of five that the platform has taken as 900."""
    campaign = a_campaign(records)
    joined(records, campaign)
    mass = only(records)
    masses.begin_call(records, mass, 5, NOW, NOW + MINUTE)
    masses.end_called(records, mass, "900", NOW, NOW + MINUTE)
    return campaign, mass


def test_those_who_join_wait_for_their_batch_and_for_nothing_else(database: Database) -> None:
    with database.writing() as records:
        campaign = a_campaign(records)
        assert joined(records, campaign) == [1, 2, 3, 4, 5]
        mass = only(records)
        assert (mass.state, mass.count, mass.due_at) == ("gathering", 5, NOW + GATHERED)
        assert masses.members(records, mass) == [1, 2, 3, 4, 5]
        later = NOW + GATHERED + SECOND
        assert take_waiting(records, campaign.id, later, 10) == []
        assert next_due(records, campaign.id) is None
        assert not is_worked_off(records, campaign)


def test_a_batch_is_full_at_ten_thousand_and_of_one_app_and_language(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masses, "MOST", 3)
    with database.writing() as records:
        campaign = a_campaign(records)
        for app, locale, people in (("wx1", "zh_CN", 2), ("wx1", "en", 1), ("wx2", "zh_CN", 1)):
            masses.gather(records, campaign, app, locale, people, NOW)
        places = masses.gather(records, campaign, "wx1", "zh_CN", 5, NOW)
        found = masses.masses_of(records, campaign.id)
        first, _, _, second, third = (mass.name for mass in found)
        assert [place.sent_as for place in places] == [first, second, second, second, third]
        assert [(m.app, m.locale, m.count) for m in found] == [
            ("wx1", "zh_CN", 3), ("wx1", "en", 1), ("wx2", "zh_CN", 1), ("wx1", "zh_CN", 3),
            ("wx1", "zh_CN", 1),
        ]  # fmt: skip
        assert masses.open_masses(records) == [(campaign.id, m.id) for m in found]


@pytest.mark.parametrize(
    ("others", "first", "ready"),
    [
        ({}, 0, False),  # three were not tried yet
        ({3: ("calling", None), 4: ("failed", None), 5: ("sent", None)}, 0, False),
        ({3: ("waiting", NOW), 4: ("failed", None), 5: ("sent", None)}, 0, False),
        ({3: ("waiting", NOW + 2 * GATHERED), 4: ("failed", None), 5: ("sent", None)}, 0, True),
        ({3: ("sent", None), 4: ("visit", None), 5: ("unknown", None)}, 0, True),
        ({}, 2, True),  # the first two are both in it; the others are not told yet
    ],
)
def test_a_batch_is_ready_when_nobody_else_may_join(
    database: Database, others: dict[int, tuple[str, datetime | None]], first: int, ready: bool
) -> None:
    with database.writing() as records:
        stage = "first" if first else "running"
        campaign = a_campaign(records, first=first, stage=stage)
        joined(records, campaign, most=2)
        for recipient, (state, due_at) in others.items():
            row = the(records, recipient)
            row.state, row.due_at = state, due_at
            row.lease_until = NOW + MINUTE if state == "calling" else None
            campaign.cursor = 5
        records.flush()
        mass = only(records)
        assert masses.is_ready(records, campaign, mass, NOW) is ready
        assert masses.is_ready(records, campaign, mass, NOW + GATHERED)


def test_what_was_taken_is_counted_once_with_the_platforms_id(database: Database) -> None:
    with database.writing() as records:
        campaign, mass = called(records)
        assert (mass.state, mass.sent_as, mass.attempts) == ("called", "900", 1)
        assert set(states(records).values()) == {"sent"}
        assert progress(records, campaign)["sent"] == 5
        assert is_worked_off(records, campaign)
        masses.end_called(records, mass, "900", NOW, NOW)
        assert progress(records, campaign)["sent"] == 5


def test_what_was_refused_takes_its_next_road_at_once(database: Database) -> None:
    with database.writing() as records:
        campaign = a_campaign(records)
        joined(records, campaign)
        mass = only(records)
        masses.begin_call(records, mass, 5, NOW, NOW + MINUTE)
        assert masses.end_refused(records, mass, "account 48001", NOW) == [1, 2, 3, 4, 5]
        assert (mass.state, mass.reason) == ("refused", "account 48001")
        taken = take_waiting(records, campaign.id, NOW, 10)
        assert [each.recipient for each in taken] == [1, 2, 3, 4, 5]
        assert {each.left for each in taken} == {
            "wechat:template account; wechat:mass account 48001"
        }
        assert {(each.road, each.attempts, each.called_at) for each in taken} == {("", 0, None)}
        assert masses.members(records, mass) == []


def test_single_ones_are_skipped_put_off_or_leave_and_the_others_are_called(
    database: Database,
) -> None:
    with database.writing() as records:
        campaign = a_campaign(records)
        joined(records, campaign)
        mass = only(records)
        masses.skip(records, mass, [1], "stopped")
        masses.put_off(records, mass, [2], NOW + GATHERED)
        masses.leave(records, mass, [3], "left", NOW)
        masses.begin_call(records, mass, 2, NOW, NOW + MINUTE)
        assert states(records) == {
            1: "skipped",
            2: "waiting",
            3: "waiting",
            4: "calling",
            5: "calling",
        }
        assert [each.recipient for each in take_waiting(records, campaign.id, NOW, 9)] == [3]
        assert the(records, 2).left == "wechat:template account"
        assert counts_of(records, campaign.id) == {("skipped", MASS_ROAD, "stopped"): 1}
        assert (mass.state, mass.count) == ("calling", 2)


def test_nobody_knows_what_became_of_a_call_that_stayed_without_an_answer(
    database: Database,
) -> None:
    with database.writing() as records:
        campaign = a_campaign(records)
        joined(records, campaign)
        mass = only(records)
        masses.begin_call(records, mass, 5, NOW, NOW + MINUTE)
        masses.begin_call(records, mass, 5, NOW + MINUTE, NOW + 2 * MINUTE)
        assert (mass.attempts, mass.called_at) == (2, NOW)
        masses.end_unknown(records, mass, "timeout")
        assert progress(records, campaign)["unknown"] == 5
        assert (mass.state, mass.reason) == ("unknown", "timeout")


def test_a_batch_is_locked_as_it_stands_now(database: Database) -> None:
    with database.writing() as records:
        campaign = a_campaign(records)
        joined(records, campaign)
        masses.begin_call(records, only(records), 5, NOW, NOW + MINUTE)
        assert masses.locked_mass(records, only(records).id).state == "calling"
        with pytest.raises(KeyError):
            masses.locked_mass(records, only(records).id + 1)
        assert locked(records, campaign.id) is campaign


# --- four in a month ---------------------------------------------------------------------------

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def months(records: Records, month: date, people: Iterable[int], cap: int = 4) -> list[int]:
    return sorted(take_month(records, month, list(people), cap))


def test_nobody_has_more_in_a_month_than_the_city_allows(database: Database) -> None:
    with database.writing() as records:
        for _ in range(4):
            assert months(records, NOVEMBER, [1, 2]) == [1, 2]
        assert months(records, NOVEMBER, [1, 2, 3]) == [3]
        give_back_month(records, NOVEMBER, [2])
        assert months(records, NOVEMBER, [1, 2]) == [2]
        assert months(records, DECEMBER, [1, 2]) == [1, 2]
        assert months(records, DECEMBER, [1], cap=0) == []


def test_a_whole_batch_is_counted_at_once_and_forgotten_when_its_month_is_over(
    database: Database,
) -> None:
    with database.writing() as records:
        assert len(take_month(records, NOVEMBER, range(1, 2501), 1)) == 2500
        assert months(records, NOVEMBER, [2500], 1) == []
        forget_days(records, date(2026, 11, 30))
        assert months(records, NOVEMBER, [2500], 1) == []
        forget_days(records, date(2026, 12, 1))
        assert months(records, NOVEMBER, [2500], 1) == [2500]
