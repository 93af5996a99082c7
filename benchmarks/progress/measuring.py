"""Few and many stored applications, asked in turn so that both meet the same moments."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from statistics import quantiles

from benchmarks.progress.asking import WAYS, Asking, Way
from benchmarks.progress.filling import Filled

BOUND = 2.0  # how many times dearer it may be where many are stored


def measure(
    few: Filled, many: Filled, asking: Asking, samples: int, warm: int
) -> dict[str, dict[str, object]]:
    """For each way to ask: p50 and p95 in milliseconds among few and among many, and the ratios."""
    found: dict[str, dict[str, object]] = {}
    for way in WAYS:
        times = _times(few, many, asking, way, samples + warm)
        found[way] = compared({name: all_[warm:] for name, all_ in times.items()})
    return found


def too_dear(found: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The ways to ask that cost more than the bound allows."""
    return [
        f"{way}: {figure} {ratio}"
        for way, told in found.items()
        for figure in ("ratio_p50", "ratio_p95")
        if isinstance(ratio := told[figure], float) and ratio > BOUND
    ]


def _times(
    few: Filled, many: Filled, asking: Asking, way: Way, samples: int
) -> dict[str, list[float]]:
    """In seconds. Who is asked for is drawn: no page is warmer than others by its place."""
    dice = random.Random(7)  # noqa: S311 - a draw, no secret
    times: dict[str, list[float]] = {"few": [], "many": []}
    for number in range(samples):
        order = (("few", few), ("many", many))
        for name, filled in order if number % 2 else reversed(order):
            who = dice.choice(filled.known)
            began = time.perf_counter()
            asking.by(way, filled.database, who)
            times[name].append(time.perf_counter() - began)
    return times


def compared(times: Mapping[str, Sequence[float]]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, measured in times.items():
        cuts = quantiles(measured, n=20)
        told[name] = {"p50_ms": cuts[9] * 1000, "p95_ms": cuts[18] * 1000, "n": len(measured)}
    for figure in ("p50", "p95"):
        few, many = (told[name][f"{figure}_ms"] for name in ("few", "many"))  # type: ignore[index]
        told[f"ratio_{figure}"] = round(many / few, 3)
    return told
