"""What the phone page shows as WeChat does: taps, menus, cards, late answers, desk, mini."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.simulator.server import RunningSimulator
from bot.simulator.settings import HERE
from tests.bot.simulator.account import Account
from tests.bot.simulator.browser import chromium, page_at, page_faults
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import MINI_APP_ID, Webhook, say

Run = Callable[..., RunningSimulator]
WIDTHS = [360, 1280]
PICTURE = HERE / "pictures" / "landscape.jpg"
SITE = "http://card.example/"
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent={}&msgmenuid={}">{}</a>'
MENU = [
    {"type": "click", "name": "办卡", "key": "apply"},
    {
        "name": "查询",
        "sub_button": [
            {"type": "click", "name": "办到哪一步", "key": "progress"},
            {"type": "view", "name": "隐私说明", "url": f"{SITE}privacy"},
        ],
    },
    {
        "name": "我的",
        "sub_button": [
            {
                "type": "miniprogram",
                "name": "小程序",
                "appid": MINI_APP_ID,
                "pagepath": "pages/card",
                "url": SITE,
            }
        ],
    },
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, phone: Phone) -> Iterator[Page]:
    phone.event("subscribe")
    address = f"{phone.simulator.url}/simulator?user={phone.openid}"
    with page_at(browser, request.param, address) as page:
        page.route(
            f"{SITE}**",
            lambda route: route.fulfill(body="官网", content_type="text/html; charset=utf-8"),
        )
        yield page
        assert page_faults(page) == []


def texts(webhook: Webhook) -> list[tuple[str, str | None]]:
    """The texts that were pushed, each with the id of the option that was tapped."""
    pushed = [push for push in webhook.pushes if push.type == "text"]
    return [(push.content, push._data.get("bizmsgmenuid")) for push in pushed]


def events(webhook: Webhook) -> list[tuple[str, str]]:
    """The events that were pushed, with their keys."""
    told = [push._data for push in webhook.pushes if push._data.get("MsgType") == "event"]
    return [(each["Event"], each.get("EventKey") or "") for each in told]


def soon(check: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(200):
        if check():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def test_options_are_links_in_the_bubble_and_a_tap_sends_their_words(
    page: Page, webhook: Webhook
) -> None:
    first = LINK.format("%E5%8A%9E%E5%8D%A1", "0123456789-1", "1 办卡")
    options = f"{first}\n{LINK.format('查进度', '0123456789-2', '2 查进度')}"
    webhook.answer = say(f"您好：\n{options}\n0 返回 · 9 人工")
    page.fill("#say", "你好")
    page.keyboard.press("Enter")
    links = page.locator(".message.bot .bubble .inline")
    expect(links).to_have_text(["1 办卡", "2 查进度"])
    assert page.locator(".message.bot .bubble").inner_text().startswith("您好：\n1 办卡\n2 查进度")
    expect(page.locator(".chip")).to_have_text(["1 办卡", "2 查进度", "0 返回", "9 人工"])
    links.first.click()
    soon(lambda: ("办卡", "0123456789-1") in texts(webhook))
    expect(page.locator(".message.user .bubble").last).to_have_text("办卡")
    links.nth(1).focus()
    page.keyboard.press("Enter")
    soon(lambda: ("查进度", "0123456789-2") in texts(webhook))


def test_a_menu_message_shows_its_options_as_links(
    page: Page, phone: Phone, account: Account, webhook: Webhook
) -> None:
    phone.say("你好")
    options = [{"id": "m-1", "content": "1 都对"}, {"id": "m-2", "content": "2 有不对的"}]
    menu = {"head_content": "读好了，对吗？", "list": options, "tail_content": "0 返回"}
    assert account.send(phone.openid, msgmenu=menu) == 0
    bubble = page.locator(".message[data-kind=menu] .bubble")
    expect(bubble).to_have_text("读好了，对吗？\n1 都对\n2 有不对的\n0 返回")
    bubble.locator(".inline").nth(1).click()
    soon(lambda: ("2 有不对的", "m-2") in texts(webhook))


# --- waiting and late answers --------------------------------------------------------------------


def test_who_waits_sees_it_and_the_late_answer_arrives_by_itself(
    page: Page, phone: Phone, account: Account, webhook: Webhook
) -> None:
    let_go = threading.Event()

    def slowly(message: object) -> str | bytes:
        let_go.wait(0.4)
        answer = say("正在处理，请稍候，结果马上发给您。")(message)
        assert isinstance(answer, str | bytes)
        return answer

    webhook.answer = slowly
    page.fill("#say", "照片")
    page.keyboard.press("Enter")
    expect(page.locator("#chat-title")).to_have_text("对方正在输入…")
    expect(page.locator(".message.waiting")).to_have_count(1)
    let_go.set()
    bubbles = page.locator(".message.bot:not(.waiting)")
    expect(bubbles.last).to_have_text("社小助手：正在处理，请稍候，结果马上发给您。")
    assert account.send(phone.openid, text={"content": "读好了。"}) == 0
    expect(bubbles.last).to_contain_text("读好了。")
    expect(bubbles.last).to_have_attribute("data-via", "custom")
    expect(bubbles.last).to_have_class("message bot arrived")


# --- the menu bar --------------------------------------------------------------------------------


def test_before_a_menu_is_published_there_is_the_keyboard(page: Page) -> None:
    expect(page.locator("#menubar")).to_be_hidden()
    expect(page.locator("#to-menu")).to_be_hidden()
    expect(page.locator("#say")).to_be_visible()


def test_the_published_menu_takes_the_keyboards_place(
    page: Page, account: Account, webhook: Webhook
) -> None:
    assert account.post("menu/create", {"button": MENU})["errcode"] == 0
    tops = page.locator(".menu-top")
    expect(tops).to_have_text(["办卡", "查询", "我的"])
    expect(page.locator("#say")).to_be_hidden()
    tops.nth(0).click()
    soon(lambda: ("CLICK", "apply") in events(webhook))
    tops.nth(1).click()
    expect(tops.nth(1)).to_have_attribute("aria-expanded", "true")
    page.click(".menu-list >> text=办到哪一步")
    soon(lambda: ("CLICK", "progress") in events(webhook))
    expect(page.locator(".menu-list >> nth=0")).to_be_hidden()
    page.click("#to-keyboard")
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.type("你好")
    page.keyboard.press("Enter")
    soon(lambda: ("你好", None) in texts(webhook))
    page.click("#to-menu")
    expect(tops.nth(0)).to_be_visible()
    assert account.get("menu/delete")["errcode"] == 0
    expect(page.locator("#say")).to_be_visible()


def test_the_menu_is_used_by_keyboard_alone(page: Page, account: Account, webhook: Webhook) -> None:
    assert account.post("menu/create", {"button": MENU})["errcode"] == 0
    second = page.locator(".menu-top").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".menu-list button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(second).to_be_focused()
    expect(page.locator(".menu-list >> nth=0")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    soon(lambda: ("CLICK", "progress") in events(webhook))


def test_a_page_of_the_menu_opens_inside_the_phone(
    page: Page, account: Account, webhook: Webhook
) -> None:
    address = f"{SITE}home"
    view = {"type": "view", "name": "官网", "url": address}
    assert account.post("menu/create", {"button": [view]})["errcode"] == 0
    page.click(".menu-top")
    soon(lambda: ("VIEW", address) in events(webhook))
    expect(page.locator("#web")).to_be_visible()
    expect(page.locator("#web-close")).to_be_focused()
    expect(page.frame_locator("#web-page").locator("body")).to_have_text("官网")
    assert page.locator("#web-out").get_attribute("href") == address
    page.keyboard.press("Escape")
    expect(page.locator("#web")).to_be_hidden()
    expect(page.locator(".menu-top")).to_be_focused()


# --- cards ---------------------------------------------------------------------------------------


def test_a_template_message_is_a_card_with_its_fields(
    page: Page, phone: Phone, account: Account
) -> None:
    values = {"character_string1": "YZ2611230731", "thing2": "审核通过", "phrase3": "制卡中"}
    data = {name: {"value": value} for name, value in values.items()}
    message = {"touser": phone.openid, "template_id": "T-PROGRESS", "data": data}
    assert account.post("message/template/send", {**message, "url": SITE})["errcode"] == 0
    card = page.locator(".card.notice")
    expect(card.locator(".card-title")).to_have_text("社保卡办理进度通知")
    expect(card.locator("dt")).to_have_text(["受理编号", "进度", "状态"])
    expect(card.locator("dd")).to_have_text(list(values.values()))
    card.locator(".card-more").click()
    expect(page.locator("#web")).to_be_visible()
    page.click("#web-close")


def test_a_subscription_message_is_a_card_that_opens_the_mini_program(
    page: Page, phone: Phone, account: Account
) -> None:
    phone.send(type="subscription", template="S-READY", accept=True)
    data = {"character_string1": {"value": "YZ2611230731"}, "thing2": {"value": "可以领卡"}}
    message = {
        "touser": phone.openid,
        "template_id": "S-READY",
        "data": data,
        "miniprogram": {"appid": MINI_APP_ID, "pagepath": "pages/progress"},
    }
    assert account.post("message/subscribe/bizsend", message)["errcode"] == 0
    card = page.locator(".card.notice")
    expect(card.locator(".card-kind")).to_have_text("订阅通知")
    expect(card.locator(".card-title")).to_have_text("领卡通知")
    expect(card.locator("dd")).to_have_text(["YZ2611230731", "可以领卡"])
    card.locator(".card-more").click()
    expect(page.locator("#chat-title")).to_have_text("云州社保卡小程序")


def test_a_mini_programs_card_opens_its_chat(
    page: Page, phone: Phone, account: Account, webhook: Webhook
) -> None:
    phone.say("你好")
    uploaded = upload(account, PICTURE.read_bytes())
    card = {
        "title": "查看社保卡进度",
        "appid": MINI_APP_ID,
        "pagepath": "pages/progress",
        "thumb_media_id": uploaded,
    }
    assert account.send(phone.openid, miniprogrampage=card) == 0
    shown = page.locator(".card.mini")
    expect(shown).to_contain_text("查看社保卡进度")
    expect(shown.locator(".mini-foot")).to_have_text("小程序")
    expect(shown.locator("img")).to_be_visible()
    shown.click()
    expect(page.locator("#chat-title")).to_have_text("云州社保卡小程序")
    expect(page.locator(".phone")).to_have_attribute("data-account", "wechat_mini")
    page.click("#chats-open")
    expect(page.locator(".chat-entry")).to_have_count(2)
    page.click(".chat-entry[data-account=wechat]")
    expect(page.locator("#chat-title")).to_have_text("云州社保卡")
    expect(shown).to_be_visible()


def upload(account: Account, picture: bytes) -> str:
    """The id of a thumbnail at the platform."""
    import requests

    address, params = account.address("media/upload"), {"type": "image"}
    files = {"media": ("a.jpg", picture)}
    asked = {**params, "access_token": account.token}
    told = requests.post(address, params=asked, files=files, timeout=5).json()
    return str(told["media_id"])


# --- the account: following, codes, the desk -----------------------------------------------------


def panel(page: Page) -> None:
    """The panel of the account, which is a sheet where the page is the phone."""
    if page.viewport_size and page.viewport_size["width"] < 720:
        page.click("#account-open")
    expect(page.locator("#panel-account")).to_be_visible()


def test_one_leaves_and_follows_again(page: Page, webhook: Webhook) -> None:
    panel(page)
    page.click("#follow")
    soon(lambda: ("unsubscribe", "") in events(webhook))
    expect(page.locator(".system").last).to_have_text("您取消了关注")
    panel(page)
    expect(page.locator("#follow")).to_contain_text("关注 Follow")
    page.click("#follow")
    soon(lambda: events(webhook).count(("subscribe", "")) == 2)


def test_a_code_is_scanned_by_its_scene(page: Page, webhook: Webhook) -> None:
    panel(page)
    page.click("[data-scene=progress]")
    soon(lambda: ("SCAN", "progress") in events(webhook))
    panel(page)
    page.fill("#scene", "branch-ABC-01")
    page.keyboard.press("Enter")
    soon(lambda: ("SCAN", "branch-ABC-01") in events(webhook))
    panel(page)
    page.click("#follow")
    soon(lambda: ("unsubscribe", "") in events(webhook))
    panel(page)
    expect(page.locator("#follow")).to_contain_text("关注 Follow")
    page.click("[data-scene=apply]")
    soon(lambda: ("subscribe_scan", "apply") in events(webhook))


def test_a_person_at_the_desk_takes_the_chat_answers_and_gives_it_back(
    page: Page, webhook: Webhook
) -> None:
    webhook.answer = hand_over
    page.fill("#say", "9")
    page.keyboard.press("Enter")
    expect(page.locator(".system").last).to_have_text("已转接人工客服")
    panel(page)
    expect(page.locator("#desk-state")).to_contain_text("正在接待")
    page.fill("#desk-text", "您好，我是窗口的工作人员。")
    page.keyboard.press("Enter")
    shown = page.locator(".message.desk").last
    expect(shown).to_contain_text("您好，我是窗口的工作人员。")
    expect(shown.locator(".avatar")).to_have_text("客")
    panel(page)
    page.click("#desk-close")
    soon(lambda: any(name == "kf_close_session" for name, _ in events(webhook)))
    panel(page)
    expect(page.locator("#desk-state")).to_contain_text("没有人在接待")


def hand_over(message: object) -> str | bytes:
    """Answers a text with the desk, events with nothing."""
    from wechatpy.replies import TransferCustomerServiceReply

    if getattr(message, "type", "") != "text":
        return "success"
    rendered: str = TransferCustomerServiceReply(message=message).render()
    return rendered


# --- the mini program ----------------------------------------------------------------------------


def test_the_mini_programs_chat_is_one_of_its_own(
    page: Page, phone: Phone, mini: Account, webhook: Webhook
) -> None:
    phone.say("在公众号里说的")
    page.click("#chats-open")
    page.click(".chat-entry[data-account=wechat_mini]")
    expect(page.locator("#chat-title")).to_have_text("云州社保卡小程序")
    expect(page.locator("#log")).not_to_contain_text("在公众号里说的")
    page.fill("#say", "在小程序里说的")
    page.keyboard.press("Enter")
    expect(page.locator(".message.user")).to_contain_text("在小程序里说的")
    assert mini.send(phone.openid, text={"content": "小程序客服的回答"}) == 0
    answer = page.locator(".message.bot:not(.waiting)", has_text="小程序客服的回答")
    expect(answer).to_be_visible()  # a busy machine may put the fault of a slow push behind it
    page.keyboard.press("Escape")
    page.click("#chats-open")
    page.keyboard.press("Escape")
    expect(page.locator("#chats")).to_be_hidden()
    expect(page.locator("#chats-open")).to_be_focused()
