"""The site in a process of its own, served as in life: `python -m benchmarks.reviewer.site PORT`.
Where its records and its Redis are comes with the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.serving import serve
from tests.bot.site import Site

FOLDER, REDIS = "REVIEWER_FOLDER", "REVIEWER_REDIS"


def site(threads: int) -> Callable[..., Any]:
    """What granian serves."""
    return Site(Path(os.environ[FOLDER]), os.environ[REDIS]).app


if __name__ == "__main__":
    serve("benchmarks.reviewer.site:site", "127.0.0.1", int(sys.argv[1]))
