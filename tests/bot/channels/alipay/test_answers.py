"""What the gateway is answered, byte by byte; the signatures checked by the test's own RSA."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from bot.channels.alipay.keys import read_keys
from bot.channels.alipay.replies import AckForm, Answers, answer_charset
from tests.bot.channels.alipay.sender import APP_ID, USER, private_pem, public_line, rsa_holds

NOW = datetime(2026, 11, 23, 2, 4, 0, 524_000, tzinfo=UTC)
KEYS = read_keys(private_pem("ours"), public_line("alipays"))
INNER = re.compile(rb"<response>(.*)</response><sign>(.*)</sign>")


def answers(form: AckForm = "signed") -> Answers:
    return Answers(KEYS, APP_ID, form)


def parted(body: bytes) -> tuple[bytes, bytes]:
    """The body with its signature cut out, and that signature."""
    found = INNER.search(body)
    assert found
    return body.replace(found[2], b"SIGN"), found[2]


@pytest.mark.parametrize("sign_type", ["RSA2", "RSA"])
@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_the_activation_is_answered_by_our_own_public_key(charset: str, sign_type: str) -> None:
    answer = answers().activated(charset, sign_type)  # type: ignore[arg-type]
    inner = (
        b"<success>true</success><biz_content>" + public_line("ours").encode() + b"</biz_content>"
    )
    whole, signature = parted(answer.body)
    assert whole == (
        b'<?xml version="1.0" encoding="' + charset.encode() + b'"?><alipay><response>' + inner
        + b"</response><sign>SIGN</sign><sign_type>" + sign_type.encode()
        + b"</sign_type></alipay>"
    )  # fmt: skip
    assert rsa_holds("ours", inner, signature.decode(), sign_type)
    assert answer.media_type == f"text/xml;charset={charset}"


def test_a_refused_activation_is_signed_too() -> None:
    inner = (
        b"<success>false</success><error_code>VERIFY_FAILED</error_code><biz_content>"
        + public_line("ours").encode()
        + b"</biz_content>"
    )
    whole, signature = parted(answers().not_activated("GBK").body)
    assert whole == (
        b'<?xml version="1.0" encoding="GBK"?><alipay><response>' + inner
        + b"</response><sign>SIGN</sign><sign_type>RSA2</sign_type></alipay>"
    )  # fmt: skip
    assert rsa_holds("ours", inner, signature.decode())


ACK = (
    f"<XML><ToUserId><![CDATA[{USER}]]></ToUserId><AppId><![CDATA[{APP_ID}]]></AppId>"
    "<CreateTime>1795399440524</CreateTime><MsgType><![CDATA[ack]]></MsgType></XML>"
).encode()


@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_a_message_is_acknowledged_by_a_signed_wrapper(charset: str) -> None:
    answer = answers().acknowledged(USER, NOW, charset)
    whole, signature = parted(answer.body)
    assert whole == (
        b'<?xml version="1.0" encoding="' + charset.encode() + b'"?><alipay><response>' + ACK
        + b"</response><sign>SIGN</sign><sign_type>RSA2</sign_type></alipay>"
    )  # fmt: skip
    assert rsa_holds("ours", ACK, signature.decode())
    assert answer.media_type == f"text/xml;charset={charset}"


def test_a_city_may_choose_the_other_two_forms() -> None:
    assert answers("bare").acknowledged(USER, NOW, "GBK").body == ACK
    assert answers("success").acknowledged(USER, NOW, "GBK").body == b"success"


def test_what_names_no_charset_of_ours_is_answered_in_the_platforms() -> None:
    assert [answer_charset(c) for c in ("utf-8", "UTF8", "GBK", "gb2312", "", "x\r\ny")] == [
        "UTF-8", "UTF-8", "GBK", "GBK", "GBK", "GBK",
    ]  # fmt: skip
