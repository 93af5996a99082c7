"""The ladder over the wire: the platform that enforces, the worker, the person's phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from bot.demo.profile import write_profile
from bot.redis_client import connect_redis
from models.ladders import add_notice
from models.notices import Notice, find_notice
from tests.rig import APP_ID, MINI, Bot, Clock, running, wait_for

TOLD = "您的社保卡（受理号尾号0731）社保功能已启用，可以看病买药、领待遇了。"
SUBSCRIPTION = "SIM_subscription_progress"
_people = count(1)
_phones = count(13900007000)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("ladder")
    with closing(connect_redis(redis_url)) as client:
        client.flushall()
    profile = write_profile(None, folder)
    with running(folder, redis_url, clock=Clock(), linger=0.0, profile=profile, mini=True) as bot:
        yield bot


@pytest.fixture
def bot(service: Bot) -> Iterator[Bot]:
    """Somebody of whom nobody has heard; the platform does as it should."""
    yield service.as_user(f"oLadder{next(_people):021d}")
    service.faults()
    service.http.put(f"{service.simulator.url}/simulator/api/wechat/account", json={}, timeout=5)


def key(bot: Bot) -> str:
    app_id = APP_ID if bot.account == "wechat" else MINI["app_id"]
    return f"{bot.account}:{app_id}:{bot.user}"


def tell(bot: Bot, name: str = "activated", phone: str | None = None) -> str:
    """A notice from the staff's side."""
    with bot.database.writing() as records:
        return add_notice(
            records,
            bot.keys,
            account=key(bot),
            name=name,
            params={"number": "YZ2611230731"},
            locale="zh_CN",
            phone=phone,
            now=bot.clock(),
            notice_id=uuid4().hex,
        )


def row(bot: Bot, notice_id: str) -> Notice:
    with bot.database.reading() as records:
        found = find_notice(records, notice_id)
        assert found is not None
        return found


def ended(bot: Bot, notice_id: str, *, rung: str = "") -> Notice:
    """The row once it has come to an end (by this rung, if one is named)."""

    def found() -> Notice | None:
        notice = row(bot, notice_id)
        over = notice.state in ("sent", "parked", "unknown", "refused")
        return notice if over and rung in ("", notice.rung) else None

    notice = wait_for(found, 15.0)
    assert isinstance(notice, Notice)
    return notice


def left(notice: Notice) -> list[str]:
    """Each rung that was left, with the first two words of why."""
    return [f"{rung}: {' '.join(reason.split()[:2])}" for rung, reason, _ in notice.steps]


def arrived(bot: Bot, via: str) -> list[str]:
    return [m["text"] for m in bot.history() if m["from"] == "bot" and m["via"] == via]


def out_of_the_window(bot: Bot) -> None:
    """The person wrote two days and an hour ago."""
    bot.say("菜单")
    bot.clock.shift(timedelta(hours=49))


def allow(bot: Bot, template: str = SUBSCRIPTION) -> None:
    """The person accepts one message of progress in the pop-up."""
    bot.post(type="subscription", template=template, accept=True)


def refused(end: str) -> float:
    labels = {"channel": "wechat", "end": end}
    return REGISTRY.get_sample_value("shebaoka_api_messages_total", labels) or 0.0


def test_within_the_window_it_arrives_in_the_chat(bot: Bot) -> None:
    bot.say("菜单")
    notice = ended(bot, tell(bot))
    assert (notice.state, notice.rung, notice.steps) == ("sent", "chat", [])
    assert TOLD in "".join(arrived(bot, "custom"))


def test_out_of_the_window_a_template_arrives_and_no_call_was_spent_on_the_chat(bot: Bot) -> None:
    out_of_the_window(bot)
    before = refused("closed"), refused("window")
    notice = ended(bot, tell(bot))
    assert (notice.state, notice.rung, left(notice)) == (
        "sent",
        "template",
        ["chat: window closed"],
    )
    assert (refused("closed"), refused("window")) == (before[0] + 1, before[1])
    (text,) = arrived(bot, "template")
    assert all(part in text for part in ("YZ2611230731", "社保功能已启用"))
    delivered = wait_for(lambda: row(bot, notice.id) if row(bot, notice.id).delivery else None)
    assert delivered.delivery == "delivered"


def test_the_sixth_message_of_two_days_is_not_even_called(bot: Bot) -> None:
    bot.say("菜单")
    notices = [ended(bot, tell(bot)) for _ in range(6)]
    assert [notice.rung for notice in notices] == ["chat"] * 5 + ["template"]
    assert left(notices[5]) == ["chat: window used_up"]


def test_where_our_ledger_is_lost_the_platform_is_asked_and_remembered(bot: Bot) -> None:
    out_of_the_window(bot)
    with closing(connect_redis(bot.settings.redis_url)) as client:
        person = f"{{{key(bot)}}}"
        client.hdel(person, *(f for f in client.hkeys(person) if f.startswith(b"allow.")))
    before = refused("window")
    first, second = (ended(bot, tell(bot)) for _ in range(2))
    assert left(first) == ["chat: window 45015"]
    assert left(second) == ["chat: window closed"]
    assert refused("window") == before + 1


def test_a_template_that_was_blocked_goes_on_as_a_subscription(bot: Bot) -> None:
    allow(bot)
    out_of_the_window(bot)
    blocked = {"calls": ["message/template/send"], "result": "failed:user block"}
    bot.faults(wechat=blocked)
    notice = ended(bot, tell(bot), rung="subscription")
    assert left(notice) == ["chat: window closed", "template: blocked"]
    assert len(arrived(bot, "subscription") or arrived(bot, "subscribe")) == 1


def test_without_rights_for_anything_it_is_told_at_the_next_visit(bot: Bot) -> None:
    bot.say("菜单")
    bot.http.put(
        f"{bot.simulator.url}/simulator/api/wechat/account", json={"verified": False}, timeout=5
    )
    notice = ended(bot, tell(bot))
    assert notice.state == "parked"
    assert left(notice) == [
        "chat: account 48001",
        "template: account 48001",
        "subscription: no credit",
        "sms: no phone",
    ]
    said = bot.say("菜单")
    assert said.startswith(TOLD)
    assert TOLD not in bot.say("菜单")
    assert row(bot, notice.id).state == "sent"
    assert arrived(bot, "custom") == []


def test_who_left_is_told_by_sms_and_no_call_of_the_platform_is_made(bot: Bot) -> None:
    bot.say("菜单")
    bot.post(type="event", event="unsubscribe")
    phone = str(next(_phones))
    notice = ended(bot, tell(bot, phone=phone))
    assert (notice.rung, left(notice)) == (
        "sms",
        ["chat: left", "template: left", "subscription: left"],
    )
    (message,) = bot.sms(phone)
    assert message["params"]["status"] == "社保功能已启用"


def test_in_the_mini_program_a_subscription_follows_the_chat(bot: Bot) -> None:
    mini = bot.as_user(bot.user, "wechat_mini")
    mini.say("菜单")
    wait_for(lambda: arrived(mini, "custom") or None)
    allow(mini, "SIM_mini_subscription_progress")
    assert ended(mini, tell(mini)).rung == "chat"
    mini.clock.shift(timedelta(hours=49))
    first, second = (ended(mini, tell(mini)) for _ in range(2))
    assert (first.rung, left(first)) == ("subscription", ["chat: window closed"])
    assert (second.state, left(second)[1]) == ("parked", "subscription: no credit")
    assert len(arrived(mini, "subscribe")) == 1
    mini.say("菜单")
    wait_for(lambda: TOLD in arrived(mini, "custom")[-1] or None)


def test_a_template_whose_answer_was_lost_is_asked_again_and_arrives_once(bot: Bot) -> None:
    out_of_the_window(bot)
    bot.faults(wechat={"error": "lost", "times": 1, "calls": ["message/template/send"]})
    notice = ended(bot, tell(bot))
    assert (notice.state, notice.rung) == ("sent", "template")
    assert len(arrived(bot, "template")) == 1


def test_a_chat_message_whose_answer_was_lost_stays_unknown_and_arrives_once(bot: Bot) -> None:
    bot.say("菜单")
    bot.faults(wechat={"error": "lost", "times": 1, "calls": ["message/custom/send"]})
    notice = ended(bot, tell(bot, phone=str(next(_phones))))
    assert (notice.state, left(notice)) == ("unknown", ["chat: unknown"])
    assert len(arrived(bot, "custom")) == 1


def test_the_quota_of_the_day_puts_it_off_until_midnight_in_beijing(bot: Bot) -> None:
    out_of_the_window(bot)
    bot.faults(wechat={"error": 45009, "calls": ["message/template/send"]})
    notice_id = tell(bot)
    put_off: Any = wait_for(
        lambda: row(bot, notice_id) if row(bot, notice_id).reason else None, 10.0
    )
    assert put_off.state == "queued"
    assert put_off.due_at.astimezone().timestamp() % 86400 == 16 * 3600  # 00:00 in Beijing
    bot.faults()
    bot.clock.shift(put_off.due_at - bot.clock())
    assert ended(bot, notice_id).rung == "template"
