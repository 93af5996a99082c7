"""A picture is a picture: no error, page or redirect is taken for one, and none is too large."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway
from bot.channels.alipay.media import METHOD, fetch_image
from tests.bot.channels.alipay.answers import Answer, fault, raw, signed
from tests.bot.channels.wechat.platform import Platform, hang_up, page, redirect, status

FILES = "/chat/multimedia.do"
SUCCESSOR = "alipay.open.public.multimedia.download.proxy"
JPEG = b"\xff\xd8\xff" + b"p" * 3000


def fetched(gateway: Gateway, server: Platform, limit: int = 10_000, method: str = METHOD) -> bytes:
    return fetch_image(gateway, "m1", limit, f"{server.address}{FILES}", method)


@pytest.mark.parametrize("head", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF"])
def test_a_picture_comes_as_it_is(gateway: Gateway, server: Platform, head: bytes) -> None:
    server.says(FILES, head + b"x" * 100)
    assert fetched(gateway, server) == head + b"x" * 100


@pytest.mark.parametrize(("method", "name"), [(METHOD, "mediaId"), (SUCCESSOR, "media_id")])
def test_it_is_asked_for_by_a_signed_call(
    gateway: Gateway, server: Platform, method: str, name: str
) -> None:
    server.says(FILES, JPEG)
    fetched(gateway, server, method=method)
    call = server.calls[-1]
    assert (call.query["method"], bool(call.query["sign"])) == (method, True)
    assert dict(parse_qsl(call.body.decode())) == {"biz_content": f'{{"{name}":"m1"}}'}


NONE: dict[str, tuple[Answer | Any, Kind]] = {
    "gone": (signed(METHOD, fault("40004", "INVALID_MEDIA_ID")), Kind.REFUSED),
    "gone, unsigned": (signed(METHOD, fault("40004", "X"), unsigned=True), Kind.REFUSED),
    "no right": (signed(METHOD, fault("40006", "isv.insufficient-isv-permissions")), Kind.RIGHTS),
    "a success in JSON": (signed(METHOD, {"code": "10000"}), Kind.MEDIA),
    "HTML": (page, Kind.AWAY),
    "a text": (b"hello", Kind.MEDIA),
    "nothing": (b"", Kind.MEDIA),
    "502": (status(502), Kind.AWAY),
    "hang up": (hang_up, Kind.AWAY),
    "elsewhere": (redirect, Kind.CONFIGURATION),
    "too large": (raw(JPEG * 10), Kind.MEDIA),
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_picture_is_not_taken_for_one(
    gateway: Gateway, server: Platform, case: str
) -> None:
    answer, kind = NONE[case]
    server.says(FILES, answer)
    with pytest.raises(GatewayError) as refused:
        fetched(gateway, server)
    assert refused.value.kind is kind
    assert not refused.value.unknown, "fetching does nothing"


def test_it_is_fetched_again_where_the_first_try_failed(gateway: Gateway, server: Platform) -> None:
    busy = signed(METHOD, fault("20000", "aop.unknow-error"))
    server.says(FILES, hang_up, busy, JPEG)
    assert fetched(gateway, server) == JPEG
