"""The page where WeChat asks whether we may send: readable by anybody, signed where it can be."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from wechatpy.client.api import WeChatJSAPI

from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.pages import sign_page
from bot.website.notices import policy
from config.city import SHIPPED
from config.template_book import read_book
from config.templates import SHIPPED as WORDINGS
from tests.bot.site import Site

TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFGfFDEXAMPLE"
OURS = "https://card.example"
Make = Callable[..., Site]


class Platform:
    """What the page wants of the API's client."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    def within(self, seconds: float) -> Any:
        import contextlib

        assert seconds <= 2, "a visitor is waiting"
        return contextlib.nullcontext()

    def page_ticket(self) -> str:
        if self.fault:
            raise self.fault
        return TICKET


@pytest.fixture
def made(tmp_path: Path, redis: redis_py.Redis, redis_url: str) -> Iterator[Make]:
    """Makes a site whose city has subscriptions by these names."""
    sites = []

    def make(*names: str, fault: Exception | None = None) -> Site:
        ids = "".join(f'{name} = "TPL_{name}"\n' for name in names)
        shipped = SHIPPED.read_text("utf-8")
        header = "[wechat.subscriptions]\n"
        assert header in shipped
        profile = tmp_path / "city.toml"
        profile.write_text(shipped.replace(header, header + ids), "utf-8")
        site = Site(tmp_path, redis_url, city=profile, public_url=OURS)
        site.parts.__dict__["platform"] = Platform(fault)
        sites.append(site)
        return site

    yield make
    for site in sites:
        site.close()


def config_of(page: str) -> dict[str, Any]:
    """What the page tells its script."""
    found = re.search(r'data-config="([^"]*)"', page)
    assert found
    told: dict[str, Any] = json.loads(html.unescape(found[1]))
    return told


def test_the_signature_is_the_one_of_the_manual() -> None:
    """The example of the manual's appendix, and what wechatpy makes of the same values."""
    nonce, stamp, url = "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value"
    ours = sign_page("wx1", TICKET, f"{url}#here", nonce, stamp)
    theirs = WeChatJSAPI().get_jsapi_signature(nonce, TICKET, stamp, url)
    assert ours == {"appId": "wx1", "timestamp": stamp, "nonceStr": nonce, "signature": theirs}


def test_the_page_is_signed_for_the_address_that_residents_see(made: Make) -> None:
    site = made("progress")
    for path in ("/notices", "/notices?lang=en&from=singlemessage"):
        told = config_of(site.client.get(path).text)
        right = sign_page(
            site.parts.settings.wechat_app_id,
            TICKET,
            f"{OURS}{path}",
            told["nonceStr"],
            told["timestamp"],
        )
        assert told == right


@pytest.mark.parametrize(
    ("query", "words"), [("", "办理进度：审核通过"), ("?lang=en", "Progress: approved")]
)
def test_it_says_in_plain_words_what_would_be_sent(made: Make, query: str, words: str) -> None:
    page = made("progress", "action", "reminder").client.get(f"/notices{query}").text
    assert words in page
    assert 'template="TPL_progress,TPL_action,TPL_reminder"' in page
    if query:
        assert not [ch for ch in page.replace("中文", "") if "一" <= ch <= "鿿"]


def test_every_wording_that_can_be_subscribed_to_has_plain_words(made: Make) -> None:
    names = tuple(read_book(WORDINGS).wordings("subscription"))
    for query in ("", "?lang=en"):
        page = made(*names).client.get(f"/notices{query}")
        assert page.status_code == 200


def test_one_press_asks_for_as_many_as_wechat_allows(
    made: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.website.notices.AT_ONCE", 2)
    page = made("progress", "action", "reminder").client.get("/notices").text
    assert re.findall(r'<wx-open-subscribe template="([^"]*)"', page) == [
        "TPL_progress,TPL_action",
        "TPL_reminder",
    ]


def test_without_scripts_and_outside_wechat_it_says_where_to_open_it(made: Make) -> None:
    page = made("progress").client.get("/notices").text
    shown = re.sub(r"<(script|div)[^>]*(hidden|script).*?</\1>", "", page, flags=re.S)
    assert "请在微信里打开这一页" in shown
    assert "随时在公众号里发“进度”" in shown
    assert not re.search(r'<p class="told"[^>]*data-state="outside"[^>]*hidden', page)


@pytest.mark.parametrize(
    "fault",
    [
        PlatformError(Kind.ACCOUNT, "48001", code=48001),
        PlatformError(Kind.TRANSIENT, "timeout", unknown=True),
        PlatformError(Kind.CONFIGURATION, "40164", code=40164),
    ],
    ids=lambda fault: str(fault.detail),
)
def test_without_a_ticket_it_says_so_and_names_the_other_way(made: Make, fault: Exception) -> None:
    page = made("progress", fault=fault).client.get("/notices")
    assert page.status_code == 200
    assert "现在没能连上微信" in page.text
    assert "进度" in page.text
    assert "<script" not in page.text
    assert "wx-open-subscribe" not in page.text


def test_without_templates_there_is_nothing_to_allow(made: Make) -> None:
    page = made(fault=AssertionError("nobody asks for a ticket")).client.get("/notices").text
    assert "现在没有要您同意才能收的通知" in page
    assert "<script" not in page


def test_its_policy_lets_in_wechats_script_and_nothing_more(made: Make) -> None:
    site = made("progress")
    answer = site.client.get("/notices")
    given = answer.headers["Content-Security-Policy"]
    assert given == policy(site.parts.settings.wechat_js_url)
    assert "script-src 'self' https://res.wx.qq.com" in given
    assert "default-src 'none'" in given
    assert "script-src 'self' 'unsafe" not in given
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in site.client.get("/").headers["Content-Security-Policy"]


def test_it_knows_nobody(made: Make) -> None:
    assert "Set-Cookie" not in made("progress").client.get("/notices").headers
