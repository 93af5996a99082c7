"""The city's rules of collection fit together."""

from __future__ import annotations

from dataclasses import replace

from config.city import load_city
from config.city_collection import Collection
from config.city_faults import contradictions


def test_a_reminder_after_the_card_was_put_away_is_refused() -> None:
    city = load_city()
    assert contradictions(city) == []
    late = replace(city, collection=Collection(remind_months=(3, 12), remind_days=(15, 400)))
    assert contradictions(late) == [
        "collection: nothing is left to remind of after 12 months",
        "collection: nothing is left to remind of after 400 days",
    ]
