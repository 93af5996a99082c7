"""What a person may get in a day is bounded, whoever counts at the same moment."""

from __future__ import annotations

from models.database import Database
from models.push.days import give_back, take_place
from tests.models.making import NOW
from tests.models.rivals import Rival

DAY = NOW.date()
LARGE = 2**62 + 1  # more than a float holds


def test_who_has_room_takes_a_place_and_the_others_none(database: Database) -> None:
    with database.writing() as records:
        assert take_place(records, DAY, [3, LARGE], 2) == {3, LARGE}
        assert take_place(records, DAY, [LARGE, 1], 2) == {LARGE, 1}
        assert take_place(records, DAY, [1, 3, LARGE, LARGE - 1], 2) == {1, 3, LARGE - 1}
        give_back(records, DAY, [LARGE, 7])
        assert take_place(records, DAY, [1, LARGE, LARGE - 1], 2) == {LARGE, LARGE - 1}
        assert take_place(records, DAY, [9], 0) == set()


def test_two_workers_at_once_count_both(postgres_database: Database) -> None:
    taken: list[set[int]] = []
    with postgres_database.writing() as records:
        assert take_place(records, DAY, [2, 3], 1) == {2, 3}
        rival = Rival(
            postgres_database,
            lambda theirs: taken.append(take_place(theirs, DAY, [1, 2, 3, LARGE], 1)),
        )
        rival.waits()
    rival.ends()
    assert taken == [{1, LARGE}]


def test_a_place_given_back_is_had_by_whoever_waits_for_it(postgres_database: Database) -> None:
    taken: list[set[int]] = []
    with postgres_database.writing() as records:
        assert take_place(records, DAY, [2, 3], 1) == {2, 3}
    with postgres_database.writing() as records:
        give_back(records, DAY, [3, 2])
        rival = Rival(
            postgres_database, lambda theirs: taken.append(take_place(theirs, DAY, [3, 2], 1))
        )
        rival.waits()
    rival.ends()
    assert taken == [{2, 3}]
