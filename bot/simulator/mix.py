"""Errors drawn by their shares: what a platform under load answers once in a while."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

_ERRCODE = re.compile(r"-?\d{1,9}", re.ASCII)


class BadMix(ValueError):
    """Shares that nobody can draw from."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Of all calls such a share has such an error; the rest goes well. With the same `seed` the
    same errors come in the same order of calls."""

    shares: Mapping[str | int, float]
    seed: int
    _random: random.Random = field(repr=False, compare=False)

    @classmethod
    def parse(cls, raw: Any, seed: Any, words: Collection[str]) -> Mix | None:
        """`words`: the errors beside errcodes. None where nothing is asked. Raises `BadMix`."""
        if raw is None and seed is None:
            return None
        if not isinstance(raw, dict) or not raw:
            raise BadMix("mix is an object of errors and their shares")
        if seed is not None and not isinstance(seed, int):
            raise BadMix("seed is a whole number")
        shares = {_error(name, words): _share(share) for name, share in raw.items()}
        if sum(shares.values()) > 1:
            raise BadMix("the shares of a mix are more than all calls")
        number = seed or 0
        return cls(shares, number, random.Random(number))  # noqa: S311 - no secret

    def told(self) -> dict[str, Any]:
        """The form that `parse` takes."""
        return {"mix": {str(name): n for name, n in self.shares.items()}, "seed": self.seed}

    def draw(self) -> str | int | None:
        """The error of the next call, None for none. Not for two threads at once."""
        left = self._random.random()
        for error, share in self.shares.items():
            left -= share
            if left < 0:
                return error
        return None


def _error(name: str, words: Collection[str]) -> str | int:
    if _ERRCODE.fullmatch(name):
        return int(name)
    if name not in words:
        raise BadMix(f"a mix has errcodes and {', '.join(words)}")
    return name


def _share(raw: Any) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= 1:
        raise BadMix("a share is a number from 0 to 1")
    return float(raw)
