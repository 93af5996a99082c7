"""The demo's clock: this machine's, and the days by which it was put on.

A file in the data folder holds the shift, so that site, worker and simulator agree and a restart
goes on in the same time. Only the demo has such a clock: it is handed in as a source of time.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "clock"
_LONGEST = timedelta(days=3650)


class DemoClock:
    """Aware, UTC. Never goes back."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift

    @property
    def shift(self) -> timedelta:
        """How far ahead the demo is."""
        try:
            seconds = float(self._file.read_text("ascii"))
        except (OSError, ValueError):
            return timedelta()
        return timedelta(seconds=min(max(0.0, seconds), _LONGEST.total_seconds()))

    def pass_time(self, by: timedelta) -> None:
        """Put everything of the demo on by so much."""
        with self._lock:
            shift = min(self.shift + max(by, timedelta()), _LONGEST)
            draft = self._file.with_name(f".{FILE}.new")
            draft.write_text(str(shift.total_seconds()), "ascii")
            draft.replace(self._file)
