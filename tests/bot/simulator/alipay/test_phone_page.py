"""The Alipay phone in a real browser, narrow and wide, and beside WeChat's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from bot.simulator.server import RunningSimulator
from bot.simulator.settings import HERE
from tests.bot.simulator.alipay.conftest import Call
from tests.bot.simulator.alipay.service import Pushed, Service, signed_ack
from tests.bot.simulator.browser import chromium, page_at, page_faults
from tests.bot.simulator.conftest import Phone

PICTURE = HERE / "pictures" / "landscape.jpg"
SITE = "http://card.example/"
CUSTOM = "alipay.open.public.message.custom.send"
MENU = [
    {"name": "查进度", "action_type": "out", "action_param": "progress"},
    {
        "name": "办卡",
        "sub_button": [{"name": "去网站", "action_type": "link", "action_param": f"{SITE}apply"}],
    },
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def echo(service: Service, call: Call, phone: Phone) -> None:
    """The service says what came, by custom.send, after its acknowledgement."""

    def answer(push: Pushed) -> bytes:
        leaves = push.leaves
        event = leaves.get("EventType", "")
        said = leaves.get("Content") or f"{event} {leaves.get('ActionParam', '')}".strip()
        if leaves["MsgType"] == "image":
            said = f"图片 {leaves['Format']}"
        if event != "unfollow":
            send(call, phone, f"收到：{said}\n1 查进度\n0 返回 · 9 人工")
        return signed_ack(push)

    service.answer = answer


def send(call: Call, phone: Phone, text: str) -> None:
    told = {"to_user_id": phone.openid, "msg_type": "text", "text": {"content": text}}
    assert '"code":"10000"' in call(CUSTOM, told).text


@pytest.fixture(params=[360, 1280])
def page(
    request: pytest.FixtureRequest, browser: Browser, phone: Phone, echo: None
) -> Iterator[Page]:
    address = f"{phone.simulator.url}/simulator?account=alipay&user={phone.openid}"
    with page_at(browser, request.param, address) as page:
        page.route(
            f"{SITE}**",
            lambda route: route.fulfill(body="官网", content_type="text/html; charset=utf-8"),
        )
        yield page
        assert page_faults(page) == []


def heard(page: Page | Frame, text: str) -> None:
    expect(page.locator(".message.bot:not(.waiting)").last).to_contain_text(text)


def panel(page: Page) -> None:
    page.click("#account-open")


def soon(check: Callable[[], Any]) -> None:
    for _ in range(200):
        if check():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def test_one_follows_writes_chooses_and_sends_a_picture(page: Page, service: Service) -> None:
    page.fill("#say", "进度")
    page.keyboard.press("Enter")
    heard(page, "收到：进度")
    expect(page.locator(".system").first).to_have_text("您关注了生活号")
    expect(page.locator(".chip")).to_have_text(["1 查进度", "0 返回", "9 人工"])
    page.click(".chip >> nth=0")
    heard(page, "收到：1")
    page.set_input_files(
        "#upload", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": PICTURE.read_bytes()}
    )
    heard(page, "收到：图片 jpg")
    assert service.events == ["follow", "text", "text", "image"]


def test_entering_scanning_leaving_and_following_again(page: Page, service: Service) -> None:
    panel(page)
    page.click("#follow")
    heard(page, "收到：follow")
    panel(page)
    page.click("#enter")
    soon(lambda: service.events[-1:] == ["enter"])
    panel(page)
    page.click("[data-scene=progress]")
    soon(lambda: "progress" in service.pushes[-1].leaves.get("ActionParam", ""))
    panel(page)
    page.click("#follow")
    soon(lambda: service.events[-1:] == ["unfollow"])
    expect(page.locator("#following")).to_have_text("未关注")
    expect(page.locator("#desk-part")).to_be_hidden()


def test_a_menu_button_says_its_key_or_opens_a_page(
    page: Page, call: Call, service: Service
) -> None:
    call("alipay.open.public.menu.create", {"button": MENU})
    page.click(".menu-top >> nth=0")
    heard(page, "收到：click progress")
    page.click(".menu-top >> nth=1")
    page.click(".menu-list button >> nth=0")
    expect(page.frame_locator("#web-page").locator("body")).to_have_text("官网")
    page.keyboard.press("Escape")
    expect(page.locator("#web")).to_be_hidden()


def test_an_address_in_a_text_is_a_link_and_markup_is_none(
    page: Page, call: Call, phone: Phone
) -> None:
    phone.event("follow")
    send(call, phone, f'<a href="{SITE}x">一</a>\n办卡：{SITE}apply')
    answer = page.locator(".message.bot .bubble").last
    expect(answer).to_contain_text('<a href="')
    answer.locator("a").last.click()
    expect(page.locator("#web-title")).to_have_text("card.example")
    expect(page.frame_locator("#web-page").locator("body")).to_have_text("官网")
    page.click("#web-close")


def test_the_mini_program_asks_for_leave_and_a_message_comes(
    page: Page, call: Call, phone: Phone
) -> None:
    phone.event("follow")
    send(call, phone, "订阅一次：alipays://platformapi/startapp?appId=2021000000000001")
    page.locator(".message.bot .bubble a").last.click()
    expect(page.locator(".ask-row")).to_have_text(["办理进度通知"])
    page.click(".ask-buttons .allow")
    expect(page.locator(".system").last).to_have_text("您允许发送订阅消息")
    data = '{"keyword1":{"value":"YZ0731"},"keyword2":{"value":"制卡"}}'
    told = {"to_user_id": phone.openid, "user_template_id": "MINI-PROGRESS", "page": "p"}
    call("alipay.open.app.mini.templatemessage.send", {**told, "data": data})
    card = page.locator(".card.notice").last
    expect(card.locator(".card-kind")).to_have_text("服务提醒")
    expect(card.locator("dd")).to_have_text(["YZ0731", "制卡"])


def test_what_the_life_account_cannot_take_is_not_offered(page: Page) -> None:
    page.click("#more")
    for tool in ("places", "voice", "sticker"):
        expect(page.locator(f"[data-tool={tool}]")).to_be_hidden()
    expect(page.locator("#panel-places")).to_be_hidden()


def test_everything_is_done_by_keyboard_alone(page: Page, call: Call, service: Service) -> None:
    keys = page.keyboard

    def go(selector: str, key: str = "Tab") -> None:
        for _ in range(60):
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            keys.press(key)
        raise AssertionError(f"{selector} is not reached by {key}")

    go("[data-app-of=alipay]")
    go("#say")
    keys.type("进度")
    keys.press("Enter")
    heard(page, "收到：进度")
    go(".chip[data-text='1']", "Shift+Tab")
    keys.press("Enter")
    heard(page, "收到：1")
    call("alipay.open.public.menu.create", {"button": MENU})
    page.locator(".menu-top").first.wait_for()
    go(".menu-top", "Tab")
    keys.press("Enter")
    heard(page, "收到：click progress")
    go("#account-open", "Shift+Tab")
    keys.press("Enter")
    go("#enter")
    keys.press("Enter")
    soon(lambda: service.events[-1:] == ["enter"])


def test_the_apps_are_switched_on_one_phone(page: Page, phone: Phone) -> None:
    phone.say("在支付宝里说的")
    expect(page.locator(".message.user").last).to_contain_text("在支付宝里说的")
    page.click("[data-app-of=wechat]")
    expect(page.locator(".message")).to_have_count(0)
    expect(page.locator("[data-app-of=wechat]")).to_have_attribute("aria-pressed", "true")
    page.click("[data-app-of=alipay]")
    expect(page.locator(".message.user").last).to_contain_text("在支付宝里说的")


@pytest.mark.parametrize("width", [360, 1280])
def test_two_phones_stand_beside_each_other_or_one_above_the_other(
    browser: Browser, phone: Phone, simulator: RunningSimulator, echo: None, width: int
) -> None:
    address = f"{simulator.url}/simulator/both?user={phone.openid}"
    with page_at(browser, width, address) as page:
        boxes = [frame.bounding_box() for frame in page.locator("iframe").all()]
        assert boxes[0] and boxes[1]
        assert (boxes[0]["y"] == boxes[1]["y"]) == (width == 1280)
        alipay = page.frame_locator("iframe >> nth=1")
        alipay.locator("#say").fill("进度")
        alipay.locator("#say").press("Enter")
        expect(alipay.locator(".message.bot:not(.waiting)").last).to_contain_text("收到：进度")
        expect(page.frame_locator("iframe >> nth=0").locator(".message")).to_have_count(0)
        expect(alipay.locator("#apps")).to_be_hidden()
        assert page_faults(page) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_check_of_a_face_is_two_buttons(
    browser: Browser, phone: Phone, call: Call, width: int
) -> None:
    who = {
        "identity_type": "CERT_INFO",
        "cert_type": "IDENTITY_CARD",
        "cert_name": "陈国强",
        "cert_no": "119999199003070019",
    }
    asked = {
        "outer_order_no": phone.openid,
        "biz_code": "FACE",
        "identity_param": who,
        "merchant_config": {"return_url": SITE},
    }
    told = call("alipay.user.certify.open.initialize", asked).json()
    id = told["alipay_user_certify_open_initialize_response"]["certify_id"]
    with page_at(browser, width, f"{phone.simulator.url}/alipay/certify/{id}") as page:
        assert page_faults(page) == []
        page.click("button >> nth=0")
        expect(page.locator("p").first).to_have_text("已通过。")
        expect(page.locator("a")).to_have_attribute("href", SITE)
