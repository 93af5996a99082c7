"""The real reader of ID cards, for all the test's processes together: a photo is read once a run.

Reading takes a second or two of a core; what was read lies in a folder that ends with the run.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bot.offices.reader import load_reader
from bot.ports import CardRead, Reader

FOLDER = "TESTS_READ_BEFORE"  # of the environment: the processes of one run share it


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run makes the folder, and removes it at the end; those it starts,
    another run among them, find it."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = folder = tempfile.mkdtemp(prefix="shebaoka-read-")
        config.add_cleanup(lambda: _remove(folder))


def _remove(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.environ.pop(FOLDER, None)


@dataclass
class RememberingReader:
    """The real reader; what was read once in this run need not be read again."""

    reader: Reader
    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)

    def side(self, image: bytes) -> Any:
        return self.reader.side(image)

    def read(self, image: bytes) -> CardRead:
        before = self.folder / f"{sha256(image).hexdigest()}.json"
        with self.lock:
            if not before.exists():
                part = before.with_suffix(f".{os.getpid()}")
                part.write_text(json.dumps(asdict(self.reader.read(image))), "utf-8")
                part.replace(before)
            return CardRead(**json.loads(before.read_text("utf-8")))


@cache
def reader() -> RememberingReader:
    real = load_reader(threads=1)  # two that wait for each other take half as much again
    assert real is not None, "the extra `ocr` is not installed"
    return RememberingReader(real, Path(os.environ[FOLDER]))
