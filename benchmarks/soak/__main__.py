"""`python -m benchmarks.soak`: all of the soak, or one of its parts (docs/soak.md)."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import runs
from benchmarks.soak.handover.replies import run_on as run_replies
from benchmarks.soak.handover.trials import run as run_handover
from benchmarks.soak.late import run as run_late
from benchmarks.soak.points import BACKENDS, Tally
from benchmarks.soak.points import run as run_points
from benchmarks.soak.push.stage import Plan as PushPlan
from benchmarks.soak.push.trial import run as run_push
from benchmarks.soak.review import run as run_review
from benchmarks.soak.servers import missing
from benchmarks.soak.service import Plan
from benchmarks.soak.service import run as run_service

REVIEWERS = 20
CONTROLS = {"no fence": "doubled", "repeated letters": "doubled", "dropped messages": "lost"}
"""What is taken out of the points' rig, and what the auditor must call the outcome."""


def points(given: argparse.Namespace) -> dict[str, Any]:
    """Kills and freezes at the named points."""
    progress = given.folder / "points.jsonl"
    began = time.monotonic()
    tally = run_points(given.kills, given.freezes, given.processes, progress, runs.commit())
    return {
        "seeds": f"0 to {max((seed for *_, seed in tally.done), default=0)}",
        "seconds": round(time.monotonic() - began, 1),
        "kills": tally.total("kills"),
        "freezes": tally.total("freezes"),
        "kills by point": _sorted(tally, "kills"),
        "freezes by point": _sorted(tally, "freezes"),
        "trials": tally.trials,
        "figures": dict(tally.figures),
        "findings": tally.findings,
    }


def _sorted(tally: Tally, what: str) -> dict[str, dict[str, int]]:
    counts = getattr(tally, what)
    return {b: {p: n for p, n in sorted(counts[b].items()) if n} for b in BACKENDS}


def service(given: argparse.Namespace) -> dict[str, Any]:
    """The whole service over HTTP, once on each database."""
    told = [
        run_service(Plan(backend, given.people, given.messages, given.applicants, seed=given.seed))
        for backend in given.backends
    ]
    findings = [{**f, "backend": one["backend"]} for one in told for f in one.pop("findings")]
    return {"seed": given.seed, "runs": told, "findings": findings}


def late(given: argparse.Namespace) -> dict[str, Any]:
    """Silent offices: in peace, then with processes dying."""
    told = [run_late(given.people, given.seed, fire=fire) for fire in (False, True)]
    findings = [{**f, "fire": one["fire"]} for one in told for f in one.pop("findings")]
    return {"seed": given.seed, "runs": told, "findings": findings}


def control(given: argparse.Namespace) -> dict[str, Any]:
    """With a protection taken out the auditor must find what it protected from."""
    found = {}
    for name in CONTROLS:
        progress = given.folder / f"control-{name.replace(' ', '-')}.jsonl"
        progress.unlink(missing_ok=True)
        tally = run_points(60, 0, given.processes, progress, runs.commit(), name)
        found[name] = [f["kind"] for f in tally.findings]
    plan = Plan("sqlite", people=16, messages=5, applicants=0, death=0.05, fenceless=True)
    found["service without fence"] = [f["kind"] for f in run_service(plan)["findings"]]
    expected = {**CONTROLS, "service without fence": "doubled"}
    missed = [name for name, kind in expected.items() if kind not in found[name]]
    counts = {name: {kind: kinds.count(kind) for kind in kinds} for name, kinds in found.items()}
    findings = [{"kind": "not noticed", "what": name} for name in missed]
    return {"noticed": counts, "findings": findings}


def hand_over(given: argparse.Namespace) -> dict[str, Any]:
    """The site, the worker and the database die while cards are handed over."""
    return {"seed": given.seed, **run_handover(given.deaths, given.seed)}


def replies(given: argparse.Namespace) -> dict[str, Any]:
    """Reply files, as they are and spoilt, on each database."""
    told = [run_replies(backend, given.lines, given.seed) for backend in given.backends]
    findings = [{**f, "backend": one["backend"]} for one in told for f in one.pop("findings")]
    return {"seed": given.seed, "runs": told, "findings": findings}


def review(given: argparse.Namespace) -> dict[str, Any]:
    """Twenty reviewers on one queue, once on each database."""
    told = [
        run_review(backend, given.applications, REVIEWERS, given.seed) for backend in given.backends
    ]
    findings = [{**f, "backend": one["backend"]} for one in told for f in one.pop("findings")]
    return {"seed": given.seed, "runs": told, "findings": findings}


def push(given: argparse.Namespace) -> dict[str, Any]:
    """A campaign to very many people, while its worker dies and Redis forgets everything."""
    plan = PushPlan(
        given.recipients, given.rate, given.worker_kills, 2, given.push_seconds, alone=True
    )
    told = [run_push(backend, plan, given.seed) for backend in given.backends]
    findings = [{**f, "backend": one["backend"]} for one in told for f in one.pop("findings")]
    return {"seed": given.seed, "runs": told, "findings": findings}


PARTS: Mapping[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "points": points,
    "service": service,
    "late": late,
    "review": review,
    "control": control,
    "hand-over": hand_over,
    "replies": replies,
    "push": push,
}


def main() -> int:
    """Run the parts; exit status 1 when there is a finding or something is missing here."""
    given = _arguments()
    if lacks := missing():
        print(lacks, file=sys.stderr)
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    command = " ".join(["python -m benchmarks.soak", *sys.argv[1:]])
    faults = 0
    for part in [given.part] if given.part != "all" else PARTS:
        told = PARTS[part](given)
        path = runs.write(f"soak-{part}", {**runs.described(command), **told})
        faults += len(told["findings"])
        print(f"{part}: {len(told['findings'])} findings; {path.relative_to(runs.ROOT)}")
    return 1 if faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=["all", *PARTS])
    parser.add_argument("--kills", type=int, default=10_000, help="processes to kill at points")
    parser.add_argument("--freezes", type=int, default=500, help="processes to freeze at points")
    parser.add_argument("--processes", type=int, default=8, help="trials at once; most of it waits")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=12, help="of each person")
    parser.add_argument("--applicants", type=int, default=20, help="who walk the card form")
    parser.add_argument("--deaths", type=int, default=100, help="during the hand-over")
    parser.add_argument("--lines", type=int, default=10_000, help="of a reply file")
    parser.add_argument("--applications", type=int, default=5_000, help="to be reviewed")
    parser.add_argument("--recipients", type=int, default=100_000, help="of a campaign")
    parser.add_argument("--rate", type=int, default=2_000, help="calls a second of an account")
    parser.add_argument("--worker-kills", type=int, default=10, help="while it pushes")
    parser.add_argument("--push-seconds", type=float, default=1200, help="a campaign may take")
    parser.add_argument("--backends", nargs="+", default=list(BACKENDS), choices=BACKENDS)
    parser.add_argument("--seed", type=int, default=1, help="of the service's chance")
    parser.add_argument("--folder", type=Path, default=Path("var/soak"), help="for progress")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
