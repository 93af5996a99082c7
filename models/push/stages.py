"""Where a campaign stands, and who may move it where."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

Actor = Literal["writer", "approver", "staff", "clock", "bound"]
"""staff: whoever may write or approve; clock: the workers; bound: a limit that was passed."""


class Stage(StrEnum):
    """Of a campaign."""

    DRAFT = "draft"
    PROPOSED = "proposed"  # waits for a second person
    APPROVED = "approved"  # waits for its hour
    FIRST = "first"  # the first of its people are being told
    LOOK = "look"  # those have been told: somebody looks at what came of it
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"  # for good, by staff
    EXPIRED = "expired"  # its last hour came before all were told
    REFUSED = "refused"


class ForbiddenStage(Exception):
    """A campaign cannot go there from where it stands; `stage` is where that is."""

    def __init__(self, stage: Stage, to: Stage) -> None:
        super().__init__(f"{stage} > {to}")
        self.stage = stage


_TABLE = """
draft > proposed: writer; approved: writer; stopped: writer
proposed > approved: approver; refused: approver; draft: writer
approved > first: clock; running: clock; paused: staff; stopped: staff; expired: clock
approved > proposed: clock
first > look: clock; running: clock; paused: staff bound; done: clock; stopped: staff
first > expired: clock
look > running: staff; stopped: staff; expired: clock
running > paused: staff bound; done: clock; stopped: staff; expired: clock
paused > approved: staff; first: staff; running: staff; stopped: staff; expired: clock
done > running: staff
"""
# `approved: writer` is for campaigns too small for a second person, `approved > proposed` for those
# that have grown since; `done > running` is "once more
# to those it did not reach".


def _read() -> Mapping[tuple[Stage, Stage], frozenset[str]]:
    moves: dict[tuple[Stage, Stage], frozenset[str]] = {}
    for line in _TABLE.strip().splitlines():
        start, _, ends = line.partition(" > ")
        for end in ends.split("; "):
            to, _, actors = end.partition(": ")
            moves[Stage(start), Stage(to)] = frozenset(actors.split())
    return MappingProxyType(moves)


MOVES = _read()
SENDING = frozenset({Stage.FIRST, Stage.RUNNING})
"""In these something leaves."""
OVER = frozenset({Stage.STOPPED, Stage.EXPIRED, Stage.REFUSED})


def may_go(start: Stage, to: Stage, actor: Actor) -> bool:
    """Whether the table has this move for them."""
    return actor in MOVES.get((start, to), frozenset())
