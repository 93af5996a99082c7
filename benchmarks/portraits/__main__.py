"""`python -m benchmarks.portraits`: the studio before the gallery of drawn photos; written to
`benchmarks/results/portraits-DATE.json`. Ends with 1 when more are judged wrongly, or slower, than
the bounds below."""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import Any

from benchmarks import runs
from benchmarks.portraits.gallery import Case, gallery
from bot.offices.images import open_photo
from bot.offices.studio.studio import CardStudio, load_studio
from bot.simulator.drawing.own_photos import as_jpeg, take_photo
from config.city import load_city

MOST_WRONG = 0.05  # of the good ones refused, and of the bad ones taken
MOST_MS = 300.0  # of processor time, the median of a photo


def main() -> int:
    city = load_city()
    studio = load_studio(city.portrait)
    studio.look(as_jpeg(take_photo(Case("").face, Case("").scene)))  # the cascades are loaded
    rows = [judged(studio, case) for case in gallery()]
    page = runs.described("python -m benchmarks.portraits") | summed_up(rows) | {"photos": rows}
    for row in rows:
        wanted = "" if row["right"] else f"   ✗ wanted {' or '.join(row['wanted']) or '-'}"
        print(f"{row['name']:34} {row['found'] or '-':14} {row['ms']:6.0f} ms{wanted}")
    for name in ("false_refusals", "false_acceptances", "wrong_fault", "ms"):
        print(f"{name}: {page[name]}")
    print(f"written: {runs.write('portraits', page).relative_to(runs.ROOT)}")
    return 0 if holds(page) else 1


def judged(studio: CardStudio, case: Case) -> dict[str, Any]:
    """One photo, taken as the service takes it: made safe first. Milliseconds of the processor."""
    sent = as_jpeg(take_photo(case.face, case.scene), case.scene.quality)
    safe = open_photo(sent, load_city().photo).jpeg
    begun = time.process_time()
    found = studio.look(safe).fault
    spent = (time.process_time() - begun) * 1000
    right = found in case.wanted if case.wanted else not found
    wanted = sorted(case.wanted)
    return {"name": case.name, "wanted": wanted, "found": found, "right": right, "ms": round(spent)}


def summed_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    good = [row for row in rows if not row["wanted"]]
    bad = [row for row in rows if row["wanted"]]
    times = sorted(row["ms"] for row in rows)
    mistaken = sum(bool(row["found"]) and not row["right"] for row in bad)
    return {
        "false_refusals": f"{sum(not row['right'] for row in good)} of {len(good)}",
        "false_acceptances": f"{sum(not row['found'] for row in bad)} of {len(bad)}",
        "wrong_fault": f"{mistaken} of {len(bad)}",
        "ms": {"median": median(times), "p95": times[int(len(times) * 0.95)], "most": times[-1]},
    }


def holds(page: dict[str, Any]) -> bool:
    """Whether no more are wrong than may be, and a photo takes no longer than it may."""
    wrong = [page[name].split(" of ") for name in ("false_refusals", "false_acceptances")]
    few = all(int(some) <= MOST_WRONG * int(all_) for some, all_ in wrong)
    return few and page["ms"]["median"] < MOST_MS


if __name__ == "__main__":
    sys.exit(main())
