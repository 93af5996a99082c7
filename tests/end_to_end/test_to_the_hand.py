"""From the first word in the chat to the card in the hand, over real HTTP all the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
import requests

from bot.demo.profile import write_profile
from bot.redis_client import connect_redis
from models.staff import Role
from tests.end_to_end.card_person import CODE, GOLDEN, Person, said
from tests.end_to_end.console_people import somebody
from tests.end_to_end.received import Received
from tests.end_to_end.shown_stage import Stage, stage_in
from tests.end_to_end.staff_browser import StaffBrowser
from tests.end_to_end.walks import picture_read_before
from tests.rig import Bot, Clock, running

ALIPAY = "2088000000001234"
TOLD = (
    *("submitted", "returned", "approved", "sent_to_province", "in_production"),
    *("ready", "collected", "activated"),
)
"""Every notice of the way, by its name in templates.toml."""
LACKS = "差一样东西：住址要重填。"
UNDO = timedelta(seconds=61)


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("hand")
    picture_read_before(*(f"{GOLDEN.person}_{side}" for side in GOLDEN.sides()))
    with closing(connect_redis(redis_url)) as client:
        client.flushall()
    with running(
        folder,
        redis_url,
        clock=Clock(GOLDEN.clock),
        codes=lambda: CODE,
        serials=GOLDEN.serials(),
        profile=write_profile(None, folder),
        alipay=True,
        linger=0.05,
    ) as bot:
        yield bot


class Way:
    """Everybody who has to do with one card."""

    def __init__(self, bot: Bot) -> None:
        self.bot, self.person = bot, Person(bot, ALIPAY)
        self.received = Received(bot, (bot, bot.as_user(ALIPAY, "alipay")), "13900001234")
        self.reviewer = somebody(bot, Role.REVIEWER)
        self.supervisor = somebody(bot, Role.SUPERVISOR)

    def is_shown(self, stage: Stage) -> None:
        """The same in WeChat, in Alipay, on the site and at the console."""
        self.supervisor.get(f"/review/{self.person.application.id}")
        shown = {**self.person.stages(), "console": stage_in(self.supervisor.text)}
        assert shown == dict.fromkeys(shown, stage)

    def is_claimed(self) -> StaffBrowser:
        self.reviewer.post("/review/next", before="/review")
        return self.reviewer

    def is_approved(self) -> None:
        officer = self.is_claimed()
        assert "这一轮改了什么" in officer.text
        assert "团结街8号" in officer.text
        officer.post(officer.action("decide"), kind="approve")
        self.bot.clock.shift(UNDO)
        self.person.comes_to("APPROVED")
        self.received.wait("approved")

    def is_returned(self, finding: str) -> None:
        officer = self.is_claimed()
        address = f"/review/{self.person.application.id}/return"
        officer.post(address, before=address, finding=finding)
        self.bot.clock.shift(UNDO)
        self.person.comes_to("RETURNED")
        self.received.wait("returned")

    def is_corrected_in_alipay(self) -> None:
        """The one field that came back is asked for, and nothing else."""
        assert LACKS in said(self.person.alipay, "你好")
        assert "住的地方" in said(self.person.alipay, "1")
        told = said(self.person.alipay, "城西区团结街8号", "确认")
        assert "已重新提交" in told, told
        self.person.comes_to("RESUBMITTED")

    def lacks_the_same_everywhere(self) -> None:
        """What has to be mended, in the same words wherever the person looks."""
        self.supervisor.get(f"/review/{self.person.application.id}")
        assert stage_in(self.supervisor.text) == self.person.page.stage == (2, "审核")
        for told in (*(said(chat, "进度") for chat in self.person.chats), self.person.page.text):
            assert LACKS in told

    def is_made(self) -> None:
        """The batch leaves in the afternoon; then days pass."""
        self.bot.clock.shift(timedelta(hours=5, minutes=30))
        self.person.comes_to("PROVINCE_CHECKING")
        self.received.wait("sent_to_province")
        self.is_shown((3, "上报"))
        self.person.comes_to("BANK_OPENING", days=True)
        self.is_shown((3, "上报"))
        self.person.comes_to("IN_PRODUCTION", days=True)
        self.received.wait("in_production")
        self.is_shown((4, "制卡"))
        self.person.comes_to("PRODUCED", days=True)
        self.is_shown((4, "制卡"))
        self.person.comes_to("READY_FOR_PICKUP", days=True)
        self.received.wait("ready")

    def is_collected(self) -> StaffBrowser:
        """By the six digits that the person reads out at the branch."""
        clerk = somebody(self.bot, Role.CLERK, self.person.application.branch)
        digits = re.search(r"领卡码：([\d ]+)", said(self.person.wechat, "领卡码"))
        assert digits
        clerk.post("/branch/find", before="/branch", said=digits[1])
        clerk.post(clerk.action("hand-over"))
        self.received.wait("collected")
        return clerk

    def is_switched_on(self, clerk: StaffBrowser) -> None:
        """The social security side in the chat, the bank's side at the counter."""
        assert "分开启用" in said(self.person.alipay, "激活")
        said(self.person.alipay, "1", "1")
        clerk.post(clerk.action("bank-on"))
        assert "银行功能已激活" in clerk.text
        assert "银行功能已经激活" in said(self.person.wechat, "激活")

    def cards_made(self) -> list[int]:
        told = requests.get(f"{self.bot.simulator.url}/simulator/api/cards", timeout=10).json()
        return [card["cards"] for card in told["cards"]]


def test_a_card_comes_to_the_hand(bot: Bot) -> None:
    way = Way(bot)
    way.person.applies()
    way.person.is_known_elsewhere()
    way.is_shown((1, "已提交"))
    way.is_returned("REGION_CODE:lives_at")
    way.lacks_the_same_everywhere()
    way.is_corrected_in_alipay()
    way.is_shown((1, "已提交"))
    way.is_approved()
    way.is_shown((3, "上报"))
    way.is_made()
    way.is_shown((5, "待领/寄送"))
    clerk = way.is_collected()
    way.is_shown((6, "完成"))
    way.is_switched_on(clerk)
    way.is_shown((6, "完成"))
    assert way.cards_made() == [1]
    assert way.received.counts() == dict.fromkeys(TOLD, 1)
