"""Atheris over a target, in a process of its own: libFuzzer decides when that process ends.

`python -m benchmarks.fuzz.by_coverage TARGET FOLDER SECONDS SEED` is that process.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks.fuzz.mutating import WORDS
from benchmarks.fuzz.target import Finding, Target, beginnings, fault_of, shrunk

INSTRUMENTED = ["bot", "handlers", "models", "config"]
PATIENCE = 20.0  # instrumented code is several times slower, and the machine may be busy
MEMORY = 2560  # MiB, above what the pictures' own property allows
_DONE = re.compile(r"number_of_executed_units:\s*(\d+)|#(\d+)\s+DONE|Done (\d+) in")


def missing() -> str:
    """Why there is no coverage-guided fuzzing here; empty when there is."""
    if find_spec("atheris"):
        return ""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"atheris is not installed (Python {version}): `make fuzz` does it where a wheel exists"


def run(target: Target, seconds: int, number: int, folder: Path) -> tuple[int, list[Finding]]:
    """How many inputs were tried in so many seconds, and what was found, cut short."""
    corpus, found = folder / "corpus", folder / "found"
    corpus.mkdir(parents=True)
    found.mkdir()
    for place, data in enumerate(beginnings(target)):
        (corpus / f"seed-{place:05d}").write_bytes(data)
    (folder / "words").write_text("\n".join(map(_word, (*WORDS, *target.tokens))), "ascii")
    command = [sys.executable, "-m", __name__, target.name, str(folder), str(seconds), str(number)]
    # libFuzzer ends its process without a farewell: what it leaves goes with our folder.
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(  # noqa: S603
        command,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds * 3 + 120,
        env=environment,
    )
    tried = [int(next(filter(None, counts))) for counts in _DONE.findall(done.stderr)]
    findings = [_finding(target, path) for path in sorted(found.iterdir())]
    if done.returncode and not findings:
        raise RuntimeError(f"atheris failed on {target.name}: {done.stderr[-2000:]}")
    return max(tried, default=0), findings


def _finding(target: Target, path: Path) -> Finding:
    data = path.read_bytes()
    why = fault_of(target, data)
    if not why:  # out of memory or out of time: only instrumented, or only after many inputs
        return Finding(target.name, data, f"{path.name.partition('-')[0]} under atheris")
    return Finding(target.name, shrunk(target, data), why)


def _word(token: bytes) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in token) + '"'


def main(name: str, folder: str, seconds: str, number: str) -> None:
    """The child: instrument, load the target, and let libFuzzer run."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from benchmarks.fuzz.targets import TARGETS
    from benchmarks.fuzz.target import hold

    target = TARGETS[name]
    hold(target, b"", PATIENCE * 10)  # what is loaded at the first use is not this input's price
    options = [
        "fuzz",
        f"-max_total_time={seconds}",
        f"-seed={number}",
        f"-max_len={target.longest}",
        f"-artifact_prefix={folder}/found/",
        f"-dict={folder}/words",
        f"-rss_limit_mb={MEMORY}",
        "-timeout=120",
        "-print_final_stats=1",
        "-detect_leaks=0",
        "-verbosity=1",
        f"{folder}/corpus",
    ]
    atheris.Setup(options, lambda data: hold(target, data, PATIENCE))
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
