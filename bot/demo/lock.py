"""One demo per data folder: a lock that lives as long as the last of its processes."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


class DataInUse(Exception):
    """Another demo runs on this data folder."""


def lock_data(folder: Path, patience: float = 5.0) -> int:
    """Lock the folder, waiting `patience` seconds for the children of a killed demo to die.

    Returns a descriptor that holds the lock while it, or a copy that a child inherited, is open.
    Raises `DataInUse`.
    """
    descriptor = os.open(folder / "demo.lock", os.O_CREAT | os.O_RDWR, 0o600)
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                os.close(descriptor)
                raise DataInUse(
                    f"another demo runs on {folder}; stop it, or set SHEBAOKA_DATA_DIR"
                ) from None
            time.sleep(0.05)
        else:
            return descriptor
