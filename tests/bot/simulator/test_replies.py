"""Passive replies are read as strictly as the platform reads them."""

from __future__ import annotations

import base64
import json

import pytest

from bot.simulator.crypto import BadEnvelope, PlatformCrypto
from bot.simulator.reply import BadReply, PassiveReply, ReplyReader
from bot.simulator.settings import Format, Mode

TOKEN, KEY, APP_ID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
CRYPTO = PlatformCrypto(TOKEN, KEY, APP_ID)
HEAD = "<ToUserName>o1</ToUserName><FromUserName>gh</FromUserName><CreateTime>5</CreateTime>"


def read(body: str, mode: Mode = "plain") -> PassiveReply | None:
    return ReplyReader(CRYPTO, mode, "gh").read(body.encode(), "o1")


def reply(inside: str, head: str = HEAD) -> str:
    return f"<xml>{head}{inside}</xml>"


def text(content: str) -> str:
    return reply(f"<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content>")


def sealed(inner: str, **change: str) -> str:
    encrypted = CRYPTO.encrypt(inner.encode())
    fields = {"Encrypt": encrypted, "TimeStamp": "5", "Nonce": "n"}
    fields["MsgSignature"] = CRYPTO.signature("5", "n", encrypted)
    return "<xml>" + "".join(f"<{k}>{v}</{k}>" for k, v in {**fields, **change}.items()) + "</xml>"


def test_the_platforms_own_vectors_agree() -> None:
    signature = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert CRYPTO.agrees(signature, "1714036504", "1514711492")
    encrypted = (
        "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    )
    assert CRYPTO.decrypt(encrypted) == b'{"demo_resp":"good luck"}'
    assert CRYPTO.agrees(
        "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", "1713424427", "415670741", encrypted
    )


@pytest.mark.parametrize("broken", ["", "!", "AAAA", base64.b64encode(bytes(64)).decode()])
def test_an_envelope_that_does_not_fit_is_not_opened(broken: str) -> None:
    with pytest.raises(BadEnvelope):
        CRYPTO.decrypt(broken)


def test_another_accounts_envelope_is_not_opened() -> None:
    with pytest.raises(BadEnvelope):
        CRYPTO.decrypt(PlatformCrypto(TOKEN, KEY, "wx-another").encrypt(b"hello"))


def test_the_replies_of_the_platforms_manual_are_read() -> None:
    assert read("") is None
    assert read("success", "safe") is None
    assert read(text("您好")) == PassiveReply("text", "您好")
    image = reply("<MsgType>image</MsgType><Image><MediaId>m</MediaId></Image>")
    assert read(image) == PassiveReply("image", media="m")
    item = "<item><Title>t</Title><Url>u</Url></item>"
    news = f"<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles>{item}</Articles>"
    assert read(reply(news)) == PassiveReply("link", "t\nu")
    transfer = reply("<MsgType>transfer_customer_service</MsgType>")
    assert read(transfer) == PassiveReply("transfer")
    assert read(sealed(text("好")), "safe") == PassiveReply("text", "好")
    assert read(sealed(text("好")), "compatible") == PassiveReply("text", "好")
    assert read(text("好"), "compatible") == PassiveReply("text", "好")


def test_json_is_read_as_well() -> None:
    fields = {"ToUserName": "o1", "FromUserName": "gh", "CreateTime": 5, "MsgType": "text"}
    assert read(json.dumps({**fields, "Content": "好"})) == PassiveReply("text", "好")


def test_a_text_of_2048_bytes_is_the_longest() -> None:
    assert read(text("好" * 682 + "ab"))
    with pytest.raises(BadReply, match="2048"):
        read(text("好" * 682 + "abc"))


@pytest.mark.parametrize(
    "body",
    [
        "ok",
        "{",
        "[]",
        "<xml/>",
        "<html><p>x</p></html>",
        "success ",
        text("a") + text("b"),
        f"<!DOCTYPE xml>{text('a')}",
        text("a]]>b"),
        text("\x02"),
        text(""),
        reply("<MsgType>text</MsgType>"),
        reply("<MsgType>hologram</MsgType>"),
        reply("<MsgType>image</MsgType>"),
        reply("<MsgType>text</MsgType><MsgType>text</MsgType><Content>a</Content>"),
        reply('<MsgType a="1">text</MsgType><Content>a</Content>'),
        reply("<MsgType>news</MsgType><ArticleCount>2</ArticleCount>"),
        text("a").replace("o1", "o2"),
        text("a").replace("gh", "gx"),
        text("a").replace(">5<", ">now<"),
        sealed(text("a")),
    ],
)
def test_what_the_platform_refuses_is_refused(body: str) -> None:
    with pytest.raises(BadReply):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        text("a"),
        sealed(text("a"), TimeStamp="6"),
        sealed(text("a"), MsgSignature="0" * 40),
        sealed(text("a"), More="x"),
        sealed("not xml"),
    ],
)
def test_safe_mode_takes_nothing_but_a_right_envelope(body: str) -> None:
    with pytest.raises(BadReply):
        read(body, "safe")


def test_every_kind_of_the_manual_is_read() -> None:
    medium = "<{0}><MediaId>m</MediaId><Title>t</Title></{0}>"
    voice = reply("<MsgType>voice</MsgType>" + medium.format("Voice"))
    assert read(voice) == PassiveReply("voice", "t", "m")
    video = reply("<MsgType>video</MsgType>" + medium.format("Video"))
    assert read(video) == PassiveReply("video", "t", "m")
    song = "<Music><Title>t</Title><MusicUrl>u</MusicUrl><ThumbMediaId>m</ThumbMediaId></Music>"
    assert read(reply(f"<MsgType>music</MsgType>{song}")) == PassiveReply("link", "t\nu", "m")
    to = "<TransInfo><KfAccount>desk2@gh</KfAccount></TransInfo>"
    transfer = reply(f"<MsgType>transfer_customer_service</MsgType>{to}")
    assert read(transfer) == PassiveReply("transfer", staff="desk2")
    for kind in ("voice", "video", "music"):
        with pytest.raises(BadReply):
            read(reply(f"<MsgType>{kind}</MsgType>"))


def test_a_mini_program_hands_over_or_says_nothing() -> None:
    reader = ReplyReader(CRYPTO, "plain", "gh", mini=True)
    transfer = reply("<MsgType>transfer_customer_service</MsgType>").encode()
    assert reader.read(transfer, "o1") == PassiveReply("transfer")
    assert reader.read(b"success", "o1") is None
    with pytest.raises(BadReply, match="MsgType"):
        reader.read(text("您好").encode(), "o1")


@pytest.mark.parametrize("form", ["xml", "json"])
def test_an_account_is_answered_in_the_format_it_has_chosen(form: Format) -> None:
    fields = {"ToUserName": "o1", "FromUserName": "gh", "CreateTime": 5, "MsgType": "text"}
    answers = {"xml": text("您好"), "json": json.dumps({**fields, "Content": "您好"})}
    reader = ReplyReader(CRYPTO, "plain", "gh", form=form)
    assert reader.read(answers.pop(form).encode(), "o1") == PassiveReply("text", "您好")
    with pytest.raises(BadReply, match="chosen"):
        reader.read(answers.popitem()[1].encode(), "o1")
