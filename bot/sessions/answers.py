"""What the scripts answer, opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.dialogue.messages import Reply, Update


@dataclass(frozen=True, slots=True)
class Opening:
    """What an update lets us send by itself: how many messages, until when (seconds, epoch)."""

    act: str
    messages: int
    until: float


@dataclass(frozen=True, slots=True)
class Letter:
    """One piece of mail: the late reply to the update `answers`."""

    answers: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Head:
    """The update whose turn it is, and everything needed to handle it.

    `session` is the conversation's JSON, empty at the first visit; `version` counts its commits.
    `late`: its request has given up, or its channel has no passive replies. `tries` counts this
    process and those that began it and were not heard of again; `again`: somebody began it before.
    `mail` holds the ten oldest letters. `parked`: notices wait for this person's visit; empty when
    none does, as far as Redis knows.
    """

    update: Update
    late: bool
    tries: int
    session: bytes
    version: int
    mail: Sequence[Letter]
    again: bool = False
    parked: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The update was handled; None: nothing to say here, the reply went by another road."""

    reply: Reply | None
    mail_left: int


@dataclass(frozen=True, slots=True)
class Full:
    """Too many updates of this person wait. `first`: no one was told within the last hour."""

    first: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody else is at work. `deferred`: it is the background work for this very update."""

    deferred: bool


@dataclass(frozen=True, slots=True)
class Run:
    """The lease is ours: this head is to be handled."""

    head: Head


@dataclass(frozen=True, slots=True)
class Committed:
    """How the head's turn ended.

    done: `reply` is the passive one, None if it went by mail or there is nothing to say ·
    deferred: the reply comes as a RESULT · lost: somebody else has the head, nothing was stored.
    `following`: the lease was kept, this head is next.
    """

    status: Literal["done", "deferred", "lost"]
    reply: Reply | None = None
    mail_left: int = 0
    following: Head | None = None


@dataclass(frozen=True, slots=True)
class GaveUp:
    """late: the reply will go by mail · deferred: so will that of the background work ·
    gone: nothing is known of the update any more."""

    status: Literal["late", "deferred", "gone"]
