"""Reply files that are repeated, out of order, cut off or wrong, because a script wants it."""

from __future__ import annotations

import json

import pytest
import requests
from cryptography.exceptions import InvalidTag

from tests.bot.simulator.card_making.city import City, opened, person
from tests.bot.simulator.card_making.conftest import Making


def test_files_are_listed_behind_a_cursor_and_only_by_their_desk(
    city: City, making: Making
) -> None:
    city.send("province", person())
    making.days(1)
    names = city.new_files("province")
    assert len(names) == 2
    assert city.new_files("province") == []
    assert city.ask("bank", "replies", after="") == {"files": []}
    assert (
        city.post("bank", "replies/get", json.dumps({"name": names[0]}).encode()).status_code == 404
    )


def test_lines_are_repeated_mixed_with_bad_ones_and_with_strangers(
    city: City, making: Making
) -> None:
    making.set("cards/replies", repeat=True, shuffle=True, bad=2, unknown=1)
    city.send("province", person(1), person(2))
    lines = city.replies("province")
    taken = [line[0] for line in lines if line[2:3] == ["TAKEN"]]
    assert sorted(taken) == [f"{n:032x}" for n in (1, 1, 2, 2)]
    assert sum(len(line) == 2 for line in lines) == 2
    assert [line[0] for line in lines if line[2:3] == ["OK"]] == [f"{0:032x}"]


def test_a_file_that_ends_early_is_whole_when_it_is_asked_for_again(
    city: City, making: Making
) -> None:
    making.set("cards/replies", cut="envelope")
    city.send("province", person())
    [name] = city.new_files("province")
    asked = json.dumps({"name": name}).encode()
    with pytest.raises(InvalidTag):
        opened(city.post("province", "replies/get", asked).content, "province")
    assert len(city.lines("province", name)) == 1


def test_a_file_whose_lines_end_early_contradicts_its_count(city: City, making: Making) -> None:
    making.set("cards/replies", cut="lines")
    city.send("province", person(1), person(2), person(3))
    [name] = city.new_files("province")
    asked = json.dumps({"name": name}).encode()
    parts = opened(city.post("province", "replies/get", asked).content, "province")
    count = json.loads(parts["manifest.json"])["count"]
    assert (count, parts["replies.txt"].count(b"\n")) == (3, 1)
    assert len(city.lines("province", name)) == 3


def test_files_that_were_held_come_out_of_order(city: City, making: Making) -> None:
    making.set("cards/replies", hold=True)
    city.send("province", person())
    making.days(1)
    assert city.new_files("province") == []
    making.set("cards/replies")
    assert [line[2] for line in city.replies("province")] == ["OK", "TAKEN"]


def test_a_file_can_come_again_under_another_name(city: City, making: Making) -> None:
    city.send("province", person())
    [name] = city.new_files("province")
    again = making.set(f"cards/replies/{name}", "post").json()["name"]
    assert city.new_files("province") == [again]
    assert city.lines("province", again) == city.lines("province", name)


def test_what_the_city_reports_is_kept_once(city: City, making: Making) -> None:
    faults = [{"line": 3, "code": "unknown_application"}]
    for _ in range(2):
        assert city.ask("province", "replies/report", name="SBK_1", faults=faults) == {}
    [report] = making.told()["reports"]
    assert (report["name"], report["faults"]) == ("SBK_1", faults)


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("post", "days", {"days": 0}),
        ("post", "days", {"days": "1"}),
        ("put", "cards/replies", {"cut": "all"}),
        ("put", "cards/replies", {"bad": True}),
        ("put", "cards/speeds", {"province": -1}),
        ("put", "cards/shares", {"branch": 1}),
        ("put", "cards/x/failure", {"step": "branch"}),
        ("post", "cards/x/told", {"stage": "BANK", "result": "OK"}),
        ("post", "cards/replies/none", {}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    making: Making, method: str, path: str, asked: dict[str, object]
) -> None:
    url = f"{making.url}/simulator/api/{path}"
    answer = requests.request(method, url, json=asked, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_fault_of_the_office_hits_its_batches(city: City, making: Making) -> None:
    making.set("faults", card_making={"error": "http_500", "times": 1})
    assert city.send("province", person()).status_code == 500
    making.set("faults", bank={"error": "lost", "times": 1})
    with pytest.raises(requests.ConnectionError):
        city.send("bank", person())
    assert [batch["desk"] for batch in making.told()["batches"]] == ["bank"]
