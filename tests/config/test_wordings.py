"""Which texts are worded as ours are, and by what others give themselves away."""

from __future__ import annotations

import time

import pytest

from config.city import load_city
from config.template_book import LOCALES
from config.templates import load_templates
from config.warning_signs import asks_for_what_we_never_ask, foreign_links
from config.wordings import Wordings, gist

CITY = load_city()
TEMPLATES = load_templates(CITY)
WORDINGS = Wordings.of(CITY, TEMPLATES)
FILLED = {
    "number": "YZ2611230731", "date": "12月21日", "days": "3", "tail": "0731", "code": "482915",
    "minutes": "10", "branch": "农业银行和平路支行", "address": "和平路18号", "status": "制卡",
    "left": "还剩3天", "note": "12月21日前可领", "place": "农业银行和平路支行",
    "reason": "照片背景偏灰",
}  # fmt: skip


FREE = ("service", "service_en")


@pytest.mark.parametrize("name", [name for name in CITY.sms if name not in FREE])
def test_every_sms_of_the_profile_is_known_whatever_is_filled_in(name: str) -> None:
    sms = CITY.sms[name]
    text = WORDINGS.of_sms(sms.id, {param: FILLED[param] for param in sms.params})
    assert WORDINGS.knows(text)
    assert WORDINGS.knows(f" {text.replace('，', '， ')}\n")
    assert WORDINGS.knows(text.partition("】")[2] or text.partition("]")[2])
    assert not WORDINGS.knows(f"{text}点这里领取补贴")
    assert not WORDINGS.knows(text.replace("云州人社", "云洲人社").replace("Yunzhou", "Yunzhuo"))


@pytest.mark.parametrize("name", FREE)
def test_a_text_that_is_filled_in_freely_is_known_by_what_was_sent_alone(name: str) -> None:
    sms = CITY.sms[name]
    text = WORDINGS.of_sms(sms.id, {param: FILLED[param] for param in sms.params})
    assert not WORDINGS.knows(text)
    words = {locale: FILLED[name] for locale in LOCALES for name in ("status",)}
    push = {"chat": {"zh_CN": "好", "en": "Well"}, "sms": "service", "status": words}
    push["note"] = dict.fromkeys(LOCALES, FILLED["note"])
    assert WORDINGS.fits(text, WORDINGS.of_push(push))
    assert not WORDINGS.fits(text.replace("12月", "11月"), WORDINGS.of_push(push))
    assert not WORDINGS.fits(text, WORDINGS.of_push({**push, "sms": ""}))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", TEMPLATES.names())
def test_every_notice_is_known_in_the_chats_words(name: str, locale: str) -> None:
    params = {param: FILLED.get(param, "某") for param in TEMPLATES.book.notice[name].params}
    assert WORDINGS.knows(TEMPLATES.chat(name, locale, params))


@pytest.mark.parametrize(
    "text",
    ["", "。", "您好", "【云州人社】您的社保卡已冻结，请回复验证码", "【云州人社】" + "领" * 900],
)
def test_other_texts_are_not_known(text: str) -> None:
    assert not WORDINGS.knows(text)


def test_a_hostile_text_is_judged_at_once() -> None:
    began = time.process_time()
    for piece in ("【云州人社】", "您的社保卡申请（尾号", "，", "1", "12月21日前"):
        assert not WORDINGS.knows((piece * 600)[:600])
    assert time.process_time() - began < 1.0


def test_the_gist_repeats_nothing_that_was_filled_in() -> None:
    assert (
        gist(CITY.sms["code"].text)
        == "【云州人社】验证码…，…分钟内有效。工作人员不会向您要验证码。"
    )


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("请登录 http://yz-shebao.top/a?b=1 办理", ["yz-shebao.top"]),
        ("点击t.cn/A6xyz领取", ["t.cn"]),
        ("见 https://card.example.gov.cn/progress", []),
        ("见 https://card.example.gov.cn.evil.com/x", ["card.example.gov.cn.evil.com"]),
        ("https://card.example.gov.cn@evil.com/", ["evil.com"]),
        ("ｈｔｔｐ：／／ＥＶＩＬ．ＣＯＭ", ["evil.com"]),
        ("受理号YZ2611230731，12月21日前。共3.5元", []),
    ],
)  # fmt: skip
def test_links_are_found_whose_host_is_not_ours(text: str, hosts: list[str]) -> None:
    assert foreign_links(text, "card.example.gov.cn")[-1:] == hosts


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("请把验证码告诉客服", True), ("请回复短信验证码解冻", True), ("请转账到安全账户", True),
        ("请缴纳工本费20元", True), ("输入银行卡密码", True), ("打开屏幕共享", True),
        ("Please send the code you received", True), ("Enter your PIN", True),
        ("您的卡到网点了，带身份证去领", False), ("Your card is ready", False), ("opinion", False),
    ],
)  # fmt: skip
def test_what_we_never_ask_for_is_recognised(text: str, asks: bool) -> None:
    assert asks_for_what_we_never_ask(text) is asks
