"""From a run's results to the figures that are told: medians, and ratios with their spread."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.speed.servers import OURS, RIGS

FLOORS = {"echo": 0.8, "werobot": 1.7, "by_hand": 1.7}
AIMS = {"echo": 0.95, "werobot": 2.2, "by_hand": 2.2}
MOST_CPU_OF_TWO = 1.1


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a figure over the rounds."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(min(values), statistics.median(values), max(values))


def of_rounds(results: Mapping[str, Any], rig: str, name: str) -> Spread:
    return Spread.of([each[rig][name] for each in results["rounds"]])


def ratio_to(results: Mapping[str, Any], rig: str, of: str = OURS.name) -> Spread:
    """The speed `of` a rig (ours) by another's, round by round: both ran within half a minute."""
    rounds = results["rounds"]
    return Spread.of([each[of]["per_second"] / each[rig]["per_second"] for each in rounds])


def cpu_of_two(results: Mapping[str, Any]) -> Spread:
    """Server CPU a turn with two workers by that with one, pair by pair."""
    pairs = results["workers"]
    return Spread.of([pair["two"]["server_cpu"] / pair["one"]["server_cpu"] for pair in pairs])


def speed_of_two(results: Mapping[str, Any]) -> Spread:
    pairs = results["workers"]
    return Spread.of([pair["two"]["per_second"] / pair["one"]["per_second"] for pair in pairs])


def verdicts(results: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """(what is promised, what was measured, whether it holds)."""
    found = []
    for rig, floor in FLOORS.items():
        ratio = ratio_to(results, rig)
        found.append(
            (
                f"at least {floor} × {rig} (aim {AIMS[rig]})",
                f"{ratio.median:.2f} ({ratio.least:.2f} to {ratio.most:.2f})",
                ratio.median >= floor,
            )
        )
    calls = sum(results["redis_calls_of_a_calm_turn"][OURS.name].values())
    found.append(("two Redis calls an uncontended turn", f"{calls:.2f}", calls == 2))
    paced = results["four_fifths"]
    found.append(
        (
            "p99 below 100 ms at four fifths of the top speed",
            f"{paced['p99'] * 1000:.0f} ms at {paced['rate']:.0f} a second",
            paced["p99"] < 0.1,
        )
    )
    longest = paced["longest"]
    found.append(("there no answer later than 4 s", f"{longest:.2f} s", longest <= 4))
    cpu = cpu_of_two(results)
    found.append(
        (
            f"CPU a turn of two workers at most {MOST_CPU_OF_TWO} × that of one",
            f"{cpu.median:.2f} ({cpu.least:.2f} to {cpu.most:.2f})",
            cpu.median <= MOST_CPU_OF_TWO,
        )
    )
    return found


def names() -> dict[str, str]:
    return {rig.name: rig.what for rig in RIGS}


def others() -> list[str]:
    """Every rig but ours, in the order of the table."""
    return [rig.name for rig in RIGS if rig is not OURS]
