"""Branches that close: until when each is offered, what takes its place, what cannot be meant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from config.city import CityFault, load_city
from config.faq import Faq
from config.locales.facts import city_facts
from tests.closing import CLOSES, CODE, SUCCESSOR, branches_with, closing_city


def test_a_branch_is_offered_as_long_as_a_card_comes_before_it_closes() -> None:
    city = closing_city()
    branch, day = city.branch(CODE), date(2026, 11, 23)
    while city.is_offered(branch, day):
        day += timedelta(days=1)
    comes = city.promise(city.promise(day, city.days.review), city.days.making)
    assert comes >= CLOSES and branch.is_open(day), "ordered on that day it would come too late"
    assert branch not in city.offered(day, "ABC") and branch in city.offered(date(2026, 11, 23))
    assert not branch.is_open(CLOSES)


def test_a_city_may_offer_it_to_its_last_day() -> None:
    city = closing_city(collection={"until_closed": True})
    branch = city.branch(CODE)
    assert city.is_offered(branch, CLOSES - timedelta(days=1))
    assert not city.is_offered(branch, CLOSES)


def test_its_place_is_taken_by_the_successor_or_by_what_follows_that() -> None:
    city = closing_city()
    assert city.instead_of(city.branch(CODE), CLOSES).code == SUCCESSOR
    chain = branches_with(closes_on="2026-12-31", successor=SUCCESSOR)
    for each in chain:
        if each["code"] == SUCCESSOR:
            each["closes_on"] = "2027-01-31"
    city = load_city(None, {"branches": chain})
    last = city.instead_of(city.branch(CODE), date(2027, 3, 1))
    assert last.bank == "ABC" and last.code not in (CODE, SUCCESSOR)
    assert city.lasting(city.branch(CODE)) == last


def test_without_a_successor_the_nearest_of_its_bank_takes_its_place() -> None:
    city = closing_city(successor="")
    branch = city.branch(CODE)
    near = [b for b, _ in city.nearest(branch.lat, branch.lng, 99, "ABC") if b.code != CODE]
    assert city.instead_of(branch, CLOSES) == near[0]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"successor": SUCCESSOR}, "the branch does not close"),
        ({"closes_on": "2026-12-31", "successor": "ABC-99"}, "there is no branch ABC-99"),
        ({"closes_on": "2026-12-31", "successor": CODE}, "it cannot follow itself"),
        ({"closes_on": "2026-12-31", "successor": "CCB-01"}, "CCB-01 hands out no cards of ABC"),
    ],
)
def test_a_successor_that_cannot_be_meant_is_told(changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(CityFault) as caught:
        load_city(None, {"branches": branches_with(**changed)})
    assert caught.value.faults == [f"branches.{CODE}.successor: {fault}"]


def test_a_successor_stays_open_for_longer() -> None:
    both = branches_with(closes_on="2026-12-31", successor=SUCCESSOR)
    for each in both:
        if each["code"] == SUCCESSOR:
            each["closes_on"] = "2026-12-31"
    with pytest.raises(CityFault) as caught:
        load_city(None, {"branches": both})
    told = f"branches.{CODE}.successor: {SUCCESSOR} does not stay open for longer"
    assert caught.value.faults == [told]


def test_a_bank_keeps_a_branch() -> None:
    listed = branches_with()
    for each in listed:
        if each["bank"] == "ABC":
            each["closes_on"] = "2026-12-31"
    with pytest.raises(CityFault) as caught:
        load_city(None, {"branches": listed})
    assert caught.value.faults == ["banks.ABC: every branch closes"]


@pytest.mark.parametrize("written", ["2026-12-31", "2026/12/31", "2026年12月31日", " 2026.12.31 "])
def test_a_day_is_read_as_spreadsheets_write_it(written: str) -> None:
    city = load_city(None, {"branches": branches_with(closes_on=written)})
    assert city.branch(CODE).closes_on == CLOSES
    assert load_city(None, {"branches": branches_with(closes_on="")}).branch(CODE).closes_on is None


def test_answers_and_examples_know() -> None:
    city = closing_city()
    old, new = city.branch(CODE), city.branch(SUCCESSOR)
    faq = Faq.load(city)
    said = f"{old.name}2026年12月31日起不办了，改到{new.name}。"
    assert faq.answer("zh_CN", "pickup").endswith(said)
    said = f"{old.name_en} hands out no cards from 31 December 2026 on; use {new.name_en} instead."
    assert faq.answer("en", "pickup").endswith(said)
    assert city.examples.branch == CODE, "the example itself closes"
    assert city_facts(city, "zh_CN")["example_branch"] == new.name
    many = branches_with(closes_on="2026-12-31")
    for each in many:
        each.update({"closes_on": "2026-12-31"} if each["code"] in ("CCB-01", "PSBC-01") else {})
    told = Faq.load(load_city(None, {"branches": many})).answer("zh_CN", "pickup")
    assert "有3个网点停办" in told
