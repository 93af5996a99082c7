"""Keys against repeats: a push that is delivered again has the key of the first delivery.

The account belongs to every key and stands in each key of the store, so that equal numbers of
different people (seen with MsgId) do not meet.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from bot.channels.wechat.elements import name_in, text_of
from bot.channels.wechat.parsing import Fields

_PLAIN_ID = re.compile(r"[\w-]{1,64}", re.ASCII)

# What tells two events of one person in one second apart. Elements that hold elements (the list
# of templates, a verdict's details) belong to the key as a whole.
_TELLING = (
    "CreateTime", "EventKey", "Ticket", "MsgID", "MsgId", "trace_id", "OpenID", "RevokeInfo",
    "SessionFrom", "KfAccount", "FromKfAccount", "ToKfAccount",
)  # fmt: skip


def message_id(fields: Fields) -> str:
    """CreateTime and MsgId; what the message holds, where it has no id."""
    seconds, message = text_of(fields, "CreateTime"), text_of(fields, "MsgId")
    if _PLAIN_ID.fullmatch(f"{seconds}-{message}") and message:
        return f"m-{seconds}-{message}"
    return "m-" + _digest({k: v for k, v in fields.items() if k != "ToUserName"})


def event_id(fields: Fields) -> str:
    """The platform's own key, person and second, is too coarse: what happened belongs to it."""
    told: dict[str, Any] = {name: fields[name] for name in _TELLING if name in fields}
    told["Event"] = name_in(fields, "Event")
    told["nested"] = {k: v for k, v in fields.items() if not isinstance(v, str)}
    return "e-" + _digest(told)


def _digest(value: dict[str, Any]) -> str:
    raw = json.dumps(value, ensure_ascii=True, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()[:40]
