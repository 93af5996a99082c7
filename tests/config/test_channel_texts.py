"""What reads otherwise in one channel: chosen there, else the common text; faults refused."""

from __future__ import annotations

import pytest

from config.city import load_city
from config.locales import LocaleFault, Texts

CITY = load_city()


def texts(**own: str) -> Texts:
    table = {"ask": "发位置，{street}", **{k.replace("__", "@"): v for k, v in own.items()}}
    return Texts({"zh_CN": table, "en": table}, CITY)


def test_a_channel_says_its_own_text_and_others_the_common_one() -> None:
    both = texts(ask__web="填地址，{street}")
    both.check()
    assert both.say_in("web", "en", "ask", street="和平路") == "填地址，和平路"
    assert both.say_in("alipay", "en", "ask", street="和平路") == "发位置，和平路"
    assert both.say_in("", "en", "ask", street="和平路") == "发位置，和平路"


@pytest.mark.parametrize("own", [{"asked__web": "谁"}, {"ask__web": "{place}"}])
def test_a_channel_may_not_say_what_nobody_asks_for(own: dict[str, str]) -> None:
    with pytest.raises(LocaleFault, match="web"):
        texts(**own).check()


def test_the_service_starts_with_what_its_channels_say() -> None:
    Texts.load(CITY).check()
