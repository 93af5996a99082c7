"""Every option of every golden dialogue: its words, and a click on it, do what its number does."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from bot.channels.wechat.choices import said_by_click
from bot.dialogue.clicks import click_key
from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.outside import NOTE
from bot.dialogue.router import Router
from bot.dialogue.state import Session
from bot.ports import Sources, Turn
from bot.turn.transaction import LazyTransaction
from config.city import SHIPPED
from tests.end_to_end.test_transcripts import in_wechat, played
from tests.end_to_end.transcript import load
from tests.rig import Bot, running, shown

_handle = Router.__call__


@dataclass
class Prober:
    """Stands before the real router. Whenever a person does something, each option that was shown
    last is tried in three ways on a copy of that moment, which is thrown away."""

    asked: dict[str, Reply] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    differing: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, router: Router, turn: Turn) -> Outcome:
        before = self.asked.get(str(turn.account))
        if before and turn.update.kind is not Kind.RESULT and _is_last(turn.session, before):
            self._probe(router, turn, before)
        outcome = _handle(router, turn)
        if isinstance(outcome, Reply) and outcome.options:
            self.asked[str(turn.account)] = outcome
        return outcome

    def _probe(self, router: Router, turn: Turn, asked: Reply) -> None:
        for option in asked.options:
            number = _copied(router, turn, option.key)
            words = said_by_click(option)
            ways = {
                "words": _copied(router, turn, words),
                "whole label": _copied(router, turn, option.label),
                "click": _copied(router, turn, words, click_key(asked.mark, option.key)),
            }
            self.tried.append(option.label)
            self.differing += [
                (option.label, way, came) for way, came in ways.items() if came != number
            ]


def _is_last(session: Session, asked: Reply) -> bool:
    """Whether nothing has shown numbers since: neither the conversation nor a message to many."""
    return session.asked == asked.mark and not session.notes.get(NOTE, {}).get("fresh")


def _copied(router: Router, turn: Turn, text: str, key: str = "") -> str:
    """What comes of a text at this moment: what is said, and what is remembered."""
    transaction = LazyTransaction(turn.transaction._database)  # type: ignore[attr-defined]
    ids = itertools.count()
    copy = replace(
        turn,
        update=replace(turn.update, kind=Kind.TEXT, text=text, key=key, media=None, place=None),
        session=Session.from_json(turn.session.to_json()),
        transaction=transaction,
        sources=Sources(
            clock=turn.sources.clock,
            sms_code=lambda: "482915",
            serial=lambda: "0731",
            new_id=lambda: f"{next(ids):032d}",
        ),
    )
    try:
        outcome = _handle(router, copy)
    finally:
        transaction.abandon()
    said = outcome.plain() if isinstance(outcome, Reply) else repr(type(outcome))
    return f"{said}\n{copy.session.to_json().decode()}"


@pytest.fixture
def prober(monkeypatch: pytest.MonkeyPatch) -> Iterator[Prober]:
    found = Prober()
    monkeypatch.setattr(Router, "__call__", lambda router, turn: found(router, turn))
    yield found


FEWEST = {"returned": 9, "push": 14}
"""Of what a dialogue must have offered for the probe to mean something; of a whole form 15. Where a
message to many came since, its own numbers hold, and nothing is probed."""


@pytest.mark.parametrize("path", in_wechat(), ids=lambda path: path.stem)
def test_every_option_means_its_number(
    path: Path, redis: redis.Redis, redis_url: str, tmp_path: Path, prober: Prober
) -> None:
    transcript = load(path)
    answers = played(transcript, tmp_path, redis_url)
    assert answers == [expected for _, expected in transcript.exchanges()], (
        "probing leaves no trace"
    )
    assert len(prober.tried) > FEWEST.get(path.stem, 15), prober.tried
    assert [(label, way) for label, way, _ in prober.differing] == []


# --- over the wire -------------------------------------------------------------------------------


def tap(bot: Bot, message: dict[str, Any], words: str) -> str:
    """A tap on the line that reads `words`, as the platform pushes it; what the bot says to it."""
    address = re.search(rf'<a href="([^"]*)">{re.escape(words)}</a>', message["raw"])
    assert address, message
    asked = parse_qs(urlsplit(address[1]).query)
    content, menu_id = asked["msgmenucontent"][0], asked["msgmenuid"][0]
    return shown(bot.post(type="text", text=content, menu_id=menu_id))


def test_a_tap_answers_its_question_and_no_other(
    redis: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    with running(tmp_path, redis_url, linger=0.05) as bot:
        bot.say("你好")
        menu = bot.history()[-1]
        assert menu["text"].split("\n")[1:3] == ["1 办卡", "2 查进度"], "as it is read"
        assert menu["options"][0] == {"key": "1", "label": "办卡"}
        assert "第1步/共6步" in tap(bot, menu, "1 办卡")
        bot.say("取消")
        asked = bot.history()[-1]
        assert "接着刚才的问题" in tap(bot, menu, "5 查社保记录")
        assert "确定不办了吗" in tap(bot, menu, "1 办卡") or "第1步" in bot.history()[-1]["text"]
        assert "确定不办了吗" in bot.say("取消")
        assert "已经取消" in tap(bot, bot.history()[-1], "1 不办了，删掉")
        assert "已经取消" not in tap(bot, asked, "1 不办了，删掉")


def test_options_are_plain_where_the_city_wants_no_links(
    redis: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    profile = tmp_path / "city.toml"
    shipped = SHIPPED.read_text("utf-8")
    assert "clickable_options = true" in shipped
    profile.write_text(shipped.replace("clickable_options = true", "clickable_options = false"))
    with running(tmp_path, redis_url, linger=0.05, profile=profile) as bot:
        bot.say("你好")
        menu = bot.history()[-1]
    assert "raw" not in menu
    assert menu["options"][0] == {"key": "1", "label": "办卡"}
