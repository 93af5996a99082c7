"""From-Ant messages: what the open platform itself reports, as JSON beside the form's fields.

One of them is a duty: who withdraws an authorisation wants what it gave to be deleted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.alipay.aes import SealFault, opened
from bot.channels.alipay.faults import Unreadable
from bot.channels.alipay.form import Form
from bot.channels.alipay.leaves import codec_of
from models.platform_ids import IdKind, PlatformName

WITHDRAWN = "alipay.open.auth.userauth.cancelled"
KNOWN = frozenset(
    {
        WITHDRAWN,
        "alipay.open.mini.version.audit.passed",
        "alipay.open.mini.version.audit.rejected",
        "open_app_auth_notify",
        "servicemarket_order_notify",
    }
)
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_TIME = re.compile(r"\d{13}", re.ASCII)
_KINDS: Mapping[str, IdKind] = {"user_id": "user_id", "open_id": "open_id"}
_DEEPEST = 8
_MOST_SCOPES = 50


@dataclass(frozen=True, slots=True)
class AntMessage:
    """`id` is the same for every delivery; `names` and `scopes` are those of a withdrawal."""

    id: str
    app_id: str
    method: str
    at: datetime | None
    names: tuple[PlatformName, ...] = ()
    scopes: tuple[str, ...] = ()

    @property
    def is_duty(self) -> bool:
        return self.method == WITHDRAWN


def read_ant(form: Form, content_key: bytes = b"") -> AntMessage:
    """Raises Unreadable. With a `content_key` what it holds may be sealed."""
    method = form.text(b"msg_method") or form.text(b"notify_type")
    stamp = form.text(b"utc_timestamp")
    at = datetime.fromtimestamp(int(stamp) / 1000, UTC) if _TIME.fullmatch(stamp) else None
    message = AntMessage(_id(form), form.text(b"app_id"), method, at)
    if not message.is_duty:
        return message
    told = list(_texts(_content(form, content_key)))
    names = tuple(dict.fromkeys(PlatformName(_KINDS[k], v) for k, v in told if k in _KINDS and v))
    scopes = tuple(v[:64] for k, v in told if k in ("scope", "scopes", "auth_scope"))
    return replace(message, names=names, scopes=scopes[:_MOST_SCOPES])


def _id(form: Form) -> str:
    """The platform's own, else what the message says."""
    given = form.text(b"notify_id")
    if _ID.fullmatch(given):
        return f"n-{given}"
    raw = repr(sorted((n, v) for n, v in form.fields if n not in (b"sign", b"sign_type")))
    return "n-" + hashlib.sha256(raw.encode()).hexdigest()[:40]


def _content(form: Form, content_key: bytes) -> Any:
    charset, raw = form.text(b"charset") or "utf-8", form.get(b"biz_content")
    if content_key and not raw.lstrip().startswith(b"{"):
        try:
            raw = opened(raw.decode("ascii", "replace"), content_key)
        except SealFault:
            raise Unreadable("cipher") from None
    try:
        return json.loads(raw.decode(codec_of(charset)))
    except (ValueError, RecursionError):
        raise Unreadable("json") from None


def _texts(value: Any, levels: int = _DEEPEST) -> Iterator[tuple[str, str]]:
    """Every text of the JSON with its key, wherever it stands: its nesting is not documented."""
    if not levels or not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, str):
            yield str(key), inner.strip()
        elif isinstance(inner, list):
            yield from ((str(key), one.strip()) for one in inner if isinstance(one, str))
            yield from _texts(inner, levels - 1)
        else:
            yield from _texts(inner, levels - 1)
