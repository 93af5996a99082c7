"""Golden dialogues: `# key: value` first, then `> ` said and `< ` answered, parted by blank lines.

`[图片：身份证人像面]` and `[位置：…]` are sent as such; a bare `[图片]` is a picture of the bot's.
A comment `# push: NAME` above something said: this campaign went out before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.simulator.settings import PLACES
from tests.rig import PICTURES, Bot, wait_for

_SIDES = {"身份证人像面": "front", "身份证国徽面": "back"}
_VARIANTS = {
    "拍歪": "tilted",
    "偏暗": "dark",
    "模糊": "blurred",
    "缺角": "cut_off",
    "半大": "half",
    "反光": "glare",
}
_OF_ONESELF = {"右侧有影子的照片": "portrait_shadow_right", "合格的照片": "portrait_good"}
_EVENTS = {"关注了公众号": "subscribe", "取消了关注": "unsubscribe"}
_SENT = re.compile(r"\[(图片|位置|语音|表情|视频|事件|链接)(?:：(.*))?\]")
_PICTURE = re.compile(r"(.*?)(?:（(.*)）)?")
PATIENCE = "正在处理，请稍候"
_LINK = re.compile(r'<a href="[^"]*">(.*?)</a>')


@dataclass(frozen=True)
class Transcript:
    """One file: what its header sets, and its blocks in order, comments kept as blocks."""

    header: dict[str, str]
    top: str  # the comment lines that open the file
    blocks: list[str]

    @property
    def clock(self) -> datetime:
        return datetime.fromisoformat(self.header["clock"])

    @property
    def person(self) -> str:
        """Whose ID photos are sent: how their files' names begin."""
        return self.header.get("person", "chen_guoqiang")

    def codes(self) -> Callable[[], str]:
        """The SMS codes of the header one after the other, the last again and again."""
        return _one_by_one(self.header.get("sms_code", "482915").split())

    def serials(self) -> Callable[[], str]:
        """The ends of the acceptance numbers likewise."""
        return _one_by_one(self.header.get("serial", "0001").split())

    def exchanges(self) -> list[tuple[str, list[str]]]:
        """(what is said, the answers expected), in order."""
        found: list[tuple[str, list[str]]] = []
        for block in self.blocks:
            lines = [line for line in block.split("\n") if not line.startswith("#")]
            text = "\n".join(line[2:] for line in lines)
            if lines and lines[0].startswith(">"):
                found.append((text, []))
            elif lines:
                found[-1][1].append(readable(text))
        return found

    def pushed(self) -> list[str]:
        """The campaign that went out before each thing that is said; "" for none."""
        said = [block for block in self.blocks if re.search(r"^>", block, re.M)]
        found = [re.search(r"^# push: (.*)$", block, re.M) for block in said]
        return [one.group(1) if one else "" for one in found]

    def sides(self) -> list[str]:
        """The sides of the card that are sent as good photos."""
        said = {said for said, _ in self.exchanges()}
        return [side for label, side in _SIDES.items() if f"[图片：{label}]" in said]

    def counted(self) -> int:
        """How many messages the person needs: those below a comment `# A1`, `# A2` …"""
        return sum(bool(re.match(r"# A\d+\n>", block)) for block in self.blocks)


def load(path: Path) -> Transcript:
    """Read a transcript, keeping everything that `written` needs to write it again."""
    top, *blocks = path.read_text("utf-8").strip("\n").split("\n\n")
    lines = [line.removeprefix("# ").partition(": ") for line in top.split("\n")]
    return Transcript({key: value for key, _, value in lines if value}, top, blocks)


def play(
    transcript: Transcript, bot: Bot, push: Callable[[Bot, str], None] | None = None
) -> list[list[str]]:
    """Say everything that is said, having followed the account; the bot's messages to each. `push`
    sends a campaign by its name."""
    bot.post(type="event", event="subscribe")
    answers: list[list[str]] = []
    for (said, _), name in zip(transcript.exchanges(), transcript.pushed(), strict=True):
        if push and name:
            before = len(bot.history())
            push(bot, name)
            if answers:  # what arrives is read after the last reply
                answers[-1] += _told(bot, before)
        answers.append(list(_answers(bot, said, transcript)))
    return answers


def _answers(bot: Bot, said: str, transcript: Transcript) -> Iterator[str]:
    before = len(bot.history())
    _send(bot, said, transcript.person)
    yield from _read(_without_patience(bot, before))


def _told(bot: Bot, before: int) -> Iterator[str]:
    yield from _read([m for m in bot.history()[before:] if m["from"] == "bot"])


def _read(messages: list[dict[str, Any]]) -> Iterator[str]:
    for message in messages:
        yield "[图片]" if message["kind"] == "image" else readable(message["text"])


def _without_patience(bot: Bot, before: int) -> list[dict[str, Any]]:
    """The bot's messages; on a crowded machine the answer comes after a word of patience, which no
    dialogue is about."""

    def told() -> list[dict[str, Any]]:
        return [m for m in bot.history()[before:] if m["from"] == "bot"]

    found = told()
    if not found or not found[-1].get("text", "").startswith(PATIENCE):
        return found
    waited = len(found)
    wait_for(lambda: any(m["kind"] == "text" for m in told()[waited:]) or None, 30)
    return [*found[:-1], *told()[waited:]]


def _send(bot: Bot, said: str, person: str) -> None:
    marked = _SENT.fullmatch(said)
    if not marked:
        bot.say(said)
        return
    kind, what = marked.groups()
    if kind == "图片":
        bot.photo(_picture(what, person))
    elif kind == "位置":
        bot.place(*_place(what))
    elif kind == "语音":
        bot.post(type="voice", **({"recognition": what} if what else {}))
    elif kind == "事件":
        event, _, key = _EVENTS.get(what, what).partition(" ")
        bot.post(type="event", event=event, key=key)
    elif kind == "链接":
        title, _, url = what.rpartition(" ")
        bot.post(type="link", title=title, url=url)
    else:
        bot.post(type="video" if kind == "视频" else "sticker")


def picture_of(said: str, person: str) -> str | None:
    """The file name of the picture that is sent, if one is."""
    marked = _SENT.fullmatch(said)
    return _picture(marked[2], person) if marked and marked[1] == "图片" else None


def place_of(said: str) -> tuple[str, float, float] | None:
    """The place that is sent, if one is."""
    marked = _SENT.fullmatch(said)
    return _place(marked[2]) if marked and marked[1] == "位置" else None


def _place(what: str) -> tuple[str, float, float]:
    """A place of the phone page by its label, or degrees."""
    for label, lat, lng in PLACES:
        if label == what:
            return label, lat, lng
    lat, lng = (float(degrees) for degrees in what.split(","))
    return "", lat, lng


def _one_by_one(values: list[str]) -> Callable[[], str]:
    left = list(values)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def _picture(label: str, person: str) -> str:
    """The drawn picture's file name: 身份证人像面（拍歪） is chen_guoqiang_front_tilted.
    Whatever is nobody's of this dialogue goes by its file's name."""
    label = _OF_ONESELF.get(label, label)
    if (PICTURES / f"{label}.jpg").exists():
        return label
    found = _PICTURE.fullmatch(label)
    side, variant = found.groups() if found else (label, None)
    name = f"{person}_{_SIDES[side]}"
    return f"{name}_{_VARIANTS[variant]}" if variant else name


def readable(text: str) -> str:
    """Links as a reader of the file sees them: their label, marked."""
    return _LINK.sub(r"\1（链接）", text)


def written(transcript: Transcript, answers: list[list[str]]) -> str:
    """The file with the answers as they are now; comments and what is said stay."""
    blocks, left = [transcript.top], iter(answers)
    for block in transcript.blocks:
        lines = block.split("\n")
        if not any(line.startswith(("<", ">")) for line in lines):
            blocks.append(block)
        if any(line.startswith(">") for line in lines):
            blocks.append(block)
            blocks += ["\n".join(f"< {ln}" for ln in said.split("\n")) for said in next(left)]
    return "\n\n".join(blocks) + "\n"
