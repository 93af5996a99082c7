"""The gateway's codes as one table, and what each kind means to who wanted to send.

Sources: opendocs.alipay.com, 公共错误码, and the pages of the methods; where those leave a code
out, or an account shows another, `[alipay.refusals]` of the city's profile names it. Codes stand
there with or without a prefix, in either case and misspelt: they are compared without both, and
by likeness at last.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.ports import SendError, SendReason


class Kind(StrEnum):
    """What sort of refusal a code is."""

    AWAY = "away"  # nobody knows what became of the call; it may go through later
    UNTRUSTED = "untrusted"  # an answer whose signature does not hold, or a success without one
    USER_TOKEN = "user token"  # noqa: S105 - refreshed once, then the person signs in again
    APP_TOKEN = "app token"  # noqa: S105 - of an app that acts for another: an operator must act
    CONFIGURATION = "configuration"  # app id, keys, certificates, console: an operator must act
    CLOCK = "clock"  # our time is not theirs: signed once more, then an operator must act
    BUG = "bug"  # never the same again unchanged
    LOGIN = "login"  # the code is used up: the client gets a new one
    RIGHTS = "rights"  # the product is not opened to us
    RATE = "rate"  # too many calls: later
    QUOTA = "quota"  # too many messages: not before the platform's next day
    WINDOW = "window"  # not before the person acts again
    PERSON = "person"  # never to this person
    MEDIA = "media"  # the file has expired or is not one
    EXPIRED = "expired"  # a certification that lasted too long: a new one
    REFUSED = "refused"  # any other refusal for good
    UNLISTED = "unlisted"  # a code that nobody has listed: once more at most


SUB_CODES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.AWAY: ("unknow-error", "system-error", "service-unavailable"),
        Kind.USER_TOKEN: ("invalid-auth-token", "auth-token-time-out"),
        Kind.APP_TOKEN: (
            *("invalid-app-auth-token", "invalid-app-auth-token-no-api"),
            *("app-auth-token-time-out", "no-product-reg-by-partner"),
        ),
        Kind.CONFIGURATION: (
            *("missing-signature-key", "missing-app-id", "missing-encrypt-key"),
            *("missing-app-cert-sn", "missing-alipay-root-cert-sn", "invalid-alipay-root-cert-sn"),
            *("missing-default-signature-type", "missing-signature-config"),
            *("invalid-signature", "invalid-app-id", "app-cert-expired", "app-cert-not-exist"),
            *("not-online-app", "invalid-app-state", "invalid-auth-relations"),
        ),
        Kind.CLOCK: ("invalid-timestamp",),
        Kind.BUG: (
            *("missing-method", "missing-signature", "missing-signature-type"),
            *("missing-timestamp", "missing-version"),
            *("invalid-charset", "invalid-parameter", "illegal-json", "suspected-attack"),
            *("grant-type-invalid", "msg-template-not-exist", "user-template-illegal", "3002"),
            *("user-template-lack-keyword", "user-keyword-length-error"),
        ),
        Kind.LOGIN: (
            *("code-invalid", "refresh-token-invalid", "refresh-token-time-out"),
            *("refreshed-token-invalid", "unmatched-app-id"),
        ),
        Kind.RIGHTS: (
            *("insufficient-isv-permissions", "insufficient-user-permissions"),
            *("self-invoke-forbidden", "forbidden-api"),
        ),
        Kind.RATE: ("app-call-limited", "method-call-limited"),
        Kind.QUOTA: ("msg-batch-sd-over",),
        Kind.WINDOW: ("msg-sd-over-time",),
        Kind.PERSON: (
            *("form-id-over-time", "form-id-not-match-appid", "trade-no-not-match-userid"),
            "11011",
        ),
        Kind.EXPIRED: ("certify-id-expired",),
    }
)

CODES: Mapping[str, Kind] = MappingProxyType(
    {
        "20000": Kind.AWAY,
        "20001": Kind.USER_TOKEN,
        "40001": Kind.BUG,
        "40002": Kind.BUG,
        "40003": Kind.CONFIGURATION,
        "40004": Kind.REFUSED,
        "40005": Kind.RATE,
        "40006": Kind.RIGHTS,
    }
)
"""What a code means where its sub_code is not listed."""

MENU_EXISTS = "11013"
"""A menu is created once, and modified from then on."""

_KINDS = {sub_code: kind for kind, listed in SUB_CODES.items() for sub_code in listed}
_LIKENESS = 0.9
_PREFIX = re.compile(r"^(?:isv|isp|aop|pub|acq|openapi)[.-]")
_LEGIBLE = re.compile(r"[^A-Za-z0-9._-]")
_FIRST_RETRY = 0.2  # seconds
_MINUTE = 60.0

_REASONS: Mapping[Kind, SendReason] = MappingProxyType(
    {
        Kind.AWAY: "transient",
        Kind.UNTRUSTED: "transient",
        Kind.USER_TOKEN: "bug",
        Kind.APP_TOKEN: "account",
        Kind.CONFIGURATION: "account",
        Kind.CLOCK: "account",
        Kind.BUG: "bug",
        Kind.LOGIN: "bug",
        Kind.RIGHTS: "account",
        Kind.RATE: "transient",
        Kind.QUOTA: "quota",
        Kind.WINDOW: "window",
        Kind.PERSON: "permanent",
        Kind.MEDIA: "permanent",
        Kind.EXPIRED: "bug",
        Kind.REFUSED: "permanent",
        Kind.UNLISTED: "transient",
    }
)

_RETRIES: Mapping[Kind, int] = MappingProxyType({Kind.AWAY: 2, Kind.UNLISTED: 1})
"""How often a call that does no harm twice is made again."""


class GatewayError(Exception):
    """A call that did not do what was asked. Holds no key, token, text or person.

    `code` and `sub_code` are the gateway's, "" where it gave none. `unknown`: it may have been
    carried out.
    """

    def __init__(
        self, kind: Kind, detail: str, *, code: str = "", sub_code: str = "", unknown: bool = False
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail, self.unknown = kind, detail, unknown
        self.code, self.sub_code = code, sub_code

    @classmethod
    def of_answer(
        cls, told: Mapping[str, Any], refusals: Mapping[str, Kind] = MappingProxyType({})
    ) -> GatewayError:
        """The error of an answer's node. `refusals`: what a city knows better."""
        code, sub_code = (_legible(told.get(name)) for name in ("code", "sub_code"))
        kind = kind_of(code, sub_code, refusals)
        return cls(
            kind,
            f"{code or 'no code'} {sub_code}".strip(),
            code=code,
            sub_code=sub_code,
            unknown=kind in (Kind.AWAY, Kind.UNLISTED),
        )

    def harmless(self) -> GatewayError:
        """The same of a call that may be repeated even if it was carried out unnoticed."""
        return GatewayError(self.kind, self.detail, code=self.code, sub_code=self.sub_code)

    def pause(self, tries: int, repeatable: bool) -> float | None:
        """Seconds before the next try after `tries` of them; None: no more. A time stamp that was
        refused is written anew once; else only what does no harm twice is tried again."""
        if self.kind is Kind.CLOCK:
            return 0.0 if tries == 1 else None
        if not repeatable or tries > _RETRIES.get(self.kind, 0):
            return None
        return float(_FIRST_RETRY * 2 ** (tries - 1))

    def as_send_error(self) -> SendError:
        """The same as the turn and the worker know it."""
        if self.unknown:
            return SendError("unknown", self.detail)
        wait = _MINUTE if self.kind is Kind.RATE else 0.0
        return SendError(_REASONS[self.kind], self.detail, wait=wait)


def kind_of(code: str, sub_code: str, refusals: Mapping[str, Kind] = MappingProxyType({})) -> Kind:
    """The kind of a refusal: by its sub_code, then by its code. Codes of four that nobody has
    listed are for good, others may pass."""
    bare = bare_code(sub_code)
    for name, kind in refusals.items():
        if bare_code(name) == bare:
            return kind
    if bare.endswith("system-error"):
        return Kind.AWAY
    listed = _KINDS.get(bare) or _alike(bare)
    if listed:
        return listed
    if code in CODES:
        return CODES[code]
    return Kind.REFUSED if re.fullmatch(r"4\d{4}", code) else Kind.UNLISTED


def bare_code(sub_code: str) -> str:
    """A sub_code as it is compared: in lower case, without its prefix, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", _PREFIX.sub("", sub_code.strip().lower())).strip("-")


def _alike(bare: str) -> Kind | None:
    """Of a misspelt sub_code; short ones and numbers are too much alike."""
    if len(bare) < 8:
        return None
    near = difflib.get_close_matches(bare, _KINDS, n=1, cutoff=_LIKENESS)
    return _KINDS[near[0]] if near else None


def _legible(value: Any) -> str:
    return _LEGIBLE.sub("", str(value or ""))[:64]
