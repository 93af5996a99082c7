"""A channel that keeps to the person's allowance: a call that must fail is not made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.channels.metered import Metered
from bot.dialogue.messages import Media, Reply
from bot.ports import Filled, SendError
from tests.bot.turn.rig import Recorder, account


@dataclass
class Book:
    """A ledger that says what the test wants, and notes what it is told."""

    verdicts: Iterator[str]
    told: list[str] = field(default_factory=list)

    def take(self, _: object) -> str:
        return next(self.verdicts)

    def give_back(self, _: object) -> None:
        self.told.append("back")

    def close(self, _: object) -> None:
        self.told.append("close")


def metered(folder: Path, *verdicts: str) -> tuple[Metered, Recorder, Book]:
    inner, book = Recorder(folder / "sent.log", rungs=("chat", "template")), Book(iter(verdicts))
    return Metered(inner, book), inner, book  # type: ignore[arg-type]


def counted(end: str) -> float:
    labels = {"channel": "wechat", "end": end}
    return REGISTRY.get_sample_value("shebaoka_api_messages_total", labels) or 0.0


def test_within_the_allowance_it_is_sent(tmp_path: Path) -> None:
    channel, inner, book = metered(tmp_path, "ok", "ok")
    before = counted("sent")
    channel.send(account(), Reply("<1>"), "k", 1.0)
    channel.send_picture(account(), b"<2>", "k", 1.0)
    assert (inner.sent(), inner.sent("picture"), book.told) == (["<1>"], ["<2>"], [])
    assert counted("sent") == before + 2


@pytest.mark.parametrize("verdict", ["closed", "used_up"])
def test_beyond_it_no_call_is_made_and_the_refusal_is_counted(tmp_path: Path, verdict: str) -> None:
    channel, inner, _ = metered(tmp_path, verdict)
    before = counted(verdict)
    with pytest.raises(SendError) as refused:
        channel.send(account(), Reply("<1>"), "k", 1.0)
    assert (refused.value.reason, refused.value.detail) == ("window", verdict)
    assert (inner.sent(), counted(verdict)) == ([], before + 1)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("window", ["close"]),
        ("transient", ["back"]),
        ("quota", ["back"]),
        ("account", ["back"]),
        ("permanent", ["back"]),
        ("bug", ["back"]),
        ("unknown", []),
    ],
)
def test_the_ledger_hears_how_a_refused_call_ended(
    tmp_path: Path, reason: str, told: list[str]
) -> None:
    channel, inner, book = metered(tmp_path, "ok")
    inner.fault = SendError(reason)  # type: ignore[arg-type]
    before = counted(reason)
    with pytest.raises(SendError):
        channel.send(account(), Reply("<1>"), "k", 1.0)
    assert (book.told, counted(reason)) == (told, before + 1)


def test_what_needs_no_window_is_not_counted_against_it(tmp_path: Path) -> None:
    channel, inner, _ = metered(tmp_path)
    message = Filled("template", "T", {"thing1": "<1>"})
    assert channel.send_filled(account(), message, "k", 1.0) == "at-k"
    assert inner.sent("template") == ["<1>"]
    assert channel.fetch(Media("m"), 10, 1.0) == b"bytes of m"
    assert channel.fit(Reply("<r>"), [Reply("<1>")]) == (Reply("<1> <r>"), 1)
    assert (channel.name, channel.answers_at_once, channel.rungs) == (
        "wechat",
        True,
        ("chat", "template"),
    )
