"""The service's own client of Alipay's gateway against the simulated one, method by method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from uuid import uuid4

import pytest
import requests
from PIL import Image

from bot.channels.alipay import certify
from bot.channels.alipay.credentials import Given, application
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway, gateway_of
from bot.channels.alipay.identities import Recipient
from bot.channels.alipay.login import Visitor, log_in, refreshed, shared_info
from bot.channels.alipay.menu import publish_menu, published_menu, wanted_menu
from bot.channels.alipay.messages import AlipayMessages, Article, Subscription
from bot.channels.alipay.phone import phone_number
from bot.ports import Filled, SendError
from bot.simulator.server import RunningSimulator
from config.city import load_city
from config.city_alipay import Alipay
from models.platform_ids import IdKind
from tests.bot.simulator.alipay.service import APP_ID, keys, pem, public_pem
from tests.bot.simulator.conftest import Clock, Phone

SECONDS = 5.0
SITE = "https://card.example"


def gateway_for(simulator: RunningSimulator, clock: Clock, city: Alipay) -> Gateway:
    app, platform = keys()
    given = Given(
        APP_ID, pem(app), public_pem(platform.public_key()), aes_key="aa4BtZ4tspm2wnXLb1ThQA=="
    )
    return gateway_of(application(given, city), f"{simulator.url}/alipay/gateway.do", clock=clock)


@pytest.fixture
def gateway(simulator: RunningSimulator, clock: Clock) -> Iterator[Gateway]:
    made = gateway_for(simulator, clock, Alipay())
    yield made
    made.close()


@pytest.fixture
def messages(gateway: Gateway, simulator: RunningSimulator) -> AlipayMessages:
    return AlipayMessages(gateway, media_address=f"{simulator.url}/alipay/chat/multimedia.do")


def named(phone: Phone, kind: IdKind = "user_id") -> Recipient:
    """The person, by the id that pushes name them by, or by the other."""
    if kind == "user_id":
        return Recipient(kind, phone.openid)
    code = requests.post(f"{phone.api}/users/{phone.openid}/auth_code", json={}, timeout=5)
    return Recipient(kind, code.json()["code"])


def got(phone: Phone, via: str) -> list[str]:
    return [each["text"] for each in phone.read() if each.get("via") == via]


def visitor_of(gateway: Gateway, phone: Phone, scope: str = "auth_base") -> Visitor:
    url = f"{phone.api}/users/{phone.openid}/auth_code"
    return log_in(gateway, requests.post(url, json={"scope": scope}, timeout=5).json()["code"])


# --- messages ---


def test_a_text_arrives_within_the_window_of_what_the_person_did(
    messages: AlipayMessages, phone: Phone, clock: Clock
) -> None:
    phone.say("进度")
    messages.send_text(named(phone), "进度2/6：审核{}\n“您好”😀", SECONDS)
    assert got(phone, "custom") == ["进度2/6：审核{}\n“您好”😀"]
    clock.forward(hours=49)
    with pytest.raises(SendError) as refused:
        messages.send_text(named(phone), "晚了", SECONDS)
    assert refused.value.reason == "window"


def test_either_id_is_written_where_it_belongs(
    messages: AlipayMessages, gateway: Gateway, phone: Phone, simulator: RunningSimulator
) -> None:
    phone.say("进度")
    phone.change(ids="both")
    visitor = visitor_of(gateway, phone)
    assert {name.kind for name in visitor.names} == {"user_id", "open_id"}
    for name in visitor.names:
        messages.send_text(Recipient(*name), f"给 {name.kind}", SECONDS)
    assert got(phone, "custom") == ["给 user_id", "给 open_id"]


def test_cards_arrive_too(messages: AlipayMessages, phone: Phone) -> None:
    phone.say("进度")
    card = Article("可以领卡了", "人民路66号", f"{SITE}/progress", action_name="看看")
    messages.send_articles(named(phone), [card], SECONDS)
    assert got(phone, "custom") == [f"可以领卡了\n{SITE}/progress"]


def test_nothing_and_too_much_is_not_even_sent(messages: AlipayMessages, phone: Phone) -> None:
    card = Article("标题", "说明", SITE)
    sends: list[Callable[[], None]] = [
        lambda: messages.send_text(named(phone), "", SECONDS),
        lambda: messages.send_articles(named(phone), [], SECONDS),
        lambda: messages.send_articles(named(phone), [card] * 11, SECONDS),
    ]
    for send in sends:
        with pytest.raises(SendError) as refused:
            send()
        assert refused.value.reason == "bug"
    assert got(phone, "custom") == []


def test_who_does_not_follow_is_not_reached(messages: AlipayMessages, phone: Phone) -> None:
    phone.say("进度")
    phone.event("unfollow")
    with pytest.raises(SendError) as refused:
        messages.send_text(named(phone), "在吗", SECONDS)
    assert refused.value.reason == "permanent"
    assert "PUB.USER_NOT_FOLLOW" in refused.value.detail


def test_an_approved_wording_needs_no_window(
    messages: AlipayMessages, phone: Phone, clock: Clock
) -> None:
    phone.say("进度")
    clock.forward(days=30)
    values = {"keyword1": "YZ2611230731", "keyword2": "可以\n领卡了" + "长" * 60, "remark": ""}
    filled = Filled("template", "SINGLE-PROGRESS", values)
    messages.send_template(named(phone), filled, f"{SITE}/progress", SECONDS)
    (told,) = got(phone, "template")
    assert "受理编号：YZ2611230731\n" in told
    assert "进度：可以 领卡了长" in told
    assert told.count("长") == 43, "fifty characters in all, the last of them …"


@pytest.mark.parametrize(
    ("template", "field", "reason"),
    [("NO-SUCH", "keyword1", "bug"), ("SINGLE-PROGRESS", "thing1", "bug")],
)
def test_a_wording_that_alipay_does_not_have_is_our_own_fault(
    messages: AlipayMessages, phone: Phone, template: str, field: str, reason: str
) -> None:
    phone.say("进度")
    values = {field: "YZ2611230731", "keyword2": "审核"}
    with pytest.raises(SendError) as refused:
        messages.send_template(named(phone), Filled("template", template, values), "", SECONDS)
    assert refused.value.reason == reason
    assert "YZ2611230731" not in str(refused.value)


def test_a_subscription_is_asked_about_and_used_up(messages: AlipayMessages, phone: Phone) -> None:
    phone.say("进度")
    filled = Filled(
        "subscription", "MINI-PROGRESS", {"keyword1": "YZ2611230731", "keyword2": "审核"}
    )
    with pytest.raises(SendError) as refused:
        messages.send_subscription(named(phone), filled, "pages/index/index", SECONDS)
    assert refused.value.reason == "permanent"
    phone.send(type="subscription", templates={"MINI-PROGRESS": True})
    (allowed,) = messages.subscriptions(named(phone), ["MINI-PROGRESS"], SECONDS)
    assert allowed == Subscription("MINI-PROGRESS", allowed=True, lasting=False)
    messages.send_subscription(named(phone), filled, "pages/index/index", SECONDS)
    assert "进度：审核" in got(phone, "subscription")[0]
    (left,) = messages.subscriptions(named(phone), ["MINI-PROGRESS"], SECONDS)
    assert not left.allowed


# --- pictures ---


def picture() -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(made, "JPEG")
    return made.getvalue()


def sent_picture(phone: Phone, image: bytes) -> str:
    """The media id of what the person sent."""
    files = {"file": ("card.jpg", image, "image/jpeg")}
    answer = requests.post(phone.url, data={"type": "image"}, files=files, timeout=20)
    assert answer.ok, answer.text
    found = [each["media"] for each in phone.read() if each["kind"] == "image"]
    return str(found[-1]).rsplit("/", 1)[-1]


def test_a_picture_is_fetched_as_it_was_sent(messages: AlipayMessages, phone: Phone) -> None:
    image = picture()
    media_id = sent_picture(phone, image)
    assert messages.fetch_image(media_id, 1_000_000, SECONDS) == image


@pytest.mark.parametrize(("media_id", "limit"), [("no-such", 1_000_000), ("", 10)])
def test_no_error_and_nothing_too_large_is_taken_for_a_picture(
    messages: AlipayMessages, phone: Phone, media_id: str, limit: int
) -> None:
    media_id = media_id or sent_picture(phone, picture())
    with pytest.raises(SendError) as refused:
        messages.fetch_image(media_id, limit, SECONDS)
    assert refused.value.reason == "permanent"


# --- people ---


def test_a_code_names_its_visitor_once(gateway: Gateway, phone: Phone) -> None:
    url = f"{phone.api}/users/{phone.openid}/auth_code"
    code = requests.post(url, json={}, timeout=5).json()["code"]
    visitor = log_in(gateway, code)
    assert (visitor.user_id, visitor.open_id) == (phone.openid, "")
    assert visitor.recipient == Recipient("user_id", phone.openid)
    with pytest.raises(GatewayError) as refused:
        log_in(gateway, code)
    assert refused.value.kind is Kind.LOGIN
    assert phone.openid not in f"{visitor!r}"


def test_an_app_of_open_ids_alone_is_told_no_other(gateway: Gateway, phone: Phone) -> None:
    phone.change(ids="open_id")
    visitor = visitor_of(gateway, phone)
    assert visitor.user_id == ""
    assert [name.kind for name in visitor.names] == ["open_id"]
    assert not visitor.open_id.isdigit() or len(visitor.open_id) != 16


def test_what_a_visitor_shares_is_read_and_a_late_token_renewed(
    gateway: Gateway, phone: Phone, clock: Clock
) -> None:
    visitor = visitor_of(gateway, phone, "auth_user")
    told, same = shared_info(gateway, visitor)
    assert (told["nick_name"], same) == ("支付宝用户", visitor)
    clock.forward(hours=2)
    told, renewed = shared_info(gateway, visitor)
    assert told["nick_name"] == "支付宝用户"
    assert renewed.access_token != visitor.access_token
    clock.forward(days=31)
    with pytest.raises(GatewayError) as refused:
        shared_info(gateway, renewed)
    assert refused.value.kind is Kind.LOGIN
    with pytest.raises(GatewayError):
        refreshed(gateway, visitor)


def test_what_was_not_granted_is_not_told(gateway: Gateway, phone: Phone) -> None:
    with pytest.raises(GatewayError) as refused:
        shared_info(gateway, visitor_of(gateway, phone))
    assert refused.value.kind is Kind.RIGHTS


def test_a_phone_number_is_opened_where_alipay_signed_it(gateway: Gateway, phone: Phone) -> None:
    url = f"{phone.api}/users/{phone.openid}/phone"
    given = requests.post(url, json={"phone": "13900001234"}, timeout=5).json()
    assert phone_number(gateway.app, given["response"], given["sign"]) == "13900001234"
    for response, sign in (
        (given["response"][:-4] + "AAA=", given["sign"]),
        (given["response"], "A" + given["sign"][1:]),
        (given["response"], ""),
        ("", given["sign"]),
    ):
        with pytest.raises(GatewayError) as refused:
            phone_number(gateway.app, response, sign)
        assert refused.value.kind is Kind.LOGIN


def test_a_certification_is_begun_opened_and_asked_about(gateway: Gateway, phone: Phone) -> None:
    claim = certify.Claim("陈国强", "119999199003070019")
    certify_id = certify.begin(gateway, uuid4().hex, claim, f"{SITE}/back")
    page = certify.page(gateway, certify_id)
    shown = requests.get(page, timeout=5)
    assert shown.ok
    assert claim.id_number not in page
    assert not certify.result(gateway, certify_id).passed
    requests.post(shown.url, data={"passed": "T"}, timeout=5)
    assert certify.result(gateway, certify_id).passed


def test_an_order_number_serves_once(gateway: Gateway) -> None:
    claim, order = certify.Claim("陈国强", "119999199003070019"), uuid4().hex
    certify.begin(gateway, order, claim, SITE)
    with pytest.raises(GatewayError):
        certify.begin(gateway, order, claim, SITE)
    with pytest.raises(GatewayError, match="order number"):
        certify.begin(gateway, "x" * 33, claim, SITE)


# --- the menu ---


def test_the_citys_menu_is_created_then_unchanged_then_modified(gateway: Gateway) -> None:
    menu = load_city().menu
    wanted = wanted_menu(menu, SITE)
    assert published_menu(gateway) is None
    dry = publish_menu(gateway, wanted, dry_run=True)
    assert (dry.published, dry.fault) == (False, "")
    assert publish_menu(gateway, wanted).published
    again = publish_menu(gateway, wanted)
    assert (again.same, again.published) == (True, False)
    other = wanted_menu(menu[:2], SITE)
    assert publish_menu(gateway, other).published
    assert published_menu(gateway) == other


def test_a_menu_that_may_not_be_published_says_why(gateway: Gateway, phone: Phone) -> None:
    phone.change(without=["alipay.open.public.menu.create"])
    change = publish_menu(gateway, wanted_menu(load_city().menu, SITE))
    assert not change.published
    assert "insufficient-isv-permissions" in change.fault
    assert change.remedy


# --- the gateway itself ---


def test_sealed_contents_are_understood_at_both_ends(
    simulator: RunningSimulator, phone: Phone, clock: Clock
) -> None:
    gateway = gateway_for(simulator, clock, Alipay(encrypts=True))
    phone.say("进度")
    AlipayMessages(gateway).send_text(named(phone), "密文里的话}", SECONDS)
    assert got(phone, "custom") == ["密文里的话}"]
    gateway.close()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"error": "40005 isv.app-call-limited"}, "transient"),
        ({"error": "40004 PUB.MSG_BATCH_SD_OVER"}, "quota"),
        ({"error": "20000 aop.unknow-error"}, "unknown"),
        ({"error": "http_502"}, "unknown"),
        ({"error": "html"}, "unknown"),
        ({"error": "cut"}, "unknown"),
        ({"error": "lost"}, "unknown"),
        ({"error": "unsigned"}, "unknown"),
        ({"error": "wrong_sign"}, "unknown"),
        ({"error": "redirect"}, "account"),
    ],
)
def test_a_fault_of_the_platform_is_told_to_the_sender(
    simulator: RunningSimulator,
    messages: AlipayMessages,
    phone: Phone,
    fault: dict[str, object],
    reason: str,
) -> None:
    phone.say("进度")
    address = f"{simulator.url}/simulator/api/faults"
    answer = requests.put(address, json={"alipay": fault}, timeout=5)
    assert answer.ok, answer.text
    with pytest.raises(SendError) as refused:
        messages.send_text(named(phone), "您好", SECONDS)
    assert refused.value.reason == reason
