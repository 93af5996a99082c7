"""A script with RSA and GBK bodies of its own: activation, a follower, proof, progress.

What is answered is read at a gateway of the script's own. Nothing of the product is in either end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import requests

from models.application_states import Actor, State
from models.applications import Application, move
from tests.bot.channels.alipay.sender import CHECK, Sender, public_line, rsa_holds
from tests.end_to_end.alipay_gateway import OwnGateway
from tests.models.making import make_application, make_person
from tests.rig import Bot, running, wait_for

CODE, PHONE, NAME, NUMBER = "530274", "13900001234", "陈国强", "119999199003070019"
ACK = re.compile(rb"<response>(<XML>.*</XML>)</response><sign>(.*)</sign>")


@dataclass
class Script:
    """One person at Alipay: posts signed bodies, reads what comes to the gateway."""

    bot: Bot
    gateway: OwnGateway
    user: str
    read: int = 0
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        self.sender = Sender(self.bot.clock, self.user)

    def post(self, body: bytes) -> bytes:
        answer = requests.post(
            f"{self.bot.site}/alipay",
            data=body,
            headers={"Content-Type": "application/x-www-form-urlencoded;charset=GBK"},
            timeout=10,
        )
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/xml;charset=GBK"
        assert answer.elapsed.total_seconds() < 5, "of a crowded machine; alone it is a tenth"
        return answer.content

    def push(self, xml: str, times: int = 1) -> str:
        """What came by `custom.send` after this message, which is delivered so many times."""
        body = self.sender.life(xml)
        for _ in range(times):
            ack = ACK.search(self.post(body))
            assert ack
            assert rsa_holds("ours", ack[1], ack[2].decode())
            assert f"<![CDATA[{self.user}]]>".encode() in ack[1]
        told = self.gateway.after(self.user, self.read)
        self.read += len(told)
        return "\n\n".join(told)

    def say(self, text: str, times: int = 1) -> str:
        return self.push(self.sender.text(text), times)


@pytest.fixture(scope="module")
def running_bot(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[tuple[Bot, OwnGateway]]:
    folder: Path = tmp_path_factory.mktemp("by_hand")
    gateway = OwnGateway()
    try:
        with running(
            folder, redis_url, codes=lambda: CODE, alipay=True, alipay_gateway=gateway.url
        ) as bot:
            yield bot, gateway
    finally:
        gateway.close()


@pytest.fixture
def script(running_bot: tuple[Bot, OwnGateway]) -> Script:
    """Somebody who has never written before."""
    bot, gateway = running_bot
    return Script(bot, gateway, f"2088{len(gateway.texts):012d}")


def applied_in_wechat(bot: Bot) -> Application:
    """Handed in by the same person in WeChat, and being looked at."""
    with bot.database.writing() as records:
        holder = make_person(records, name=NAME, id_number=NUMBER, phone=PHONE)
        application = make_application(
            records,
            holder,
            account=f"wechat:{bot.settings.wechat_app_id}:{bot.user}",
            answers={"name": NAME, "phone": PHONE},
            now=bot.clock(),
        )
        move(records, application, State.UNDER_REVIEW, Actor.OFFICER, bot.clock())
        records.flush()
        records.expunge_all()
    return application


def on_the_page(bot: Bot, number: str) -> str:
    """The same on the web site, by a browser that nobody knows."""
    bot.clock.shift(timedelta(minutes=5))  # a phone gets a code a minute
    before = len(bot.sms(PHONE))
    with requests.Session() as browser:
        for path, told in (("ask", {"number": number}), ("code", {"code": CODE})):
            page = browser.get(f"{bot.site}/progress", timeout=10).text
            once = re.search(r'name="once" value="([^"]+)"', page)
            assert once
            sent = {"once": unescape(once[1]), **told}
            page = browser.post(f"{bot.site}/progress/{path}", data=sent, timeout=10).text
            wait_for(lambda: len(bot.sms(PHONE)) > before or None)
    return unescape(re.sub(r"<[^>]+>", "", page))


def test_activation_follow_proof_and_progress(script: Script) -> None:
    application = applied_in_wechat(script.bot)
    activated = script.post(script.sender.life(script.sender.event("verifygw"), CHECK))
    assert f"<biz_content>{public_line('ours')}</biz_content>".encode() in activated

    assert "查进度" in script.push(script.sender.event("follow"), times=2)

    asked = script.say("进度", times=3)
    assert "受理号" in asked
    assert "姓名和身份证号" in asked
    assert script.say(f"{NAME} {NUMBER}").startswith("收到。若与申请一致")
    assert script.bot.code(PHONE) == CODE
    told = script.say("530 274")
    assert told.startswith("核对好了。")
    assert f"**强的社保卡（受理号尾号{application.number[-4:]}）进度2/6" in told
    assert NUMBER not in told
    assert "国" not in told.partition("社保卡")[0]

    assert "记住了" in script.say("1")
    assert "**强的社保卡" in script.say("到哪一步了")
    in_wechat = script.bot.say("进度")
    assert f"陈*强的社保卡（受理号尾号{application.number[-4:]}）进度2/6" in in_wechat
    assert "进度2/6" in on_the_page(script.bot, application.number)
    assert script.gateway.refused == []
    assert len(script.gateway.texts[script.user]) == 6, "a message for each of what was said"


def test_an_application_is_filled_in_elsewhere(script: Script) -> None:
    said = script.say("办卡")
    assert f"{script.bot.site}/apply" in said
    assert "<a " not in said
