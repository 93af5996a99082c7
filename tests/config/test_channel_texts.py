"""What reads otherwise in one channel: chosen there, else the common text; faults refused."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_the_page_lists_what_the_channels_say_otherwise() -> None:
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (`[a-z_.]+`(?: `[a-z_.]+`)*) \|$", page, re.M)
    listed = {channel: keys.replace("`", "").split() for channel, keys in rows}
    known = Texts.load(CITY)
    assert listed == {channel: known.own_keys(channel) for channel in known.channels()}
