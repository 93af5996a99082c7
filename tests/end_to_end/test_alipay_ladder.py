"""The ladder in Alipay, over the wire: the chat within its window, else an approved wording, else
an SMS, else the next visit; and never twice where nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest

from bot.demo.profile import write_profile
from bot.redis_client import connect_redis
from models.ladders import add_notice
from models.notices import Notice, find_notice
from models.people import account_of
from models.subscriptions import add_credits
from tests.rig import Bot, Clock, running, wait_for
from tests.rig_alipay import APP_ID

TOLD = "您的社保卡（受理号尾号0731）社保功能已启用，可以看病买药、领待遇了。"
SENDS = [f"alipay.open.public.message.{kind}.send" for kind in ("custom", "single")]
MINI = "SIM_alipay_mini_progress"
_people, _phones = count(1), count(13900008000)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("alipay_ladder")
    with closing(connect_redis(redis_url)) as client:
        client.flushall()
    profile = write_profile(None, folder)
    with running(folder, redis_url, clock=Clock(), linger=0.0, profile=profile, alipay=True) as bot:
        yield bot


@pytest.fixture
def bot(service: Bot) -> Iterator[Bot]:
    """Somebody of whom nobody has heard; the platform does as it should."""
    yield service.as_user(f"2088{next(_people):012d}", "alipay")
    service.faults()
    service.http.put(f"{service.simulator.url}/simulator/api/alipay/account", json={}, timeout=5)


def tell(
    bot: Bot,
    name: str = "activated",
    phone: str | None = None,
    channel: str = "alipay",
) -> str:
    """A notice from the staff's side."""
    with bot.database.writing() as records:
        return add_notice(
            records,
            bot.keys,
            account=f"{channel}:{APP_ID}:{bot.user}",
            name=name,
            params={"number": "YZ2611230731"}
            | ({"date": "11月30日", "needs": "照片要重拍"} if name == "returned" else {}),
            locale="zh_CN",
            phone=phone,
            link="/progress",
            now=bot.clock(),
            notice_id=uuid4().hex,
        )


def ended(bot: Bot, notice_id: str) -> Notice:
    """The row once it has come to an end."""

    def found() -> Notice | None:
        with bot.database.reading() as records:
            notice = find_notice(records, notice_id)
        return notice if notice and notice.state in ("sent", "parked", "unknown") else None

    notice = wait_for(found, 15.0)
    assert isinstance(notice, Notice)
    return notice


def left(notice: Notice) -> list[str]:
    """Each rung that was left, with the first two words of why."""
    return [f"{rung}: {' '.join(reason.split()[:2])}" for rung, reason, _ in notice.steps]


def arrived(bot: Bot, via: str) -> list[str]:
    return [m["text"] for m in bot.history() if m["from"] == "bot" and m["via"] == via]


def ill(bot: Bot, error: str, times: int | None = None) -> None:
    """Messages are refused so; nothing else that is asked meanwhile."""
    bot.faults(alipay={"error": error, "times": times, "calls": SENDS})


def spoken(bot: Bot) -> None:
    """The person wrote, and what answers it has arrived: every answer comes by message here, the
    greeting of who is new as well."""
    if not arrived(bot, "custom"):
        _and_answered(bot, type="event", event="follow")
    _and_answered(bot, type="text", text="菜单")


def _and_answered(bot: Bot, **message: str) -> None:
    before = len(arrived(bot, "custom"))
    bot.post(**message)
    wait_for(lambda: len(arrived(bot, "custom")) > before, 15.0)


def out_of_the_window(bot: Bot) -> None:
    """The person wrote two days and an hour ago."""
    spoken(bot)
    bot.clock.shift(timedelta(hours=49))


def test_within_the_window_it_arrives_in_the_chat(bot: Bot) -> None:
    spoken(bot)
    notice = ended(bot, tell(bot))
    assert (notice.state, notice.rung, notice.steps) == ("sent", "chat", [])
    (text,) = [text for text in arrived(bot, "custom") if TOLD in text]
    assert f"{bot.site}/progress" in text


def test_out_of_the_window_an_approved_wording_arrives(bot: Bot) -> None:
    out_of_the_window(bot)
    notice = ended(bot, tell(bot))
    assert (notice.state, notice.rung, left(notice)) == (
        "sent",
        "template",
        ["chat: window closed"],
    )
    (text,) = arrived(bot, "template")
    assert all(part in text for part in ("YZ2611230731", "社保功能已启用", "可以看病买药"))


def test_the_platforms_own_end_of_the_window_counts_more_than_ours(bot: Bot) -> None:
    spoken(bot)
    ill(bot, error="40004 PUB.MSG_SD_OVER_TIME", times=1)
    notice = ended(bot, tell(bot))
    assert (notice.rung, left(notice)) == ("template", ["chat: window 40004"])


def test_where_no_wording_goes_through_an_sms_does(bot: Bot) -> None:
    out_of_the_window(bot)
    ill(bot, error="40004 MSG_TEMPLATE_NOT_EXIST")
    phone = str(next(_phones))
    notice = ended(bot, tell(bot, phone=phone))
    assert (notice.state, notice.rung) == ("sent", "sms")
    assert left(notice) == ["chat: window closed", "template: bug 40004"]


def test_without_any_road_it_waits_for_the_next_visit(bot: Bot) -> None:
    out_of_the_window(bot)
    ill(bot, error="40006 isv.insufficient-isv-permissions")
    notice = ended(bot, tell(bot))
    assert (notice.state, notice.rung) == ("parked", "visit")
    assert left(notice)[1:] == ["template: account 40006", "sms: no phone"]
    bot.faults()
    spoken(bot)
    assert sum(text.count(TOLD) for text in arrived(bot, "custom")) == 1


def test_who_left_is_not_written_to_in_the_chat(bot: Bot) -> None:
    spoken(bot)
    bot.post(type="event", event="unfollow")
    phone = str(next(_phones))
    notice = ended(bot, tell(bot, phone=phone))
    assert (notice.rung, left(notice)) == ("sms", ["chat: left", "template: left"])


@pytest.mark.parametrize("closed", [False, True])
def test_what_may_have_arrived_is_never_sent_again(bot: Bot, closed: bool) -> None:
    """Alipay knows no key of ours: neither a message nor a wording is repeated."""
    out_of_the_window(bot) if closed else spoken(bot)
    via = "template" if closed else "custom"
    ill(bot, error="lost", times=1)
    notice = ended(bot, tell(bot, phone=str(next(_phones))))
    assert (notice.state, notice.rung) == ("unknown", "template" if closed else "chat")
    assert len([text for text in arrived(bot, via) if "社保功能已启用" in text]) == 1


def test_what_is_better_told_twice_goes_on_with_the_next_rung(bot: Bot) -> None:
    spoken(bot)
    ill(bot, error="wrong_sign", times=1)
    notice = ended(bot, tell(bot, "returned"))
    assert (notice.state, notice.rung, left(notice)) == ("sent", "template", ["chat: unknown"])


def test_a_gateway_that_is_away_for_a_moment_is_asked_again(bot: Bot) -> None:
    spoken(bot)
    ill(bot, error="refuse", times=2)
    notice = ended(bot, tell(bot))
    assert notice.rung in ("chat", "template"), "refused before or after it was read"
    assert notice.state in ("sent", "unknown")


def test_a_visitor_of_the_mini_program_gets_what_they_subscribed_to(bot: Bot) -> None:
    spoken(bot)
    bot.post(type="subscription", template=MINI, accept=True)
    with bot.database.writing() as records:
        account_of(records, f"mini_alipay:{APP_ID}:{bot.user}", bot.clock())
        add_credits(records, f"mini_alipay:{APP_ID}:{bot.user}", {MINI: 1}, bot.clock())
    notice = ended(bot, tell(bot, channel="mini_alipay"))
    assert (notice.state, notice.rung, notice.steps) == ("sent", "subscription", [])
    (text,) = arrived(bot, "subscription")
    assert "YZ2611230731" in text
    phone = str(next(_phones))
    second = ended(bot, tell(bot, channel="mini_alipay", phone=phone))
    assert (second.rung, left(second)) == ("sms", ["subscription: no credit"])
