"""`python -m benchmarks.fuzz`: the targets, the bodies and the negative control, or one of them."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import runs

PARTS = ("targets", "bodies", "control")
EXAMPLES, SECONDS, BODIES, SEED = 20_000, 60, 1_000_000, 20261123


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    add = parser.add_argument
    add("--only", choices=PARTS, action="append", help="this part; all three if not given")
    add("--target", action="append", help="this target of the first part; all if not given")
    add("--examples", type=int, default=EXAMPLES, help="of hypothesis, for each target")
    add("--seconds", type=int, default=SECONDS, help="of atheris, for each target")
    add("--bodies", type=int, default=BODIES, help="how many mutated bodies")
    add("--first", type=int, default=0, help="number of the first body, to go on with a run")
    add("--seed", type=int, default=SEED, help="another one makes other inputs")
    add("--replay", type=Path, metavar="FILE", help="run one found case again, and nothing else")
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    """0 when nothing was found and the negative control was reported."""
    chosen = _arguments(given)
    if said := _missing():
        print(said, file=sys.stderr)
        return 1
    if chosen.replay:
        from benchmarks.fuzz.replay import replay

        return int(replay(chosen.replay))
    return _run(chosen, given)


def _missing() -> str:
    """What is not here without which nothing runs."""
    if not find_spec("hypothesis"):
        return "hypothesis is missing: run `make fuzz`, or `make .venv/installed` first"
    from bot.demo.redis_process import NoRedis, redis_program

    try:
        said = subprocess.run([redis_program(), "--version"], capture_output=True, text=True)  # noqa: S603
    except NoRedis:
        said = None
    version = re.search(r"v=(\d+)", said.stdout) if said else None
    if not version or int(version[1]) < 7:  # whose digest of the keyspace a loopback client may ask
        return "redis-server 7 or valkey-server is missing: run `make system-packages` once"
    return ""


def _run(chosen: argparse.Namespace, given: Sequence[str]) -> int:
    parts, started = chosen.only or PARTS, time.monotonic()
    told = {**runs.described(" ".join(["python -m benchmarks.fuzz", *given])), "seed": chosen.seed}
    for name, do in (("targets", _targets), ("bodies", _bodies), ("control", _control)):
        if name in parts:
            print(f"{name}:", flush=True)
            told[name] = do(chosen)
    told["seconds"] = round(time.monotonic() - started)
    told["findings"] = _findings(told)
    whole = tuple(parts) == PARTS
    path = runs.write("fuzz" if whole else f"fuzz-{'-'.join(parts)}", told)
    print(f"{told['findings']} findings in {told['seconds']} s; written to {path}")
    return int(bool(told["findings"]) or not told.get("control", {}).get("all_reported", True))


def _findings(told: dict[str, Any]) -> int:
    in_targets = sum(len(one["findings"]) for one in told.get("targets", {}).values())
    return in_targets + len(told.get("bodies", {}).get("findings", ()))


def _targets(chosen: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.fuzz import in_process, results
    from benchmarks.fuzz.targets import TARGETS

    names = chosen.target or list(TARGETS)
    done = in_process.run_all(names, chosen.examples, chosen.seconds, chosen.seed)
    for run in done:
        for finding in run.findings:
            print(f"  FOUND in {finding.target}: {finding.why}")
    return results.of_targets(done)


def _bodies(chosen: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.fuzz import results
    from benchmarks.fuzz.bodies.run import MODES, Attack

    attack = Attack(MODES)
    try:
        told = results.of_bodies(attack.run(chosen.seed, chosen.first, chosen.bodies), chosen.first)
    finally:
        attack.close()
    for name in ("sent", "kinds", "statuses", "a_second", "latest", "memory_mib"):
        print(f"  {name}: {told[name]}")
    for finding in told["findings"][:10]:
        print(f"  FOUND: {finding}")
    return told


def _control(chosen: argparse.Namespace) -> dict[str, Any]:
    from benchmarks.fuzz import control

    return control.run(chosen.seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
