"""A demo as a process of a test: started, asked, killed, and its family counted."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

from bot.demo.plan import is_free
from bot.demo.run import remove_left_sockets

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[3]
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: str) -> Any:
    """The JSON that `url` answers with."""
    with _DIRECT.open(url, timeout=2) as response:
        return json.loads(response.read())


def within(seconds: float, done: Callable[[], bool]) -> bool:
    """Whether `done` becomes true in that time. A call that is not answered, or not to its end,
    counts as not yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if done():
                return True
        except (OSError, HTTPException):
            pass
        time.sleep(0.05)
    return False


def _busy() -> float:
    """Seconds of processor time that all processes of this machine have used."""
    times = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq = (int(each) for each in times[:7])
    return (user + nice + system + irq + softirq) / _TICKS


def _used(pid: int) -> float:
    """The same of one process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def quiet_port() -> int:
    """A free port that no outgoing connection is given while the demo is away for a moment."""
    return next(
        port for port in iter(lambda: secrets.randbelow(12_000) + 20_000, 0) if is_free(HOST, port)
    )


class RunningDemo:
    """`command` with a data folder and ports of its own; `family` finds all its processes."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str] = (sys.executable, "-m", "tests.bot.demo.stub_demo"),
        **settings: str,
    ) -> None:
        self.folder, self.command = folder, list(command)
        self.port, self.simulator_port = quiet_port(), quiet_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
            **settings,
        }
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Start it (again)."""
        ours = {f"SHEBAOKA_{name}": value for name, value in self.settings.items()}
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**_without_settings(os.environ), **ours},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=_die_with_the_test_run,
        )
        return self.process

    def ready(self, seconds: float = 60) -> bool:
        """Whether the site answers within that time."""
        return within(seconds, lambda: bool(get(f"{self.url}/readyz")))

    def in_time(self, seconds: float, done: Callable[[], bool]) -> bool:
        """Whether `done` becomes true in the time that a machine of our own would take so long for:
        what others than this demo had of the processors meanwhile is not counted."""
        began, busy, ours = time.monotonic(), _busy(), self._used()
        if not within(seconds * 4, done):
            return False
        took = time.monotonic() - began
        own = sum(used - ours.get(pid, 0.0) for pid, used in self._used().items())
        others = max(0.0, _busy() - busy - own)
        return took - others / (os.cpu_count() or 1) <= seconds

    def _used(self) -> dict[int, float]:
        """Processor time in seconds by process, of those that live."""
        used = {}
        for pid in self.family():
            with suppress(OSError):
                used[pid] = _used(pid)
        return used

    def family(self) -> dict[int, str]:
        """Every living process that is told our data folder or works in it: id → command line.

        Redis writes its title over its environment, but works in the folder.
        """
        mark = f"SHEBAOKA_DATA_DIR={self.folder}".encode()
        found = {}
        for place in Path("/proc").iterdir():
            if place.name.isdigit() and int(place.name) != os.getpid():
                try:
                    told = mark in (place / "environ").read_bytes().split(b"\0")
                    if told or (place / "cwd").readlink().is_relative_to(self.folder):
                        found[int(place.name)] = _line(place)
                except OSError:
                    continue
        return found

    def member(self, word: str) -> int:
        """The one process whose command line holds `word`; for workers, the oldest.

        A child that is still our tether is not there yet: the kernel shows no command line while
        it becomes its program. Raises ValueError when there is none.
        """
        family = self.family().items()
        return min(pid for pid, line in family if word in line and "tether.py" not in line)

    def logs(self) -> str:
        """The end of every child's log: what to look at when a test fails."""
        pages = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(f"== {page.name}\n{page.read_text()[-1500:]}" for page in pages)

    def output(self) -> str:
        """All that it printed, once it has ended."""
        return self.process.communicate(timeout=60)[0]

    def close(self) -> None:
        """Kill whatever is left of it."""
        for pid in [self.process.pid, *self.family()]:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        remove_left_sockets(self.folder)


def _die_with_the_test_run() -> None:
    """A killed test run cannot close its demo: the kernel ends it (and the demo its children)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _line(place: Path) -> str:
    return (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in environment.items() if not k.startswith("SHEBAOKA_")}
