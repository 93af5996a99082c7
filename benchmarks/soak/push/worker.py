"""`python -m benchmarks.soak.push.worker`: production's worker, without a reader of photos."""

from __future__ import annotations

from typing import Literal, NoReturn

from bot.app import create_worker
from bot.work.running import work_until_told
from config.settings import load_settings


class NoReader:
    """Nobody sends a photo here."""

    def side(self, image: bytes) -> Literal["unknown"]:
        return "unknown"

    def read(self, image: bytes) -> NoReturn:
        raise NotImplementedError


if __name__ == "__main__":
    work_until_told(lambda: create_worker(load_settings(), reader=NoReader()))
