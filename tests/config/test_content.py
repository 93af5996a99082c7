"""The parts of what residents are told: what each holds, and what may not be put in its place."""

from __future__ import annotations

import json
import tomllib
from datetime import date

import pytest
import tomli_w

from config.content import PARTS, ContentFault, as_file, check, present
from config.written import read_written


@pytest.mark.parametrize("name", PARTS)
def test_what_a_part_holds_may_be_put_in_its_place(name: str) -> None:
    value = json.loads(json.dumps(present(None, {}, PARTS[name])))
    check(None, {name: value})
    base, again = read_written(None), read_written(None, {name: value})
    assert again.city == base.city
    assert again.reasons == base.reasons
    assert present(None, {name: value}, PARTS[name]) == value


def test_a_changed_part_is_what_is_told() -> None:
    fees = present(None, {}, PARTS["fees"])
    faq = present(None, {}, PARTS["faq"])
    faq["zh_CN"]["faq_fee"] = "首次办卡{fee_first}。"
    written = read_written(None, {"fees": {**fees, "first": 8}, "faq": faq})
    assert written.city.fees.first == 8
    assert written.faq.answer("zh_CN", "faq_fee") == "首次办卡收费8元。"


@pytest.mark.parametrize(
    ("part", "key", "wrong", "said"),
    [
        ("fees", "first", "many", "fees.first"),
        ("days", "review", 0, "days.review"),
        ("banks", None, [], "banks"),
    ],
)
def test_what_does_not_fit_is_named(part: str, key: str | None, wrong: object, said: str) -> None:
    value = present(None, {}, PARTS[part])
    changed = {**value, key: wrong} if key else wrong
    with pytest.raises(ContentFault) as fault:
        check(None, {part: changed})
    assert any(said in line for line in fault.value.faults)


def test_an_answer_that_names_what_nobody_knows_is_refused() -> None:
    faq = present(None, {}, PARTS["faq"])
    faq["zh_CN"]["faq_fee"] = "{fee_first.__class__}"
    with pytest.raises(ContentFault, match="which nobody knows"):
        check(None, {"faq": faq})


def test_a_reason_that_cannot_be_filled_is_refused() -> None:
    reasons = present(None, {}, PARTS["reasons"])
    reasons[0]["fact"] = {"zh_CN": "{nothing}", "en": "x"}
    with pytest.raises(ContentFault, match="cannot be filled"):
        check(None, {"reasons": reasons})


def test_a_branch_that_closes_is_written_as_a_file_has_it() -> None:
    part = PARTS["branches"]
    changed = {"branches": [*present(None, {}, part)]}
    changed["branches"][1] |= {"closes_on": "2026-12-31", "successor": "ABC-02"}
    file, table = as_file(None, changed, part)
    assert file == "city.toml"
    again = tomllib.loads(tomli_w.dumps(table))["branches"]
    assert (again[1]["closes_on"], again[1]["successor"]) == (date(2026, 12, 31), "ABC-02")
    assert "closes_on" not in again[0] and again[0]["successor"] == ""
