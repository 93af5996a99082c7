"""Passwords of staff: what they cost to guess, and which are refused."""

from __future__ import annotations

import pytest

from config.city_console import StaffAccess
from models.passwords import HASHER, drawn_password, fits, hashed, is_rare, password_fault

RULES = StaffAccess()


def test_a_hash_costs_what_argon2id_should_and_differs_each_time() -> None:
    kept = [hashed("Wunderlich-7-Kraniche") for _ in range(2)]
    assert kept[0] != kept[1] and all(each.startswith("$argon2id$") for each in kept)
    assert HASHER.memory_cost >= 19 * 1024 and HASHER.time_cost >= 2  # OWASP's least
    assert fits("Wunderlich-7-Kraniche", kept[0]) and not fits("Wunderlich-7-kraniche", kept[0])


@pytest.mark.parametrize("kept", ["!", "plain", "$argon2id$v=19$broken"])
def test_nothing_fits_what_is_no_hash(kept: str) -> None:
    assert not fits("", kept)
    assert not fits(kept, kept)


def test_a_drawn_password_meets_the_rules_that_its_owner_will_have() -> None:
    drawn = {drawn_password() for _ in range(50)}
    assert len(drawn) == 50
    assert [password_fault(each, "li.gong", RULES) for each in drawn] == [None] * 50


@pytest.mark.parametrize(
    "common",
    ["Password@2026!", "1qaz2WSX3edc!", "Shebaoka-2026", "ShangHai-123456", "Admin@123456",
     "qwertyUIOP12345", "Woaini1314520!", "aaaa-1111-BBBB", "Adm1n-P@ssw0rd1"],
)  # fmt: skip
def test_what_everybody_takes_is_refused(common: str) -> None:
    assert not is_rare(common)


@pytest.mark.parametrize(
    "rare", ["Wunderlich-7-Kraniche", "雨后小巷Lamp-3-gold", "kR9#vTm2qLx!", "Test-mit-Giraffe7"]
)
def test_what_is_ones_own_is_taken(rare: str) -> None:
    assert password_fault(rare, "li.gong", RULES) is None
