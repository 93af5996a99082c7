"""The city's rules of collection fit together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.city import load_city
from config.city_collection import Collection
from config.city_faults import contradictions
from config.city_parts import Quiet


def test_a_reminder_that_could_never_be_sent_is_refused() -> None:
    city = load_city()
    assert contradictions(city) == []
    rules = Collection(remind_months=(3, 12), remind_days=(15, 400), from_hour=20)
    late = replace(city, collection=rules)
    assert contradictions(late) == [
        "collection: nothing is left to remind of after 12 months",
        "collection: nothing is left to remind of after 400 days",
        "collection: no hour is left to remind in",
    ]


@pytest.mark.parametrize(
    ("quiet", "refused"), [((8, 20), True), ((20, 8), False), ((9, 19), False), ((12, 12), False)]
)
def test_hours_that_are_all_quiet_ones_are_refused(quiet: tuple[int, int], refused: bool) -> None:
    """What was noted in them would lapse before its campaign may send."""
    faults = contradictions(replace(load_city(), quiet=Quiet(*quiet)))
    assert faults == ["collection: every hour to remind in is a quiet one"] * refused
