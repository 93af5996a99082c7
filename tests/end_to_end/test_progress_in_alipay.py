"""The golden dialogue about progress over the wire of the life account."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import redis

from bot.demo.profile import write_profile
from config.city import load_city
from tests.end_to_end.every_channel import InAlipay, shown
from tests.end_to_end.transcript import load
from tests.handlers.applied import applied_in_wechat, played
from tests.rig import Clock, running

GOLDEN = load(Path(__file__).parents[1] / "transcripts" / "progress_alipay.txt")


def test_three_messages_the_first_time_and_one_from_then_on(
    redis: redis.Redis, redis_url: str, tmp_path: Path
) -> None:
    profile = write_profile(None, tmp_path / "profile")
    clock = Clock(GOLDEN.clock)

    def at(now: datetime) -> None:
        clock.shift(now - clock())

    with running(
        tmp_path,
        redis_url,
        clock=clock,
        codes=GOLDEN.codes(),
        alipay=True,
        profile=profile,
        linger=0.05,
    ) as bot:
        application = applied_in_wechat(bot.database, load_city(profile))
        alipay = InAlipay(bot.as_user("2088000000001234", "alipay"))
        told = played(GOLDEN, bot.database, application, at, alipay.say)
    expected = [[shown(text) for text in texts] for _, texts in GOLDEN.exchanges()]
    assert told == expected
