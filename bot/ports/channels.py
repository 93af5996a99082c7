"""What a channel is to the turn and the worker: `Channel`, and all that differs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from bot.dialogue.messages import AccountKey, Media, Reply


@dataclass(frozen=True, slots=True)
class Manner:
    """What differs from channel to channel in the same conversation, and all that differs: `texts`
    (the file of `config/locales/<locale>/channels/` with what reads otherwise there), whether
    forms are filled in there, who asks for leave to send notices, and how soon somebody who opens
    the chat anew is greeted again. Masks go by the channel's name (`models.masking`)."""

    texts: str = ""
    applies: bool = True  # False: who wants to apply is shown the way to the site
    subscribes: Literal["wechat", "alipay", ""] = ""
    greets_every: timedelta = timedelta(minutes=1)


SendReason = Literal["window", "permanent", "account", "transient", "quota", "unknown", "bug"]


class SendError(Exception):
    """An API message was not accepted. `reason` is one of the table in `bot.channels`.

    window: not before the person writes again · permanent: never to this person · account: our
    account may not · transient: may go through later, not before `wait` seconds · quota: not
    before the platform's next day (midnight in Beijing) · unknown: nobody knows · bug: ours.
    `detail` holds the platform's code, nothing personal.
    """

    def __init__(self, reason: SendReason, detail: str = "", *, wait: float = 0.0) -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail, self.wait = reason, detail, wait


Rung = Literal["chat", "template", "subscription", "mass", "sms", "visit"]
"""One road for a notice, the best first; what one refuses the next may take. mass: 群发, for what
many people are told alike, never for one person's matter."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A message in a wording that the platform approved: its id there, a value for each field.

    `path` is the page of our site that a tap opens, "" for none.
    """

    rung: Literal["template", "subscription"]
    template: str
    values: Mapping[str, str]
    path: str = ""


class Channel(Protocol):
    """One road to people, as the turn and the worker see it."""

    name: str
    answers_at_once: bool  # has passive replies (WeChat); False: every update is late (Alipay)
    manner: Manner
    rungs: Sequence[Rung]  # the roads a notice may take here, SMS and the next visit left out

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        """What one passive reply can hold: the reply with the first n pieces of mail before it."""

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        """Send by API message. `key` de-duplicates where the platform can. Raises `SendError`."""

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """Send what the platform has a wording for. `key` de-duplicates where it can. Returns the
        message's id there, "" where there is none. Raises `SendError`."""

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        """Send a picture by API message within `timeout` seconds in all. Raises `SendError`."""

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The bytes of a picture a person sent, at most `limit`. Raises `SendError`."""
