"""The city's rules of collection fit together."""

from __future__ import annotations

from dataclasses import replace

from config.city import load_city
from config.city_collection import Collection
from config.city_faults import contradictions


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
