"""The table of false refusals: enough photos, counted rightly, with bounds that can be broken."""

from __future__ import annotations

from typing import Any

from benchmarks.portraits.__main__ import MOST_MS, holds, judged, summed_up
from benchmarks.portraits.gallery import Case, gallery
from bot.offices.studio.studio import load_studio
from bot.ports import PORTRAIT_FAULTS
from bot.simulator.drawing.own_photos import Scene
from config.city import load_city


def row(found: str = "", *wanted: str, ms: float = 100) -> dict[str, Any]:
    right = found in wanted if wanted else not found
    return {"name": "", "wanted": list(wanted), "found": found, "right": right, "ms": ms}


def test_the_gallery_has_forty_photos_of_each_kind_and_every_name_once() -> None:
    cases = gallery()
    good = [case for case in cases if not case.wanted]
    assert len(good) >= 40
    assert len(cases) - len(good) >= 40
    assert len({case.name for case in cases}) == len(cases)
    assert all(case.wanted <= set(PORTRAIT_FAULTS) for case in cases)


def test_a_photo_is_judged_as_the_service_takes_it() -> None:
    studio = load_studio(load_city().portrait)
    told = judged(
        studio, Case("black and white", scene=Scene(grey=True), wanted=frozenset({"dark"}))
    )
    assert (told["found"], told["right"]) == ("no_colour", False)


def test_what_is_wrong_is_counted_apart() -> None:
    rows = [row(), row("dark"), row("", "blurred"), row("dark", "blurred"), row("dark", "dark")]
    told = summed_up(rows)
    assert (told["false_refusals"], told["false_acceptances"]) == ("1 of 2", "1 of 3")
    assert told["wrong_fault"] == "1 of 3"


def test_one_mistake_in_twenty_and_three_tenths_of_a_second_are_the_bounds() -> None:
    fine = [row()] * 20 + [row("dark", "dark")] * 20
    assert holds(summed_up(fine))
    assert not holds(summed_up([*fine[2:], row("dark"), row("small")]))
    assert not holds(summed_up([*fine[:-2], row("", "dark"), row("", "dark")]))
    assert not holds(summed_up([{**each, "ms": MOST_MS} for each in fine]))
