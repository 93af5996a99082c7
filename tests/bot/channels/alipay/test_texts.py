"""A reply as the text of one message in Alipay."""

from __future__ import annotations

from bot.channels.alipay.channel import AlipayChannel
from bot.channels.alipay.identities import Recipient
from bot.channels.alipay.texts import shown
from bot.dialogue.messages import AccountKey, Link, Option, Reply
from bot.ports import Filled, SendError

ME = AccountKey("alipay", "2021000000000001", "2088000000000001")
FOOTER = "0 返回 · 9 人工"


class Sent:
    """In the place of the gateway's client and of the records: what was said, and to whom."""

    def __init__(self) -> None:
        self.texts: list[tuple[Recipient, str]] = []

    def recipient(self, account: AccountKey) -> Recipient:
        return Recipient("open_id", account.user)

    def send_text(self, to: Recipient, text: str, timeout: float) -> None:
        self.texts.append((to, text))

    def send_template(self, to: Recipient, message: Filled, url: str, timeout: float) -> str:
        raise SendError("account")

    def fetch_image(self, media_id: str, limit: int, timeout: float) -> bytes:
        raise SendError("account")


def channel(sent: Sent, text_bytes: int = 2048) -> AlipayChannel:
    return AlipayChannel(sent, sent, "https://card.example/", text_bytes=text_bytes)


def test_options_are_numbers_to_be_typed_and_links_are_written_out() -> None:
    reply = Reply(
        "想收到领卡提醒，点这里订阅一次。",
        (Option("1", "记住这个支付宝"), Option("2", "领卡带什么")),
        after="回复数字。",
        links=(Link("notices", "点这里订阅一次"), Link("https://other.example/a?b=c&d", "地图")),
        footer=FOOTER,
        mark="m1",
    )
    assert shown(reply, "https://card.example/") == (
        "想收到领卡提醒，点这里订阅一次。\n1 记住这个支付宝\n2 领卡带什么\n回复数字。\n"
        "点这里订阅一次：https://card.example/notices\n地图：https://other.example/a?b=c&d\n"
        "0 返回 · 9 人工"
    )


def test_what_xml_forbids_does_not_leave() -> None:
    assert shown(Reply("一\x00二\ud800"), "") == "一二"


def test_a_text_is_cut_to_what_one_message_holds_and_keeps_its_choices() -> None:
    sent = Sent()
    reply = Reply("长" * 200, (Option("1", "好"),), footer=FOOTER)
    small = channel(sent, text_bytes=300)
    fitted, taken = small.fit(None, [reply, Reply("下一条")])
    assert taken == 1
    assert fitted is not None
    small.send(ME, fitted, "key", 1.0)
    ((to, text),) = sent.texts
    assert to == Recipient("open_id", ME.user)
    assert len(text.encode()) <= 300
    assert text.endswith(f"…\n1 好\n{FOOTER}")


def test_letters_leave_together_where_they_fit() -> None:
    fitted, taken = channel(Sent()).fit(None, [Reply("一", footer=FOOTER), Reply("二")])
    assert (fitted, taken) == (Reply("一\n\n二"), 2)


def test_a_page_of_the_mini_program_keeps_its_own_address() -> None:
    page = "alipays://platformapi/startapp?appId=2021000000000001&page=pages%2Fsubscribe"
    assert shown(Reply("记住了。", links=(Link(page, "订阅一次"),)), "https://card.example") == (
        f"记住了。\n订阅一次：{page}"
    )


def test_a_picture_is_refused_so_that_its_link_is_shown() -> None:
    try:
        channel(Sent()).send_picture(ME, b"", "key", 1.0)
    except SendError as refused:
        assert refused.reason == "account"
    else:
        raise AssertionError("it went out")


def test_the_manner_of_the_channel_is_the_citys() -> None:
    sent = Sent()
    assert channel(sent).manner.applies is False
    assert AlipayChannel(sent, sent, "", applies=True).manner.applies is True
    assert channel(sent).manner.texts == channel(sent).manner.subscribes == "alipay"
