"""Starting a child that cannot outlive us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

_TETHER = str(Path(__file__).parents[1] / "tether.py")


@cache
def _lifeline() -> tuple[int, int]:
    """The pipe whose writing end this process holds for as long as it lives: (read, write)."""
    return os.pipe()


def spawn(
    program: Sequence[str],
    *,
    output: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `program` in a session of its own, so that it dies when this process dies.

    Call it from the main thread: the kernel's parent is the thread that started the child, and
    the child dies with that. `output` takes both its streams, `keep` names the descriptors that
    it inherits. Its process id is that of the program itself on Linux, of its guard elsewhere.
    """
    reading, _ = _lifeline()
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", _TETHER, str(os.getpid()), str(reading), *program],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        pass_fds=(reading, *keep),
        start_new_session=True,
    )
