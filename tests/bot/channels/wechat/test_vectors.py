"""The examples of the platform's own pages: token `AAAAA`, a key of 43 `A`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.channels.wechat.codec import Mode, WeChatCodec
from bot.channels.wechat.crypto import signature

_TOKEN, _AES_KEY, _APP_ID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
_PUSH = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJG"
    "QqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrf"
    "MZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgR"
    "tWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)


def _codec(seconds: int, mode: Mode = "safe", random: str = "") -> WeChatCodec:
    def chance(count: int) -> bytes:
        assert count == len(random)
        return random.encode()

    return WeChatCodec(
        _TOKEN,
        _APP_ID,
        clock=lambda: datetime.fromtimestamp(seconds, UTC),
        mode=mode,
        aes_key=_AES_KEY,
        random_bytes=chance if random else None,
    )


def test_the_console_check_is_echoed() -> None:
    args = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }
    assert _codec(1714036504).echo(args) == "4375120948345356249"


def test_the_signature_of_a_plain_push_is_accepted() -> None:
    args = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    inbound = _codec(1714037059, "plain").open(b'{"MsgType":"event"}', args)
    assert inbound.as_json


def test_a_sealed_push_is_opened() -> None:
    args = {
        "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
        "timestamp": "1714112445",
        "nonce": "415670741",
        "encrypt_type": "aes",
        "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    }
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": _PUSH}).encode()
    inbound = _codec(1714112445).open(body, args)
    assert inbound.fields["Event"] == "debug_demo"
    assert _codec(1714112445).update(inbound) is None


def test_a_sealed_answer_is_written_to_the_letter() -> None:
    codec = _codec(1713424427, random="707722b803182950")
    answer = codec.seal(b'{"demo_resp":"good luck"}', "415670741", 1713424427, as_json=True)
    assert json.loads(answer) == {
        "Encrypt": "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L"
        "32tmxSQ==",
        "MsgSignature": "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
        "TimeStamp": 1713424427,
        "Nonce": "415670741",
    }


def test_the_signature_sorts_what_it_covers() -> None:
    assert signature("b", "c", "a") == signature("a", "b", "c")
