"""One child of the supervisor: started, watched, started again when it dies."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from bot.demo import tethering
from bot.demo.plan import Part

# Seconds before the next start, by how many quick deaths came before it. With a start-up of two
# seconds even the last one is back within five.
PAUSES = (0.0, 0.3, 1.0, 2.0)
SETTLED = 10.0  # a child that lived this long starts its count anew
LOG_BYTES = 20_000_000  # a log larger than this is put aside when its child starts


class Child:
    """A part of the demo and its process. Output goes to `logs/<name>.log` of the data folder."""

    def __init__(
        self, part: Part, logs: Path, environment: Mapping[str, str], keep: tuple[int, ...]
    ) -> None:
        self.part, self.log = part, logs / f"{part.name}.log"
        self.quick_deaths = 0
        self._environment, self._keep = environment, keep
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._due = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def tend(self) -> None:
        """Start it when it does not run and its pause is over. Call often, from the main thread."""
        if self.pid:
            return
        now = time.monotonic()
        if self._process:
            self._note_death(now)
        if now >= self._due:
            self._start(now)

    def _note_death(self, now: float) -> None:
        self._process = None
        self.quick_deaths = self.quick_deaths + 1 if now - self._started < SETTLED else 1
        self._due = now + PAUSES[min(self.quick_deaths, len(PAUSES)) - 1]

    def _start(self, now: float) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self._process = tethering.spawn(
                self.part.program, output=output, environment=self._environment, keep=self._keep
            )
        self._started = now

    def ask_to_stop(self) -> None:
        """Ask it to end what it does and go."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def see_off(self, seconds: float) -> None:
        """Wait until it is gone, at most `seconds`, then kill it."""
        if not self._process:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        text = self.log.read_bytes()[-4000:].decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])
