"""A chat as a golden dialogue: `> ` said, `< ` answered, a blank line between messages.

The header says what must be set for the same dialogue to come about again: the clock, the SMS
codes and acceptance numbers that were drawn, who talks, and whose ID photos were sent. What
following the account brought is left out: whoever plays the file follows it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
_LINK = re.compile(r'<a href="[^"]*">(.*?)</a>', re.DOTALL)
_NUMBER = re.compile(r"\b[A-Z]{1,4}\d{6}(\d{4,})\b", re.ASCII)  # prefix, day, serial
_MARKS = {
    "image": "[图片：{text}]",
    "location": "[位置：{text}]",
    "voice": "[语音：{text}]",
    "sticker": "[表情]",
    "event": "[事件：{text}]",
    "video": "[视频]",
    "shortvideo": "[视频]",
    "link": "[链接：{text}]",
}

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """One of our pictures: its file's stem, whose card it shows (a stem's beginning, or nobody's)
    and its label, such as 身份证人像面（拍歪）."""

    stem: str
    person: str
    label: str


def transcript(
    openid: str,
    messages: Iterable[Message],
    sms: Iterable[Message],
    drawn: Mapping[str, DrawnPicture],
) -> str:
    """The dialogue of `openid`. `sms` are all that were sent, `drawn` what a message's `media`
    shows where it is one of our pictures."""
    said = list(_after_following(messages))
    person = next((p.person for m in said if (p := drawn.get(m["media"])) and p.person), "")
    header = [f"# clock: {_time(said[0])}"] if said else []
    header += _named("sms_code", _codes(said, sms))
    header += _named("serial", _serials(said))
    header += _named("user", [openid])
    header += _named("person", [person] if person else [])
    blocks = ["\n".join(header), *(_lines(message, person, drawn) for message in said)]
    return "\n\n".join(blocks) + "\n"


def _after_following(messages: Iterable[Message]) -> Iterator[Message]:
    """From the first message that the person wrote."""
    begun = False
    for message in messages:
        begun = begun or (message["from"] == "user" and message["kind"] != "event")
        if begun:
            yield message


def _named(name: str, values: Sequence[str]) -> list[str]:
    return [f"# {name}: {' '.join(values)}"] if values else []


def _time(message: Message) -> str:
    return datetime.fromisoformat(message["at"]).astimezone(CHINA).isoformat(timespec="seconds")


def _codes(said: Sequence[Message], sms: Iterable[Message]) -> list[str]:
    """The codes sent while this was said, to a phone or with a code that the person wrote."""
    wrote = " ".join(message["text"] for message in said if message["from"] == "user")
    begun = datetime.fromisoformat(said[0]["at"]) if said else None
    return [
        message["code"]
        for message in sms
        if message["code"]
        and begun
        and datetime.fromisoformat(message["at"]) >= begun
        and (message["phone"] in wrote or message["code"] in wrote)
    ]


def _serials(said: Sequence[Message]) -> list[str]:
    """The last digits of the acceptance numbers, in the order in which the bot gave them."""
    told = (m["text"] for m in said if m["from"] == "bot")
    return list(dict.fromkeys(serial for text in told for serial in _NUMBER.findall(text)))


def _lines(message: Message, person: str, drawn: Mapping[str, DrawnPicture]) -> str:
    sign = ">" if message["from"] == "user" else "<"
    text = _told(message) if sign == "<" else _sent(message, person, drawn)
    return "\n".join(f"{sign} {line}" for line in text.split("\n"))


def _told(message: Message) -> str:
    """What the bot said, links as their words: addresses differ from run to run."""
    return "[图片]" if message["kind"] == "image" else _LINK.sub(r"\1（链接）", message["text"])


def _sent(message: Message, person: str, drawn: Mapping[str, DrawnPicture]) -> str:
    text = message["text"]
    if picture := drawn.get(message["media"]):
        text = picture.label if picture.person == person else picture.stem
    mark = _MARKS.get(message["kind"])
    return mark.format(text=text.replace("\n", " ")).replace("：]", "]") if mark else text
