"""What of a chat is the answer to one thing that a person did."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.api.told import answering
from bot.dialogue.messages import Reply
from bot.sessions import Entry

AT = datetime(2026, 11, 23, tzinfo=UTC)


def chat(*keys: str) -> list[Entry]:
    """`k…` is the person's, `k….r` a reply to it, `p…` a picture."""
    return [
        Entry(key, "bot", AT, reply=Reply(key))
        if key.endswith(".r")
        else Entry(key, "picture" if key.startswith("p") else "me", AT)
        for key in keys
    ]


def keys(entries: list[Entry]) -> list[str]:
    return [entry.key for entry in entries]


def test_a_picture_and_the_reply_are_and_what_follows_until_the_person_goes_on() -> None:
    found = answering(chat("p1", "k1.r", "late.r", "k2", "k2.r"), "k1.r")
    assert keys(found) == ["p1", "k1.r", "late.r"]


def test_a_reply_is_found_behind_what_the_person_did_meanwhile() -> None:
    found = answering(chat("k2", "p1", "k1.r", "k3", "k3.r"), "k1.r")
    assert keys(found) == ["p1", "k1.r"]


def test_without_a_reply_it_is_what_came_before_the_person_went_on() -> None:
    assert keys(answering(chat("late.r", "k2", "k2.r"), "k1.r")) == ["late.r"]
    assert answering(chat("k2", "k2.r"), "k1.r") == []
