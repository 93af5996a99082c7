"""Every code of the platform's table: as a number and as text, what the sender gets to know of it,
and how often the call was made. The rows stand here again, so that none is lost from the table."""

from __future__ import annotations

import pytest

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import CODES, Kind, PlatformError
from bot.channels.wechat.login import log_in
from bot.channels.wechat.remedies import remedy
from bot.dialogue.messages import Media, Reply
from bot.ports import SendError
from tests.bot.channels.wechat.accounts import PERSON
from tests.bot.channels.wechat.platform import Platform

_SEND, _GET = "/cgi-bin/message/custom/send", "/cgi-bin/media/get"
_LOGIN = "/sns/jscode2session"

ROWS: dict[Kind, tuple[str, tuple[int, ...]]] = {
    Kind.TOKEN: ("transient", (40001, 40014, 42001, 41001)),
    Kind.CONFIGURATION: ("account", (40013, 40125, 40164, 89503, 40243)),
    Kind.TRANSIENT: ("transient", (-1, 45011, 45066)),
    Kind.DAILY_QUOTA: ("quota", (45009, 48006)),
    Kind.WINDOW: ("window", (45047, 45015)),
    Kind.PERSON: ("permanent", (40003, 43004, 43019, 43101, 46004, 48002, 43005)),
    Kind.ACCOUNT: ("account", (48001, 48003, 48004, 48008, 40200, 45028, 45103, 50001, 50002)),
    Kind.BUG: (
        "bug",
        (
            *(40037, 41030, 47001, 47003, 45002, 45008, 45098, 40008, 40033, 44002, 44004),
            *(43001, 43002, 43003, 40059, 40130, 45065, 45067),
        ),
    ),
    Kind.MEDIA: (
        "permanent",
        (40007, 40004, 40005, 40006, 40009, 40012, 41005, 44001, 45001, 46001),
    ),
    Kind.LOGIN: ("bug", (40029, 40163, 40226)),
    Kind.CONTENT: ("bug", (87014, 61010)),
}
EVERY = [
    pytest.param(kind, written, reason, id=f"{kind.value}-{written!r}")
    for kind, (reason, codes) in ROWS.items()
    for code in codes
    for written in (code, str(code))
]


@pytest.mark.parametrize(("kind", "written", "reason"), EVERY)
def test_every_code_has_its_reason_and_is_asked_as_often_as_it_should(
    channel: WeChatChannel, platform: Platform, kind: Kind, written: int | str, reason: str
) -> None:
    platform.says(_SEND, {"errcode": written, "errmsg": "why not rid: 65-1a-2b"})
    with pytest.raises(SendError, match=rf"{reason} {written} rid 65-1a-2b") as fault:
        channel.send(PERSON, Reply("你好"), "key", 2.0)
    assert fault.value.reason == reason
    again = kind is Kind.TOKEN  # once more with another token, and never again
    assert platform.counted()["message/custom/send"] == 1 + again


def test_the_table_holds_these_rows_and_the_codes_of_menus() -> None:
    listed = {kind: set(codes) for kind, codes in CODES.items()}
    listed[Kind.BUG] -= {44003, *range(40015, 40029)}
    assert listed == {kind: set(codes) for kind, (_, codes) in ROWS.items()}


def test_a_code_nobody_has_listed_may_go_through_later(
    channel: WeChatChannel, platform: Platform
) -> None:
    platform.says(_SEND, {"errcode": "98765", "errmsg": "new"})
    with pytest.raises(SendError) as fault:
        channel.send(PERSON, Reply("你好"), "key", 2.0)
    assert fault.value.reason == "transient"


def test_the_quota_of_a_minute_wants_a_minute(channel: WeChatChannel, platform: Platform) -> None:
    platform.says(_SEND, {"errcode": 45011})
    with pytest.raises(SendError) as fault:
        channel.send(PERSON, Reply("你好"), "key", 2.0)
    assert fault.value.wait >= 60


@pytest.mark.parametrize("code", ROWS[Kind.MEDIA][1])
def test_a_file_that_the_platform_does_not_have_is_no_picture(
    channel: WeChatChannel, platform: Platform, code: int
) -> None:
    platform.says(_GET, {"errcode": str(code), "errmsg": "invalid media_id"})
    with pytest.raises(SendError) as fault:
        channel.fetch(Media("media-1"), 10_000, 2.0)
    assert fault.value.reason == "permanent"


@pytest.mark.parametrize("code", [*ROWS[Kind.LOGIN][1], 45011])
def test_a_code_of_a_visitor_is_never_tried_twice(
    client: PlatformClient, platform: Platform, code: int
) -> None:
    platform.says(_LOGIN, {"errcode": code, "errmsg": "invalid code"})
    with pytest.raises(PlatformError) as fault:
        log_in(client, "code-1")
    assert fault.value.kind is (Kind.TRANSIENT if code == 45011 else Kind.LOGIN)
    assert [call.path for call in platform.calls] == [_LOGIN]


def test_a_refused_value_is_told_by_its_field(channel: WeChatChannel, platform: Platform) -> None:
    said = "argument invalid! data.thing2.value invalid rid: 1-2-3 陈国强"
    platform.says(_SEND, {"errcode": 47003, "errmsg": said})
    with pytest.raises(SendError, match=r"47003 data\.thing2\.value rid 1-2-3$"):
        channel.send(PERSON, Reply("你好"), "key", 2.0)


def test_our_address_is_told_where_it_is_not_on_the_list() -> None:
    said = "invalid ip 192.0.2.10 ipv6 ::ffff:192.0.2.10, not in whitelist rid: 1-2"
    fault = PlatformError.of_answer(40164, said)
    assert "192.0.2.10" in fault.detail
    assert "IP list" in remedy(fault)


def test_what_only_an_operator_can_end_says_what_to_do() -> None:
    for kind in (Kind.TOKEN, Kind.CONFIGURATION, Kind.ACCOUNT, Kind.DAILY_QUOTA):
        for code in CODES[kind]:
            assert remedy(PlatformError.of_answer(code, "")), code
