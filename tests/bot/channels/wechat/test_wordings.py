"""The account's approved wordings against those that notices are filled into."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.wechat.checkup import Checkup
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.wordings import wordings
from bot.doctor.findings import Finding
from config.city import load_city
from config.template_book import WECHAT_RUNGS, WordingRung
from config.templates import Templates
from tests.bot.channels.wechat.platform import Platform

_LISTS: dict[WordingRung, tuple[str, str, str]] = {
    "template": ("/cgi-bin/template/get_all_private_template", "template_list", "template_id"),
    "subscription": ("/wxaapi/newtmpl/gettemplate", "data", "priTmplId"),
    "mini_subscription": ("/wxaapi/newtmpl/gettemplate", "data", "priTmplId"),
}
ON_EVERY_RUNG = pytest.mark.parametrize("rung", WECHAT_RUNGS)


def _account(platform: Platform, rung: WordingRung, **contents: str) -> None:
    """What the account has: the content of each template by its id."""
    path, name, key = _LISTS[rung]
    listed: list[dict[str, Any]] = [
        {key: template, "title": "通知", "content": content}
        for template, content in contents.items()
    ]
    platform.says(path, {"errcode": 0, name: listed})


def _looked(client: PlatformClient, rung: WordingRung, **ids: str) -> list[Finding]:
    checkup = Checkup("wechat", client, lambda: datetime.now(UTC))
    return list(wordings(checkup, rung, Templates.load(load_city()).wanted(rung), ids))


def _content(rung: WordingRung, name: str) -> str:
    """As the platform shows the fields that we fill."""
    fields = Templates.load(load_city()).wanted(rung)[name].fields
    return "\n".join(f"{slot.label}：{{{{{slot.key}.DATA}}}}" for slot in fields)


@ON_EVERY_RUNG
def test_a_wording_the_account_has_is_well(
    client: PlatformClient, platform: Platform, rung: WordingRung
) -> None:
    _account(platform, rung, T1=_content(rung, "progress"))
    first, *others = _looked(client, rung, progress="T1")
    assert (first.level, first.remedy) == ("ok", "")
    assert {found.level for found in others} == {"warning"}, "those without an id"


@ON_EVERY_RUNG
def test_a_wording_the_account_does_not_have_says_what_to_apply_for(
    client: PlatformClient, platform: Platform, rung: WordingRung
) -> None:
    _account(platform, rung)
    first, *_ = _looked(client, rung, progress="T1")
    assert (first.level, "no template T1" in first.told) == ("fault", True)
    wording = Templates.load(load_city()).wanted(rung)["progress"]
    for part in (wording.title, *(slot.label for slot in wording.fields), f"[wechat.{rung}s]"):
        assert part in first.remedy


@ON_EVERY_RUNG
def test_other_fields_than_are_filled_are_a_fault(
    client: PlatformClient, platform: Platform, rung: WordingRung
) -> None:
    _account(platform, rung, T1="事项：{{thing7.DATA}}")
    first, *_ = _looked(client, rung, progress="T1")
    assert (first.level, "thing7" in first.told) == ("fault", True)


@ON_EVERY_RUNG
def test_without_the_right_other_roads_are_taken_unless_the_city_counts_on_it(
    client: PlatformClient, platform: Platform, rung: WordingRung
) -> None:
    platform.says(_LISTS[rung][0], {"errcode": 48001, "errmsg": "api unauthorized"})
    (unused,) = _looked(client, rung)
    assert (unused.level, "another road" in unused.told) == ("warning", True)
    (counted_on,) = _looked(client, rung, progress="T1")
    assert (counted_on.level, "verify it" in counted_on.remedy) == ("fault", True)


def test_an_id_for_what_no_notice_says_is_told(client: PlatformClient, platform: Platform) -> None:
    _account(platform, "template", T1="")
    first, *_ = _looked(client, "template", progres="T1")
    assert (first.level, "progress" in first.remedy) == ("warning", True)
