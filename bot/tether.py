"""Starts a program that dies with its parent, even when the parent is killed with SIGKILL.

Run as a script by `bot.demo.tethering.spawn`, with the standard library alone, so that it starts
in a few milliseconds. On Linux it asks the kernel for the parent-death signal and becomes the
program. Elsewhere it stays beside the program and waits for the end of a lifeline: a pipe that
the parent holds open and never writes to.

Usage: tether.py PARENT_PID LIFELINE_FD PROGRAM [ARGUMENT ...]
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_PDEATHSIG = 1  # prctl(2)
ORPHANED = 70  # exit status when the parent was gone before we could tie ourselves to it


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when `parent` (a process id) dies. Linux only.

    Call it from the main thread. Exits at once when the parent died before the call.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(ORPHANED)


def guard(program: list[str], lifeline: int) -> int:
    """Run `program` until it ends, or kill it when the lifeline's other end closes."""
    child = subprocess.Popen(program)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())

    def watch() -> None:
        os.read(lifeline, 1)
        child.kill()

    threading.Thread(target=watch, daemon=True).start()
    return child.wait()


def main(arguments: list[str]) -> int:
    """Tie this process to its parent and become the program."""
    parent, lifeline, program = int(arguments[0]), int(arguments[1]), arguments[2:]
    if not sys.platform.startswith("linux"):
        return guard(program, lifeline)
    die_with_parent(parent)
    os.close(lifeline)
    os.execvp(program[0], program)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
