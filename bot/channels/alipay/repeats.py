"""Keys against repeats: a message that is delivered again has the key of the first delivery."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from bot.channels.alipay.leaves import Leaves
from models.platform_ids import PlatformName

_PLAIN_ID = re.compile(r"[\w-]{1,64}", re.ASCII)

# Who leaves sends as many `delete` clicks as accounts were bound: these two tell them apart.
_TELLING = (
    "AppId", "MsgType", "EventType", "CreateTime", "ActionParam", "AgreementId", "AccountNo",
)  # fmt: skip
_HELD = ("Content", "Text", "MediaId")


def message_id(leaves: Leaves, names: Sequence[PlatformName]) -> str:
    """MsgId; what the message holds, where it has none."""
    given = leaves.get("MsgId", "").strip()
    if _PLAIN_ID.fullmatch(given):
        return f"m-{given}"
    return "m-" + _digest(leaves, names, (*_TELLING, "MsgId", *_HELD))


def event_id(leaves: Leaves, names: Sequence[PlatformName]) -> str:
    """Events have no id: what happened to whom and when is one."""
    return "e-" + _digest(leaves, names, _TELLING)


def _digest(leaves: Leaves, names: Sequence[PlatformName], telling: Sequence[str]) -> str:
    told = [[list(name) for name in names], [leaves.get(name, "") for name in telling]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:40]
