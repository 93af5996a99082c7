"""The mini program's chat over the wire: asked by push, answered by API alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.demo.profile import write_profile
from tests.rig import Bot, running, wait_for


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder: Path = tmp_path_factory.mktemp("mini")
    profile = write_profile(None, folder)
    with running(folder, redis_url, mini=True, profile=profile) as bot:
        yield bot


def chat(bot: Bot) -> list[dict[str, Any]]:
    url = f"{bot.simulator.url}/simulator/api/{bot.account}/users/{bot.user}/messages"
    messages: list[dict[str, Any]] = requests.get(url, timeout=5).json()["messages"]
    return messages


def answered(bot: Bot, text: str, words: str) -> dict[str, Any]:
    """The message with these words that came after `text` was sent, however late."""
    before = len(chat(bot))
    bot.post(type="text", text=text)
    found: dict[str, Any] = wait_for(
        lambda: next((m for m in chat(bot)[before:] if words in m["text"]), None), 10
    )
    return found


def test_a_form_goes_on_in_the_mini_program_by_messages_alone(bot: Bot) -> None:
    mini = bot.as_user("oMiniChat0000000000000000001", account="wechat_mini")
    assert answered(mini, "办卡", "同意")["via"] == "custom"
    assert answered(mini, "同意", "人像面")["via"] == "custom"
    assert answered(mini, "0", "同意")["via"] == "custom"
    assert not [m for m in chat(mini) if m["kind"] == "fault"]


def test_the_two_chats_of_one_name_are_two_people(bot: Bot) -> None:
    name = "oSameName0000000000000000001"
    mini, official = bot.as_user(name, "wechat_mini"), bot.as_user(name)
    answered(mini, "办卡", "同意")
    said = official.post(type="text", text="你好")
    assert said[0]["via"] == "passive"
    assert "1 办卡" in said[0]["text"]
