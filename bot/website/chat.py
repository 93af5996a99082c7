"""A transcript as a page shows it: bubbles, and what can be answered to the last question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.dialogue.clicks import click_key
from bot.dialogue.messages import Link, Option, Position, Reply
from bot.sessions import PICTURE_LIFE, Entry
from bot.website.quick_words import quick_words

_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11}(\d{3}[\dXx])(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message: `parts` are its text, in pieces with the address that a piece leads to."""

    number: int
    by: str  # me | bot | picture
    parts: tuple[tuple[str, str], ...] = ()
    lang: str = ""
    picture: str = ""  # the key it is shown by; "" when its minutes are over
    lines: tuple[str, ...] = ()  # options that can no longer be chosen
    below: tuple[Link, ...] = ()  # links whose label is not in the text
    is_new: bool = False  # the first since the person last said something


@dataclass(frozen=True, slots=True)
class Asked:
    """What the last question takes: `choices` and `words` are buttons, value and label."""

    choices: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    ways: tuple[tuple[str, str], ...] = ()  # of the footer: 0 back, 9 a person
    pending: bool = False  # the answer is still to come
    locale: str = ""  # the language that was spoken last
    asks: str = ""  # which field comes first: see `bot.dialogue.messages.Asks`
    position: Position | None = None  # how far the form is

    @property
    def lang(self) -> str:
        return _tag(self.locale)


@dataclass(frozen=True, slots=True)
class Chat:
    """What the page shows. `last` is the number of the newest message."""

    bubbles: Sequence[Bubble] = ()
    asked: Asked = field(default_factory=Asked)
    last: int = 0


def chat_of(entries: Sequence[Entry], now: datetime) -> Chat:
    """The page's view of a transcript."""
    question = _question(entries)
    seen = max((e.number for e in entries if e.by == "me"), default=0)
    spoken = [e for e in entries if e.by != "bot" or e.reply is not None]
    new = next((e.number for e in spoken if e.number > seen), 0)
    bubbles = [_bubble(e, now, e is question, e.number == new) for e in spoken]
    return Chat(
        bubbles,
        asked_in(question.reply if question else None, _pending(entries)),
        max((e.number for e in entries), default=0),
    )


def chat_before(reply: Reply | None) -> Chat:
    """What the page shows of the first question, before anything was said."""
    if reply is None:
        return Chat()
    bubble = Bubble(0, "bot", _parts(reply), _lang(reply), below=_below(reply), is_new=True)
    return Chat([bubble], asked_in(reply))


def asked_in(reply: Reply | None, pending: bool = False) -> Asked:
    """What can be answered to a message; while its answer is on the way, words alone."""
    if reply is None:
        return Asked(pending=pending)
    choices = tuple((click_key(reply.mark, o.key), o.label) for o in reply.options)
    return Asked(
        choices=() if pending else choices,
        words=() if pending else quick_words(reply.text, reply.after),
        ways=tuple(_ways(reply.footer)),
        pending=pending,
        locale=reply.locale,
        asks=reply.asks,
        position=reply.position,
    )


def chosen(entries: Sequence[Entry], value: str) -> Option | None:
    """The option whose button was pressed, of any message so far; its key as it was sent."""
    for entry in reversed(entries):
        reply = entry.reply
        for option in reply.options if reply else ():
            if reply and click_key(reply.mark, option.key) == value:
                return Option(value, option.label)
    return None


def masked(text: str) -> str:
    """What somebody typed, as the page shows it from then on: no whole ID number."""
    return _ID_NUMBER.sub(r"\1***********\2", text)


def _question(entries: Sequence[Entry]) -> Entry | None:
    """The last message of the bot's that asks something; what the page itself said asks nothing."""
    asked = (e for e in reversed(entries) if e.by == "bot" and e.reply and "aside" not in e.more)
    return next((e for e in asked if e.reply and not e.reply.pending), None)


def _pending(entries: Sequence[Entry]) -> bool:
    """Whether an answer that was promised has not come yet."""
    for entry in reversed(entries):
        if entry.by == "bot" and entry.reply is not None and "aside" not in entry.more:
            return entry.reply.pending
    return False


def _bubble(entry: Entry, now: datetime, is_open: bool, is_new: bool) -> Bubble:
    if entry.by == "me":
        return Bubble(entry.number, "me", ((entry.text, ""),))
    if entry.by == "picture":
        fresh = now - entry.at < PICTURE_LIFE
        return Bubble(entry.number, "picture", picture=entry.key if fresh else "", is_new=is_new)
    reply = entry.reply or Reply("")
    lines = () if is_open else tuple(f"{o.key} {o.label}" for o in reply.options)
    return Bubble(
        entry.number, "bot", _parts(reply), _lang(reply),
        lines=lines, below=_below(reply), is_new=is_new,
    )  # fmt: skip


def _parts(reply: Reply) -> tuple[tuple[str, str], ...]:
    text = "\n".join(part for part in (reply.text, reply.after) if part)
    return tuple(_linked(text, reply.links))


def _linked(text: str, links: Sequence[Link]) -> Iterator[tuple[str, str]]:
    """The text in pieces: a label that stands in it leads where its link says."""
    for link in links:
        before, label, after = text.partition(link.label)
        if label:
            yield from _linked(before, ())
            yield label, link.url
            text = after
    if text:
        yield text, ""


def _below(reply: Reply) -> tuple[Link, ...]:
    said = f"{reply.text}\n{reply.after}"
    return tuple(link for link in reply.links if link.label not in said)


def _ways(footer: str) -> Iterator[tuple[str, str]]:
    """`0 返回 · 9 人工` as what is sent and what it says."""
    for way in footer.split(" · ") if footer else ():
        word, _, label = way.partition(" ")
        yield word, label or word


def _lang(reply: Reply) -> str:
    return _tag(reply.locale)


def _tag(locale: str) -> str:
    """The language as HTML names it."""
    return "en" if locale == "en" else "zh-CN"
