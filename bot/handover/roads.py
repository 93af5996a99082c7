"""The two roads to a destination, as whoever sends and fetches sees them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Refused(Exception):
    """A batch that is not taken and never will be as it is; `code` says why. `OTHER_CONTENT`: its
    name is there already, with another content."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


OTHER_CONTENT = "other_content"
_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)


def refusal(said: object) -> Refused:
    """For what the other side gave as its code. A text of its own may be about a person: it is
    neither kept nor shown."""
    return Refused(said if isinstance(said, str) and _CODE.fullmatch(said) else "refused")


@dataclass(frozen=True, slots=True)
class Offered:
    """A reply file that lies ready. `cursor`: what to ask behind, once it was taken."""

    name: str
    size: int
    cursor: str


class Road(Protocol):
    """To one destination. Every call may raise `OfficeError`, which says whether the act may have
    been carried out."""

    def send(self, name: str, sealed: bytes, digest: str) -> None:
        """Hand a batch over; returns when it is there. Raises `Refused`."""

    def find(self, name: str) -> str | None:
        """The digest of the batch that is there under this name, or None. Raises `Refused`."""

    def replies(self, after: str) -> Sequence[Offered]:
        """What lies ready behind a cursor."""

    def fetch(self, offered: Offered) -> bytes:
        """A reply file."""

    def report(self, name: str, faults: Sequence[dict[str, Any]]) -> None:
        """Tell the sender what could not be taken of a file."""

    def end(self, name: str) -> None:
        """The file was taken, and need not lie ready any more."""
