"""The body as bytes: decoded once, in no charset, each name once."""

from __future__ import annotations

import pytest

from bot.channels.alipay.faults import BadSignature, TooLarge
from bot.channels.alipay.form import MOST_BYTES, read_form


def test_percent_signs_are_decoded_once_and_to_bytes() -> None:
    form = read_form(b"a=%C4%E3%BA%C3&b=%2541&c=1%2B1")
    assert form.fields == ((b"a", "你好".encode("gbk")), (b"b", b"%41"), (b"c", b"1+1"))


def test_a_plus_is_a_blank() -> None:
    assert read_form(b"a=1+2").get(b"a") == b"1 2"


def test_an_equals_sign_belongs_to_the_value_after_the_first() -> None:
    assert read_form(b"sign=ab==&x=").fields == ((b"sign", b"ab=="), (b"x", b""))


def test_a_broken_escape_is_what_it_looks_like() -> None:
    assert read_form(b"a=100%&b=%zz").fields == ((b"a", b"100%"), (b"b", b"%zz"))


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=1&%61=2", b"=1", b"a b=1", b"a%00=1"])
def test_what_no_sender_writes_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        read_form(body)


def test_more_fields_than_any_message_has_are_refused() -> None:
    with pytest.raises(BadSignature):
        read_form(b"&".join(b"f%d=1" % n for n in range(65)))


def test_a_body_larger_than_any_message_is_refused() -> None:
    assert read_form(b"a=" + b"x" * (MOST_BYTES - 2)).get(b"a")
    with pytest.raises(TooLarge):
        read_form(b"a=" + b"x" * (MOST_BYTES - 1))
