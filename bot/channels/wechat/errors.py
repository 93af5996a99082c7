"""The platform's error codes as one table, and what each kind means to who wanted to send.

Source: the platform's page of global return codes, and what its users report. The HTTP status is
200 even on errors; the code comes as a number or as text; the message ends with `rid: …`, which
the platform's support asks for.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.ports import SendError, SendReason


class Kind(StrEnum):
    """What sort of refusal a code is."""

    TOKEN = "token"  # noqa: S105 - renewed once, then a failure
    CONFIGURATION = "configuration"  # app id, secret, IP list: an operator must act
    TRANSIENT = "transient"  # may go through later
    DAILY_QUOTA = "daily quota"  # may go through after midnight in Beijing
    WINDOW = "window"  # not before the person writes again
    PERSON = "person"  # never to this person
    ACCOUNT = "account"  # our account may not
    BUG = "bug"  # never the same again unchanged
    MEDIA = "media"  # the file has expired or is not one
    LOGIN = "login"  # the code is used up: the client gets a new one
    CONTENT = "content"  # found risky


CODES: dict[Kind, tuple[int, ...]] = {
    Kind.TOKEN: (40001, 40014, 41001, 42001),
    Kind.CONFIGURATION: (40013, 40125, 40164, 40243, 89503),
    Kind.TRANSIENT: (-1, 45011, 45066),
    Kind.DAILY_QUOTA: (45009, 48006),
    Kind.WINDOW: (45015, 45047),
    Kind.PERSON: (40003, 43004, 43005, 43019, 43101, 46004, 48002),
    Kind.ACCOUNT: (40200, 45028, 45103, 48001, 48003, 48004, 48008, 50001, 50002),
    Kind.BUG: (
        *(40008, 40033, 40037, 41030, 43001, 43002, 43003, 44002, 44003, 44004),
        *(45002, 45008, 45098, 47001, 47003),
        # 群发: no such batch, too few people, a key that is taken or too long.
        *(40059, 40130, 45065, 45067),
        # A menu that does not fit: kinds and numbers of buttons, names, keys, addresses.
        *(40015, 40016, 40017, 40018, 40019, 40020, 40021, 40022, 40023, 40024, 40025),
        *(40026, 40027, 40028),
    ),
    Kind.MEDIA: (40004, 40005, 40006, 40007, 40009, 40012, 41005, 44001, 45001, 46001),
    Kind.LOGIN: (40029, 40163, 40226),
    Kind.CONTENT: (61010, 87014),
}

NO_MENU = 46003
"""The answer of `menu/get` where none was ever published: no fault."""

MINUTE_QUOTA, ASKED_TOO_SOON = 45011, 45066
SENT_BEFORE = 45065
"""群发: what has this key was taken before; the answer names it."""

_MINUTE = 60.0

_KINDS = {code: kind for kind, codes in CODES.items() for code in codes}

_REASONS: dict[Kind, SendReason] = {
    Kind.TOKEN: "transient",
    Kind.CONFIGURATION: "account",
    Kind.TRANSIENT: "transient",
    Kind.DAILY_QUOTA: "quota",
    Kind.WINDOW: "window",
    Kind.PERSON: "permanent",
    Kind.ACCOUNT: "account",
    Kind.BUG: "bug",
    Kind.MEDIA: "permanent",
    Kind.LOGIN: "bug",
    Kind.CONTENT: "bug",
}

# What an operator needs of a message, and nothing a person wrote stands in: the field of a
# template that was refused, the address of ours that is not on the list.
_TOLD = (
    re.compile(r"\b(data\.\w{1,32}\.value)"),
    re.compile(r"(invalid ip (?:\d{1,3}\.){3}\d{1,3})"),
)
_REQUEST_ID = re.compile(r"rid: ?([\w-]{1,64})")


class PlatformError(Exception):
    """A call of the API that did not do what was asked. Holds no token, secret or text.

    `code` is the platform's, None where it gave none. `unknown`: it may have been carried out.
    `known_as`: what it was carried out as before.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        code: int | None = None,
        unknown: bool = False,
        known_as: str = "",
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail, self.code, self.unknown = kind, detail, code, unknown
        self.known_as = known_as

    @classmethod
    def of_answer(cls, code: int, message: str, known_as: str = "") -> PlatformError:
        """The error for an errcode. A code nobody has listed may go through later."""
        told = [found[1] for pattern in _TOLD if (found := pattern.search(message))]
        if rid := _REQUEST_ID.search(message):
            told.append(f"rid {rid[1]}")
        detail = " ".join([str(code), *told])
        return cls(_KINDS.get(code, Kind.TRANSIENT), detail, code=code, known_as=known_as)

    def harmless(self) -> PlatformError:
        """The same of a call that may be repeated even if it was carried out unnoticed."""
        return PlatformError(self.kind, self.detail, code=self.code)

    def as_send_error(self) -> SendError:
        """The same as the turn and the worker know it."""
        if self.unknown:
            return SendError("unknown", self.detail)
        wait = _MINUTE if self.code in (MINUTE_QUOTA, ASKED_TOO_SOON) else 0.0
        return SendError(_REASONS[self.kind], self.detail, wait=wait)
