"""Leaves of a life account's message to an `Update`: who, what kind of thing, what it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.alipay.faults import Unreadable
from bot.channels.alipay.leaves import Leaves
from bot.channels.alipay.repeats import event_id, message_id
from bot.dialogue.messages import AccountKey, Kind, Media, Update
from models.platform_ids import PlatformName

Read = dict[str, Any]
Account = Callable[[Sequence[PlatformName]], AccountKey]
"""Whose ids these are. Raises ValueError for what cannot name an account."""

AHEAD = timedelta(minutes=10)  # a clock of the platform's, or ours, may be wrong by so much
_TIME = re.compile(r"\d{10}(\d{3})?", re.ASCII)  # milliseconds; seconds in some old senders
_RESERVED: Mapping[str, str] = {"authentication": "progress", "delete": "unbind"}
"""Keys that the platform keeps for itself: bind and unbind a member. Here who wants to be bound
proves to be the person who is told of progress, and 解绑 undoes it."""


def to_update(leaves: Leaves, account: Account, id_leaves: Collection[str]) -> Update | None:
    """The update a message stands for; None for what is only acknowledged. Raises Unreadable."""
    kind = name_in(leaves, "MsgType")
    if not kind:
        raise Unreadable("type")
    if kind == "event":
        reader = _EVENTS.get(name_in(leaves, "EventType"))
        read, key = (reader(leaves) if reader else None), event_id
    else:
        read, key = _MESSAGES.get(kind, _other)(leaves), message_id
    if read is None:
        return None
    names = names_in(leaves, id_leaves)
    try:
        whose = account(names)
    except ValueError:
        raise Unreadable("account") from None
    return Update(id=key(leaves, names), account=whose, at=sent_at(leaves), **read)


def names_in(leaves: Leaves, id_leaves: Collection[str]) -> list[PlatformName]:
    """Every id by which the message names its sender; the oldest kind only where there is no other,
    for nobody can be answered by it."""
    names = []
    if user_id := leaves.get("FromAlipayUserId", "").strip():
        names.append(PlatformName("user_id", user_id))
    if open_id := next((leaves[leaf].strip() for leaf in id_leaves if leaf in leaves), ""):
        names.append(PlatformName("open_id", open_id))
    old = leaves.get("FromUserId", "").strip()
    if not names and old:
        names.append(PlatformName("legacy", old))
    return names


def sent_at(leaves: Leaves) -> datetime:
    """When the platform says it was sent. Raises Unreadable: without it, nothing tells a repeat
    from another event of the same kind."""
    found = _TIME.fullmatch(leaves.get("CreateTime", "").strip())
    if not found:
        raise Unreadable("time")
    seconds = int(found[0]) / (1000 if found[1] else 1)
    return datetime.fromtimestamp(seconds, UTC)


def check_age(at: datetime, now: datetime, most: timedelta) -> None:
    """Raises Unreadable for what is older than any repeat of the platform's, or not yet sent."""
    if not now - most <= at <= now + AHEAD:
        raise Unreadable("stale")


def name_in(leaves: Leaves, name: str) -> str:
    """A name of the platform's own, in lower case."""
    return leaves.get(name, "").strip().lower()


def name_of(leaves: Leaves) -> str:
    """The message's kind, as the platform calls it; `other` for what it is not known to send."""
    kind = name_in(leaves, "MsgType")
    name = name_in(leaves, "EventType") if kind == "event" else kind
    return name if name in (_EVENTS if kind == "event" else _KNOWN) else "other"


# --- events -----------------------------------------------------------------------------------


def _followed(leaves: Leaves) -> Read:
    return {"kind": Kind.SUBSCRIBE, "key": _scene(leaves)}


def _entered(leaves: Leaves) -> Read:
    return {"kind": Kind.ENTER, "key": _scene(leaves)}


def _clicked(leaves: Leaves) -> Read:
    key = leaves.get("ActionParam", "").strip()
    return {"kind": Kind.CLICK, "key": _RESERVED.get(key, key)}


def _scene(leaves: Leaves) -> str:
    """The scene of a QR code: `{"scene":{"sceneId":"…"}}`. Anything else is none."""
    try:
        scene = json.loads(leaves.get("ActionParam", ""))["scene"]["sceneId"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return scene if isinstance(scene, str) else ""


_EVENTS: Mapping[str, Callable[[Leaves], Read | None]] = {
    "follow": _followed,
    "unfollow": lambda leaves: {"kind": Kind.UNSUBSCRIBE},
    "enter": _entered,
    "click": _clicked,
}
"""By the event's name in lower case. Others are acknowledged and counted."""


# --- messages ---------------------------------------------------------------------------------


def _written(leaves: Leaves) -> Read:
    return {"kind": Kind.TEXT, "text": leaves.get("Content") or leaves.get("Text", "")}


def _image(leaves: Leaves) -> Read:
    media = leaves.get("MediaId", "").strip()
    if not media:
        return _other(leaves)
    return {"kind": Kind.IMAGE, "media": Media(media, format=name_in(leaves, "Format"))}


def _other(_: Leaves) -> Read:
    return {"kind": Kind.OTHER}


_MESSAGES: Mapping[str, Callable[[Leaves], Read]] = {"text": _written, "image": _image}
_KNOWN = _MESSAGES.keys() | {"voice", "location", "video", "link"}
