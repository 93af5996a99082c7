"""What the platform's quota of the day refuses waits for midnight in Beijing, and is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import SendError
from bot.work.ladder import next_day
from models.notices import Notice
from tests.bot.turn.rig import NOON, Rig
from tests.bot.work.desk_rig import at, worker
from tests.bot.work.ladder_rig import put, refuse
from tests.bot.work.test_notices import put_chat, states


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 23, 16, tzinfo=UTC)),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC)),
    ],
)
def test_the_day_ends_at_midnight_in_beijing(now: datetime, due: datetime) -> None:
    assert next_day(now) == due


def test_what_the_quota_of_the_day_refuses_is_sent_after_midnight(rig: Rig) -> None:
    put_chat(rig, "<1>")
    channel, some = rig.channels["wechat"], worker(rig)
    channel.fault = SendError("quota", "45009")
    some.settle()
    (waiting,) = rig.rows(Notice)
    assert (waiting.state, waiting.reason) == ("queued", "quota")
    midnight = next_day(NOON)
    channel.fault = None
    at(rig, (midnight - NOON).total_seconds() - 1)
    some.settle()
    assert channel.sent() == []
    at(rig, (midnight - NOON).total_seconds() + 1)
    some.settle()
    assert (channel.sent(), states(rig)) == (["<1>"], ["sent"])


def test_what_wants_a_minute_is_given_a_minute(rig: Rig) -> None:
    put_chat(rig, "<1>")
    rig.channels["wechat"].fault = SendError("transient", "45011", wait=60.0)
    worker(rig).settle()
    (waiting,) = rig.rows(Notice)
    assert waiting.due_at >= NOON + timedelta(seconds=60)


def test_a_notice_on_its_ladder_waits_its_minute_too(rig: Rig) -> None:
    put(rig)
    refuse(rig, chat=SendError("transient", "45011", wait=60.0))
    worker(rig).settle()
    (waiting,) = rig.rows(Notice)
    assert (waiting.state, waiting.due_at) == ("queued", NOON + timedelta(seconds=60))
