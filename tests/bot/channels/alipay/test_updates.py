"""Every kind of message of a life account: what it says to the bot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.alipay.codec import AlipayCodec, App
from bot.channels.alipay.faults import Unreadable
from bot.channels.alipay.leaves import Leaves
from bot.channels.alipay.updates import name_of, names_in
from bot.channels.alipay.verification import Verifier
from bot.dialogue.messages import AccountKey, Kind, Media, Update
from models.platform_ids import PlatformName
from tests.bot.channels.alipay.sender import APP_ID, OPEN_ID, USER, Sender, cdata, key_of

NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
LEAVES = ("FromOpenId", "OpenId", "open_id")
SENDER = Sender()


def first(names: Sequence[PlatformName]) -> AccountKey:
    if not names:
        raise ValueError
    return AccountKey("alipay", APP_ID, names[0].value)


def codec(now: datetime = NOW, **more: Any) -> AlipayCodec:
    verifier = Verifier(key_of("alipays").public_key())
    return AlipayCodec(APP_ID, {APP_ID: App(verifier)}, lambda: now, id_leaves=LEAVES, **more)


def leaves_of(xml: str) -> Leaves:
    return codec().leaves(codec().open(SENDER.life(xml)), APP_ID)


def update(xml: str) -> Update | None:
    return codec().update(leaves_of(xml), first)


def read(xml: str) -> Update:
    got = update(xml)
    assert got is not None
    assert Update.from_json(got.to_json()) == got
    return got


def fault(xml: str) -> str:
    with pytest.raises(Unreadable) as refused:
        update(xml)
    return refused.value.reason


QR = json.dumps({"scene": {"sceneId": "hepinglu"}})


@pytest.mark.parametrize(
    ("event", "action", "kind", "key"),
    [
        ("follow", "", Kind.SUBSCRIBE, ""),
        ("follow", QR, Kind.SUBSCRIBE, "hepinglu"),
        ("unfollow", "", Kind.UNSUBSCRIBE, ""),
        ("enter", "", Kind.ENTER, ""),
        ("enter", QR, Kind.ENTER, "hepinglu"),
        ("enter", "ordinary", Kind.ENTER, ""),
        ("enter", "[1]", Kind.ENTER, ""),
        ("enter", '{"scene":{"sceneId":7}}', Kind.ENTER, ""),
        ("enter", '{"scene":null}', Kind.ENTER, ""),
        ("enter", "[" * 10_000, Kind.ENTER, ""),
        ("click", "progress", Kind.CLICK, "progress"),
        ("click", "authentication", Kind.CLICK, "progress"),
        ("click", "delete", Kind.CLICK, "unbind"),
        ("Click", "apply", Kind.CLICK, "apply"),
    ],
)
def test_an_event_says_what_happened(event: str, action: str, kind: Kind, key: str) -> None:
    got = read(SENDER.event(event, action))
    assert (got.kind, got.key, str(got.account)) == (kind, key, f"alipay:{APP_ID}:{USER}")


def test_a_text_comes_in_either_of_its_two_forms() -> None:
    nested = read(SENDER.text("  到哪一步了？😀\n "))
    direct = SENDER.xml("<Text><![CDATA[进度]]></Text>", MsgType="text", MsgId="7")
    assert (nested.kind, nested.text) == (Kind.TEXT, "  到哪一步了？😀\n ")
    assert (read(direct).text, read(direct).id) == ("进度", "m-7")


def test_a_picture_is_where_the_platform_keeps_it() -> None:
    got = read(SENDER.image("m-1234", "JPG"))
    assert (got.kind, got.media) == (Kind.IMAGE, Media("m-1234", format="jpg"))
    flat = SENDER.xml(MsgType="image", MediaId="m-2", Format="png", MsgId="8")
    assert read(flat).media == Media("m-2", format="png")
    assert read(SENDER.image("")).kind is Kind.OTHER


@pytest.mark.parametrize("kind", ["voice", "location", "sticker", "new"])
def test_what_nobody_can_read_is_a_message_all_the_same(kind: str) -> None:
    assert read(SENDER.xml(MsgType=kind, MsgId="9")).kind is Kind.OTHER


def test_an_event_of_another_name_is_only_acknowledged() -> None:
    xml = SENDER.event("payment")
    assert update(xml) is None
    assert name_of(leaves_of(xml)) == "other", "nobody can invent a name for the counter"
    assert name_of(leaves_of(SENDER.event("enter"))) == "enter"
    assert name_of(leaves_of(SENDER.xml(MsgType="voice"))) == "voice"


# --- who ------------------------------------------------------------------------------------------


def test_every_id_of_a_person_is_kept() -> None:
    both = leaves_of(SENDER.event("enter", OpenId=OPEN_ID))
    assert names_in(both, LEAVES) == [("user_id", USER), ("open_id", OPEN_ID)]
    new = leaves_of(SENDER.event("enter", FromAlipayUserId="", open_id=OPEN_ID))
    assert names_in(new, LEAVES) == [("open_id", OPEN_ID)]


def test_the_oldest_kind_of_id_counts_where_there_is_no_other() -> None:
    old = leaves_of(f"<XML>{cdata(AppId=APP_ID, FromUserId='aYMv-01')}</XML>")
    assert names_in(old, LEAVES) == [("legacy", "aYMv-01")]


@pytest.mark.parametrize("user", ["", "a:b", "你好", "a b", "x" * 129, "{a}"])
def test_what_cannot_name_an_account_is_refused(user: str) -> None:
    assert fault(SENDER.event("enter", FromAlipayUserId=user, FromUserId="")) == "account"


# --- when and which -------------------------------------------------------------------------------


def age(**by: float) -> str:
    return str(int((NOW + timedelta(**by)).timestamp() * 1000))


@pytest.mark.parametrize("created", [age(hours=-22.9), age(minutes=9), str(int(NOW.timestamp()))])
def test_a_fresh_message_is_taken(created: str) -> None:
    assert read(SENDER.text("好", CreateTime=created)).at <= NOW + timedelta(minutes=10)


@pytest.mark.parametrize("created", [age(hours=-23.1), age(minutes=11), age(days=-400), "1" * 10])
def test_an_old_one_or_one_of_tomorrow_is_not(created: str) -> None:
    assert fault(SENDER.text("好", CreateTime=created)) == "stale"


@pytest.mark.parametrize(
    "created", ["", "soon", "-1", "1e12", "9" * 40, "１７９５３９９４４０５２４"]
)
def test_one_without_a_time_is_not(created: str) -> None:
    assert fault(SENDER.text("好", CreateTime=created)) == "time"


def test_a_message_delivered_again_has_the_same_id() -> None:
    text = SENDER.text("进度")
    assert read(text).id == read(text).id != read(SENDER.text("进度")).id
    event = SENDER.event("enter", QR, CreateTime=age())
    assert read(event).id == read(event).id


@pytest.mark.parametrize(
    "other",
    [
        SENDER.event("enter", CreateTime=age()),
        SENDER.event("follow", QR, CreateTime=age()),
        SENDER.event("enter", QR, CreateTime=age(seconds=-1)),
        SENDER.event("enter", QR, CreateTime=age(), AgreementId="1"),
        SENDER.event("enter", QR, CreateTime=age(), AccountNo="1"),
        SENDER.event("enter", QR, CreateTime=age(), FromAlipayUserId="2088000000000002"),
    ],
)
def test_events_that_differ_in_anything_are_two(other: str) -> None:
    assert read(other).id != read(SENDER.event("enter", QR, CreateTime=age())).id


@pytest.mark.parametrize("number", ["", "a b", "x" * 65, "编号"])
def test_a_message_without_a_plain_number_is_known_by_what_it_holds(number: str) -> None:
    one = SENDER.text("一", MsgId=number, CreateTime=age())
    two = SENDER.text("二", MsgId=number, CreateTime=age())
    assert len(read(one).id) == 42
    assert read(one).id != read(two).id


# --- what is not ours -----------------------------------------------------------------------------


def test_a_message_to_another_application_is_refused() -> None:
    for xml in (SENDER.event("enter", AppId="2021000000000002"), SENDER.event("enter", AppId="")):
        with pytest.raises(Unreadable) as refused:
            leaves_of(xml)
        assert refused.value.reason == "app"


def test_one_without_a_type_is_refused() -> None:
    assert fault(SENDER.xml()) == "type"
