"""What was seen from outside, a line of JSON for each event, by any number of processes.

`delivery`: person, number, update, attempt, answer (null: none came) · `message`, `picture`: sent
by API to person, with text · `sms`: taken by the office under key, for person and number.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any


class Journal:
    """Appends lines; each is one write, so that threads and processes may share the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, what: str, **facts: Any) -> None:
        line = json.dumps({"what": what, "at": time.time(), **facts}, ensure_ascii=False) + "\n"
        place = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(place, line.encode())
        finally:
            os.close(place)
