"""Reminders over the wire: the clock finds a card due, the person's phone shows it, once."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.demo.profile import write_profile
from bot.redis_client import connect_redis
from models.application_states import State
from models.applications import Application
from models.people import account_of
from models.progress import tail
from models.push.deliveries import Delivery
from tests.models.making import NUMBER, OTHER_NUMBER, PHONE, make_application, make_person
from tests.rig import APP_ID, Bot, Clock, running, wait_for

ROUND = timedelta(minutes=11)  # the chore is done every ten


def card(bot: Bot, id_number: str = NUMBER, days: int = 13) -> str:
    """This person's, which has waited at the branch for so long; how its number ends."""
    since, account = bot.clock() - timedelta(days=days), f"wechat:{APP_ID}:{bot.user}"
    with bot.database.writing() as records:
        account_of(records, account, since)
        made = make_application(
            records, make_person(records, id_number=id_number), account=account,
            answers={"phone": PHONE}, branch="ABC-01", bank="ABC", delivery="pickup", now=since,
        )  # fmt: skip
        made.state, made.state_since = State.READY_FOR_PICKUP.value, since
        return tail(made.number)


def reminded(bot: Bot, via: str) -> list[str]:
    """What tells of a card that is not collected."""
    sent = [m for m in bot.history() if m["from"] == "bot" and m["via"] == via]
    return [m["text"] for m in sent if "会封存" in m["text"]]


def arrived(bot: Bot, via: str) -> str:
    told = wait_for(lambda: reminded(bot, via) or None, 20.0)
    return str(told[0])


def test_it_arrives_once_by_the_best_road_and_not_again_after_a_restart(
    tmp_path: Path, redis_url: str
) -> None:
    with closing(connect_redis(redis_url)) as client:
        client.flushall()
    clock, profile = Clock(), write_profile(None, tmp_path)
    with running(tmp_path, redis_url, clock=clock, linger=0.0, profile=profile) as bot:
        away = bot.as_user("oReminded2")
        ends, _ = card(bot), card(away, OTHER_NUMBER)
        away.say("菜单")
        clock.shift(timedelta(hours=49))
        bot.say("菜单")
        clock.shift(ROUND)
        told = arrived(bot, "custom")
        assert f"受理号尾号{ends}）还在农业银行和平路支行等您领；明年11月10日前没有领" in told
        assert "明年11月10日前没领会封存" in arrived(away, "template")
        clock.shift(ROUND)
    with running(tmp_path, redis_url, clock=clock, linger=0.0, profile=profile) as bot:
        late = bot.as_user("oReminded3")
        card(late, "119999197001010015", days=15)
        late.say("菜单")
        clock.shift(ROUND)
        assert "还在农业银行和平路支行等您领" in arrived(late, "custom")
        for each in (bot, bot.as_user("oReminded2")):  # the phones keep what they were sent
            assert len([m for m in each.history() if "封存" in m["text"]]) == 1
        wait_for(lambda: ended(bot) == ["sent"] * 3 or None)
        with bot.database.reading() as records:
            assert records.query(Application).count() == 3


def ended(bot: Bot) -> list[str]:
    """What became of each: written a moment after it arrived."""
    with bot.database.reading() as records:
        return list(records.scalars(select(Delivery.state).order_by(Delivery.recipient)))
