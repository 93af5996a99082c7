"""Batches at the desks: opened, checked, taken once."""

from __future__ import annotations

from typing import Any

import requests

from tests.bot.simulator.card_making.city import City, batch_tar, envelope, person
from tests.bot.simulator.card_making.conftest import Making

NAME = "SBK_119900_20261126_0001_ORD"


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_batch_is_taken_once_and_known_from_then_on(city: City, making: Making) -> None:
    tar = batch_tar(NAME, "province", [person(1), person(2)])
    assert city.ask("province", "batches/find", batch=NAME) == {"state": "unknown"}
    for state in ("taken", "known", "known"):
        answer = city.post("province", "batches", envelope(NAME, tar, "province"))
        assert answer.json() == {"state": state}
    found = city.ask("province", "batches/find", batch=NAME)
    assert (found["state"], found["count"]) == ("taken", 2)
    making.days(9)
    assert len(making.told()["cards"]) == 2


def test_an_id_with_other_content_is_refused_and_changes_nothing(
    city: City, making: Making
) -> None:
    for people, status in (([person(1)], 200), ([person(1), person(2)], 409)):
        tar = batch_tar(NAME, "province", people)
        answer = city.post("province", "batches", envelope(NAME, tar, "province"))
        assert answer.status_code == status
    assert answer.json() == {"error": "other_content"}
    assert len(making.told()["cards"]) == 1


def test_what_is_not_signed_by_the_city_or_sealed_for_the_desk_does_not_open(city: City) -> None:
    tar = batch_tar(NAME, "province", [person()])
    good = envelope(NAME, tar, "province")
    spoilt = (
        envelope(NAME, tar, "province", who="bank"),
        envelope(NAME, tar, "bank"),
        good[:-1],
        good.replace(b"0001", b"0002", 1),
        b"SBK1\x01\xff",
        b"",
    )
    for body in spoilt:
        assert refused(city.post("province", "batches", body)) == (400, "envelope")
    assert refused(city.post("bank", "batches", envelope(NAME, tar, "bank"))) == (400, "manifest")


def test_a_manifest_that_contradicts_the_parts_is_refused(city: City) -> None:
    contradictions: tuple[dict[str, Any], ...] = (
        {"count": 2},
        {"parts": {}},
        {"batch": "x"},
        {"kind": "REP"},
        {"items": []},
    )
    for change in contradictions:
        tar = batch_tar(NAME, "province", [person()], **change)
        answer = city.post("province", "batches", envelope(NAME, tar, "province"))
        assert refused(answer) == (400, "manifest"), change


def test_a_line_that_cannot_be_read_is_refused(city: City, making: Making) -> None:
    lines = (person(name="陈\x07强"), person(application="x"), {"name": "陈国强"}, person(name=""))
    for line in lines:
        tar = batch_tar(NAME, "province", [{"application": "x", **line}])
        answer = city.post("province", "batches", envelope(NAME, tar, "province"))
        assert answer.status_code == 400, line
    assert making.told()["batches"] == []


def test_who_does_not_sign_the_call_gets_nowhere(city: City) -> None:
    answer = requests.post(f"{city.url}/offices/card_making/v1/batches", b"SBK1", timeout=5)
    assert answer.status_code == 401
