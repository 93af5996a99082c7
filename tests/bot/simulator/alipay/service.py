"""A service to push to, with RSA of its own and forms read by hand: nothing of ours is in it."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from alipay import AliPay
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from flask import Flask, Response, request
from werkzeug.serving import make_server

from bot.simulator.alipay.settings import AlipayConfig, AlipayTemplate
from bot.simulator.server import QuietHandler

APP_ID = "2021000000000001"
AES_KEY = base64.b64decode("aa4BtZ4tspm2wnXLb1ThQA==")
KEYWORDS = (("keyword1", "受理编号"), ("keyword2", "进度"))
TEMPLATES = (
    AlipayTemplate("SINGLE-PROGRESS", "办理进度通知", KEYWORDS, "single"),
    AlipayTemplate("MINI-PROGRESS", "办理进度通知", KEYWORDS, "mini"),
)
HASHES = {"RSA2": hashes.SHA256(), "RSA": hashes.SHA1()}  # noqa: S303 - as old apps do


MINI_APP_ID = "2021000000000002"


@cache
def mini_key() -> RSAPrivateKey:
    """The key of the mini program that is an app of its own."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def keys() -> tuple[RSAPrivateKey, RSAPrivateKey]:
    """The app's key and the platform's, drawn once for all tests."""
    return (
        generate_private_key(public_exponent=65537, key_size=2048),
        generate_private_key(public_exponent=65537, key_size=2048),
    )


def config(**change: Any) -> AlipayConfig:
    """The app of the tests."""
    app, platform = keys()
    given: dict[str, Any] = {
        "app_id": APP_ID,
        "app_key": app.public_key(),
        "platform_key": platform,
        "aes_key": AES_KEY,
        "templates": TEMPLATES,
        "patience_seconds": 0.0,
    }
    return AlipayConfig(**{**given, **change})


def pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: RSAPublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def sdk(gateway: str, **more: Any) -> Any:
    """python-alipay-sdk as it is, but for the address."""
    app, platform = keys()
    client = AliPay(
        appid=APP_ID,
        app_private_key_string=pem(app),
        alipay_public_key_string=public_pem(platform.public_key()),
        **more,
    )
    client._gateway = f"{gateway}/alipay/gateway.do"
    return client


def signed(text: bytes, key: RSAPrivateKey, sign_type: str = "RSA2") -> str:
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), HASHES[sign_type])).decode()


def holds(text: bytes, proof: bytes, sign_type: str = "RSA2") -> bool:
    """Whether the platform signed this."""
    key = keys()[1].public_key()
    try:
        key.verify(base64.b64decode(proof), text, padding.PKCS1v15(), HASHES[sign_type])
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True)
class Pushed:
    """One push: its form as bytes, and the leaves of its XML."""

    form: Mapping[str, bytes]
    body: bytes
    leaves: Mapping[str, str]
    content_type: str

    def covers(self, *left_out: str) -> bytes:
        """What its signature should be over, without these fields."""
        taken = sorted((k, v) for k, v in self.form.items() if v and k not in left_out)
        return b"&".join(k.encode() + b"=" + v for k, v in taken)


def bare_ack(push: Pushed) -> bytes:
    return (
        f"<XML><ToUserId><![CDATA[{push.leaves.get('FromAlipayUserId', '')}]]></ToUserId>"
        f"<AppId><![CDATA[{APP_ID}]]></AppId><CreateTime>1</CreateTime>"
        "<MsgType><![CDATA[ack]]></MsgType></XML>"
    ).encode("gbk")


def wrapped(inner: bytes, *, encoding: str = "GBK", key: RSAPrivateKey | None = None) -> bytes:
    """The signed form of an answer."""
    proof = signed(inner, key or keys()[0]).encode()
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><alipay><response>'.encode()
        + inner
        + b"</response><sign>"
        + proof
        + b"</sign><sign_type>RSA2</sign_type></alipay>"
    )


def signed_ack(push: Pushed) -> bytes:
    return wrapped(bare_ack(push))


def one_line() -> str:
    """The app's public key without head, foot and line ends."""
    lines = public_pem(keys()[0].public_key()).strip().splitlines()
    return "".join(lines[1:-1])


def activation(push: Pushed) -> bytes:
    return wrapped(
        f"<success>true</success><biz_content>{one_line()}</biz_content>".encode("ascii")
    )


@dataclass
class Service:
    """Answers every push by `answer`; keeps what came."""

    answer: Callable[[Pushed], bytes | Response] = signed_ack
    pushes: list[Pushed] = field(default_factory=list)
    url: str = ""

    def take(self) -> Response:
        body = request.get_data(cache=True)
        form = dict(_field(part) for part in body.split(b"&"))
        push = Pushed(form, body, leaves_of(form), request.content_type or "")
        self.pushes.append(push)
        answer = self.answer(push)
        return answer if isinstance(answer, Response) else Response(answer, mimetype="text/xml")

    @property
    def events(self) -> list[str]:
        """What was pushed, by event or type, without what came again."""
        told = [p.leaves.get("EventType") or p.leaves.get("MsgType", "") for p in self.pushes]
        return told


def _field(part: bytes) -> tuple[str, bytes]:
    name, _, value = part.partition(b"=")
    return name.decode(), unquote_to_bytes(value.replace(b"+", b" "))


def leaves_of(form: Mapping[str, bytes]) -> dict[str, str]:
    """The leaves of a message's XML; none of what holds JSON."""
    content = form.get("biz_content", b"")
    if not content.startswith(b"<"):
        return {}
    text = content.decode("gb18030" if form["charset"] == b"GBK" else "utf-8")
    tree = ElementTree.fromstring(text)  # noqa: S314 - the simulator's own
    return {e.tag: e.text or "" for e in tree.iter() if len(e) == 0}


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Serve in a thread."""
    app = Flask("alipay_service")
    app.add_url_rule("/alipay", "take", service.take, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


def beijing(clock: Callable[[], Any], seconds: float = 0) -> str:
    """The time as a call tells it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(clock().timestamp() + 8 * 3600 + seconds))
