"""What the sending holds of the world: the roads out, and the bucket that says when one may go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from bot.dialogue.messages import AccountKey, Reply
from bot.ports import Filled, Rung, SendReason
from config.templates import Sms

CALL_SECONDS = 12.0
"""Of any call: less than its lease."""


class Outgoing(NamedTuple):
    """One call to make. By `key` the receiver knows a second call for the first, where it can."""

    key: str
    account: AccountKey | None  # None: of sms
    rung: Rung  # chat | template | subscription | sms
    reply: Reply | None  # of chat
    filled: Filled | None  # of template, subscription
    phone: str = ""  # of sms
    sms: Sms | None = None

    def __repr__(self) -> str:
        return f"Outgoing({self.key!r}, {self.rung!r})"  # nothing personal


class Result(NamedTuple):
    """How a call ended: `reason` is "" when it was taken. `detail` holds the receiver's code,
    nothing personal; `sent_as` the message's id there; `wait` how many seconds to leave it."""

    reason: SendReason | Literal[""] = ""
    detail: str = ""
    sent_as: str = ""
    wait: float = 0.0


MassState = Literal["sending", "sent", "failed"]


class MassCalls(Protocol):
    """群发 of one account, see `bot.push.mass`."""

    def send(self, people: Sequence[AccountKey], reply: Reply, key: str, timeout: float) -> str:
        """Tell 2 to 10,000 followers the same. By `key` the platform knows a second call for the
        first, for a day. Returns its id there. Raises `SendError`."""

    def state(self, sent_as: str, timeout: float) -> MassState:
        """What became of it. Raises `SendError`."""


class Road(Protocol):
    """One way out: the API of a channel, or the office of SMS."""

    name: str  # the channel's, or sms

    async def send(self, call: Outgoing) -> Result:
        """Make the call, to its end within `CALL_SECONDS`. Never raises, but for
        CancelledError."""

    def keyed(self, rung: Rung) -> bool:
        """Whether the receiver de-duplicates calls of this rung by their key."""


class Grant(NamedTuple):
    """How many calls may begin, each at its own moment (the loop's `time()`): at the earliest then,
    and at the latest `late_after` seconds after; else its place is forfeited."""

    starts: tuple[float, ...]
    late_after: float


class Bucket(Protocol):
    """The pace that all workers of one credential (channel:app) share."""

    async def take(
        self, credential: str, most: int, *, campaign: int = 0, rate: float = 0.0
    ) -> Grant:
        """Up to `most` places, none where there are none now. `rate`: calls a second that this
        campaign may make at most, on all its roads together; 0: as many as the credential may.
        Never raises, but for CancelledError."""
