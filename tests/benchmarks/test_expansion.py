"""The bench of expansion measures what it says: everybody gets a row, and a bound is judged."""

from __future__ import annotations

import pytest

from benchmarks.expansion.__main__ import _expanded, _faults, _foreseen, _looked, _of_applications
from benchmarks.expansion.filling import fill, hand_in
from models.database import Database


def test_everybody_gets_a_row_and_is_foreseen(database: Database) -> None:
    fill(database, 60)
    hand_in(database, 60)
    told = _expanded(database, 60)
    assert 0 < told["statement"] <= told["whole"]
    by_applications = _of_applications(database, 60)
    assert 0 < by_applications["writing"] <= by_applications["whole"]
    assert _foreseen(database, 60) > 0
    assert _looked(database, database, 5)["few"]["n"] == 5
    with pytest.raises(RuntimeError, match="60 rows, not 61"):
        _expanded(database, 61)


def test_what_is_too_dear_is_said() -> None:
    found = {
        "expansion": [{"whole": 3.0}, {"whole": 1.5}],
        "of_applications": [{"writing": 2.5}, {"writing": 3.0}],
        "look": {"ratio_p50": 2.5},
        "sending": {"few": {"peak_mb": 100.0}, "many": {"peak_mb": 200.0}},
    }
    assert list(_faults("sqlite", found)) == [
        "rows took 1.50 s", "others waited 2.50 s", "a look 2.5", "memory 2.00",
    ]  # fmt: skip
    assert list(_faults("postgresql", found)) == ["a look 2.5", "memory 2.00"]
    fine = {
        "expansion": [{"whole": 0.9}],
        "of_applications": [{"writing": 1.9}],
        "look": {"ratio_p50": 1.0},
    }
    assert list(_faults("sqlite", fine)) == []
