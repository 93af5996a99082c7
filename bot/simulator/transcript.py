"""A chat as a golden dialogue: `> ` said, `< ` answered, a blank line between messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

_MARKS = {
    "image": "[图片：{text}]",
    "location": "[位置：{text}]",
    "voice": "[语音：{text}]",
    "sticker": "[表情]",
    "event": "[事件：{text}]",
    "video": "[视频]",
    "shortvideo": "[视频]",
}


def transcript(messages: Iterable[Mapping[str, Any]], codes: Iterable[str]) -> str:
    """The dialogue of `messages`; the header names the first message's time and the SMS codes."""
    said = list(messages)
    header = []
    if said:
        at = datetime.fromisoformat(said[0]["at"]).astimezone()
        header.append(f"# clock: {at.isoformat(timespec='seconds')}")
    header += [f"# sms_code: {code}" for code in codes]
    return "\n\n".join(["\n".join(header), *(_lines(message) for message in said)]) + "\n"


def _lines(message: Mapping[str, Any]) -> str:
    sign = ">" if message["from"] == "user" else "<"
    mark = _MARKS.get(message["kind"], "{text}")
    text = mark.format(text=message["text"]).replace("：]", "]")
    return "\n".join(f"{sign} {line}" for line in text.split("\n"))
