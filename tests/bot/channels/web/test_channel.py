"""A page's channel: words go before the reply, what asks something stays a message of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest

from bot.channels.web.channel import PageChannel
from bot.dialogue.messages import Link, Option, Picture, Reply
from bot.ports import Manner
from bot.sessions import Transcripts

NOTICE, LATER = Reply("卡做好了。"), Reply("审核通过了。")
REPLY = Reply("您要办什么？", (Option("1", "办卡"),), footer="0 返回 · 9 人工", mark="m")


@pytest.fixture
def channel() -> PageChannel:
    nobody = cast(Transcripts, None)  # `fit` looks at nothing that is kept
    return PageChannel("web", nobody, lambda: datetime.now(UTC), Manner())


def test_words_go_before_the_reply_which_keeps_its_buttons(channel: PageChannel) -> None:
    reply, taken = channel.fit(REPLY, [NOTICE, LATER])
    assert taken == 2
    assert reply is not None
    assert reply.text == "卡做好了。\n\n审核通过了。\n您要办什么？"
    assert (reply.options, reply.footer, reply.mark) == (REPLY.options, REPLY.footer, "m")


@pytest.mark.parametrize(
    "asking",
    [
        REPLY,
        Reply("请拍照", asks="photo"),
        Reply("看这里", links=(Link("/x", "这里"),)),
        Reply("您的照片", picture=Picture("d")),
    ],
)
def test_what_asks_something_is_a_message_of_its_own_and_so_is_what_follows(
    channel: PageChannel, asking: Reply
) -> None:
    reply, taken = channel.fit(REPLY, [NOTICE, asking, LATER])
    assert (taken, reply and reply.text) == (1, "卡做好了。\n您要办什么？")


def test_without_a_reply_nothing_is_taken(channel: PageChannel) -> None:
    assert channel.fit(None, [NOTICE]) == (None, 0)
    assert channel.fit(REPLY, []) == (REPLY, 0)
