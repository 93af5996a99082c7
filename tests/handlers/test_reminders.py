"""One reminder of a half-filled form, the next morning."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.dialogue.messages import Kind
from config.templates import load_templates
from handlers.card.reminders import next_morning, remind
from tests.handlers.chat import Chat, city
from tests.models.making import KEYS, new_id

TZ = city().tz


@pytest.mark.parametrize("hour", [0, 8, 10, 23])
def test_the_next_morning_is_nine_o_clock_of_the_next_day(hour: int) -> None:
    now = datetime(2026, 11, 23, hour, 30, tzinfo=TZ)
    assert next_morning(now, city()) == datetime(2026, 11, 24, 9, 0, tzinfo=TZ)


def reminded(chat: Chat) -> int:
    with chat.database.writing() as records:
        return remind(records, KEYS, chat.now, new_id)


def test_a_half_filled_form_is_reminded_of_once(chat: Chat) -> None:
    chat.says("办卡", "同意")
    assert reminded(chat) == 0
    chat.now = next_morning(chat.now, city()) + timedelta(minutes=1)
    assert reminded(chat) == 1
    (notice,) = chat.notices()
    assert notice.kind == "ladder"
    told = notice.open_payload(KEYS)
    assert "继续" in load_templates(city()).chat(told["name"], told["locale"], told["params"])
    assert reminded(chat) == 0


def test_nobody_is_reminded_of_what_is_done_or_given_up(chat: Chat) -> None:
    chat.says("办卡", "同意", "取消", "1")
    chat.now += timedelta(days=1)
    assert reminded(chat) == 0


def test_who_left_the_account_is_not_written_to(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.sends(Kind.UNSUBSCRIBE)
    chat.now += timedelta(days=1)
    assert reminded(chat) == 0


def test_a_reminder_that_waits_gives_way_when_the_draft_is_given_up(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.now = next_morning(chat.now, city()) + timedelta(minutes=1)
    assert reminded(chat) == 1
    chat.says("取消", "1")
    assert [notice.state for notice in chat.notices()] == ["replaced"]


def test_a_reminder_that_waits_gives_way_when_the_form_is_handed_in(chat: Chat) -> None:
    chat.to_read_back()
    chat.now = next_morning(chat.now, city()) + timedelta(minutes=1)
    assert reminded(chat) == 1
    assert "YZ" in chat.says("确认")
    assert [n.state for n in chat.notices() if n.kind == "ladder"] == ["replaced"]
