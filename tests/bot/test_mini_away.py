"""A mini program's chat while Redis is away: the apology goes by customer-service message."""

from __future__ import annotations

from pathlib import Path

from tests.bot.channels.wechat.caller import MINI, Caller
from tests.bot.channels.wechat.platform import running
from tests.bot.channels.wechat.pushes import text_push
from tests.bot.site import Site


def test_without_redis_the_person_still_hears_an_apology(tmp_path: Path) -> None:
    with running() as platform:
        nowhere = f"unix://{tmp_path}/no.sock"
        site = Site(tmp_path, nowhere, **MINI, wechat_mini_api_base=platform.address)
        assert Caller.of_mini(site).sealed(text_push("办卡")).is_success
        sent = [call.json for call in platform.calls if call.path.endswith("message/custom/send")]
        apology = site.parts.texts.say("zh_CN", "apology")
        assert [message["text"]["content"] for message in sent] == [apology]
        site.close()


def test_without_redis_and_platform_the_push_is_acknowledged_all_the_same(tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/no.sock"
    site = Site(tmp_path, nowhere, **MINI, wechat_mini_api_base="http://127.0.0.1:1")
    assert Caller.of_mini(site).sealed(text_push("办卡")).is_success
    site.close()
