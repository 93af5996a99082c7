"""A found case once more: a request against a fresh server, or an input against its target."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.fuzz.bodies.judging import changed, fault_of
from benchmarks.fuzz.bodies.mutants import Mutant
from benchmarks.fuzz.bodies.rig import Rig
from benchmarks.fuzz.bodies.wire import Wire
from benchmarks.fuzz.target import fault_of as fault_of_input


def replay(path: Path) -> bool:
    """Whether the case is (still) a finding; prints what happens. A file in a folder named after a
    target is an input of that, a JSON file a request."""
    if path.suffix != ".json":
        from benchmarks.fuzz.targets import TARGETS

        why = fault_of_input(TARGETS[path.parent.name], path.read_bytes())
        print(why or "the property holds")
        return bool(why)
    return _request(Mutant.of_record(json.loads(path.read_text("utf-8"))))


def _request(mutant: Mutant) -> bool:
    rig = Rig(mutant.mode)
    wire = Wire(rig.port)
    try:
        before = rig.state()
        (answer,) = wire.send([mutant])
        difference = changed(before, rig.state())
        print(f"{answer.status} in {answer.seconds:.2f} s: {answer.body[:200]!r}")
        print(f"changed: {difference or 'nothing'}")
        fault = fault_of(answer)
        print(fault.why if fault else "the answer is as it should be")
        return bool(fault) or bool(difference and mutant.kind == "unsigned")
    finally:
        wire.close()
        rig.stop()
