"""Entries of a transcript as the messages that a front end shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

from bot.api.shapes import Action, Choice, Message, Position, WebLink
from bot.dialogue.clicks import click_key
from bot.dialogue.messages import Reply
from bot.sessions import Entry

QUIET = "q-"  # how the keys of entries begin that a chat does not show: forms of other pages
PICTURES = "/api/v1/pictures"


def messages(entries: Iterable[Entry], site: str) -> list[Message]:
    """What is shown, in its order. Links that are only paths get the address of the `site`."""
    return [message(entry, site) for entry in entries if _is_shown(entry)]


def answering(entries: Sequence[Entry], answer: str) -> list[Entry]:
    """Of what follows something that a person did: what came of it. That goes as far as the reply
    (the entry `answer`), though they have done more meanwhile, and on to the next thing they do."""
    own = next((n for n, entry in enumerate(entries, 1) if entry.key == answer), 0)
    before = [entry for entry in entries[:own] if entry.by != "me"]
    return before + list(takewhile(lambda entry: entry.by != "me", entries[own:]))


def _is_shown(entry: Entry) -> bool:
    """A press of a button without words shows in a chat by its answer alone."""
    wordless = entry.by == "me" and not (entry.text or "photo" in entry.more)
    return not (wordless or entry.key.startswith(QUIET))


def message(entry: Entry, site: str) -> Message:
    if entry.by == "bot" and entry.reply is not None:
        return _said(entry, entry.reply, site.rstrip("/"))
    shown = Message(id=entry.number, by="me", at=entry.at, text=entry.text)
    if entry.by == "me":
        return shown.model_copy(update={"photo": "photo" in entry.more})
    return shown.model_copy(update={"by": "bot", "picture": f"{PICTURES}/{entry.key}"})


def _said(entry: Entry, reply: Reply, site: str) -> Message:
    at = reply.position
    return Message(
        id=entry.number,
        by="bot",
        at=entry.at,
        text=reply.text,
        choices=[
            Choice(key=click_key(reply.mark, o.key), number=o.key, label=o.label)
            for o in reply.options
        ],
        after=reply.after,
        actions=_actions(reply.footer),
        links=[
            WebLink(
                url=f"{site}{link.url}" if link.url.startswith("/") else link.url, label=link.label
            )
            for link in reply.links
        ],
        position=Position(section=at.section, title=at.title, n=at.n, of=at.of) if at else None,
        asks=reply.asks or ("choice" if reply.options else ""),
    )


def _actions(footer: str) -> list[Action]:
    """`0 返回 · 9 人工` as two."""
    parts = [part.strip().partition(" ") for part in footer.split("·")]
    return [Action(text=text, label=label) for text, _, label in parts if label]
