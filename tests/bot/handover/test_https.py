"""The road over HTTPS, against an office that says what it should not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.handover.https import HttpRoad
from bot.handover.roads import Offered, Refused
from bot.offices.http import OfficeHttp
from tests.bot.offices.office_server import saying, serving

NAME = "SBK_119900_20261126_0001_ANS"


@contextmanager
def road_to(status: int, said: Any) -> Iterator[HttpRoad]:
    office = saying(status, json.dumps(said).encode())
    with serving(office):
        http = OfficeHttp("province", office.url, "a key")
        try:
            yield HttpRoad(http, 5)
        finally:
            http.close()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"error": "manifest"}, "manifest"),
        ({"error": "陈国强姓名不符"}, "refused"),
        ({"error": "a" * 33}, "refused"),
        ({"error": "no such line"}, "refused"),
        ({"error": ["line"]}, "refused"),
        ({}, "refused"),
    ],
)
def test_why_a_batch_is_refused_is_a_code_and_no_text(said: Any, code: str) -> None:
    with road_to(400, said) as road, pytest.raises(Refused) as refused:
        road.send(NAME, b"sealed", "digest")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "notes.txt", "size": 1, "cursor": "1"},
        {"name": NAME, "size": "1", "cursor": "1"},
        {"name": NAME, "size": 1, "cursor": "1" * 65},
        "a text",
    ],
)
def test_an_odd_file_in_the_list_keeps_no_other_away(odd: Any) -> None:
    well = {"name": NAME, "size": 7, "cursor": "2"}
    with road_to(200, {"files": [odd, well]}) as road:
        assert list(road.replies("")) == [Offered(NAME, 7, "2")]
