"""A call as it came in: its parameters from query and body, signature, time and content checked.

Source: opendocs.alipay.com, 公共请求参数 and 公共错误码; facts of the order are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Request

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.aes import Unreadable, decrypt
from bot.simulator.alipay.refusals import Refusal, invalid, missing
from bot.simulator.alipay.rsa import agrees, to_sign
from bot.simulator.quotas import BEIJING

CLOCK_SECONDS = 600.0
"""How far a caller's clock may be off; the platform publishes no figure."""

CODECS = {"utf-8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030"}
_NEEDED = ("method", "app_id", "sign_type", "sign", "timestamp", "version")
_MISSING = {"app_id": "app-id", "sign_type": "signature-type", "sign": "signature"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One call whose signature holds. `biz` is its content, decrypted."""

    method: str
    params: Mapping[str, str]
    biz: Mapping[str, Any]
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Raw:
    """What came over the wire, percent-decoded once and nothing more."""

    query: tuple[tuple[str, bytes], ...]
    body: tuple[tuple[str, bytes], ...]

    @property
    def all(self) -> tuple[tuple[str, bytes], ...]:
        return self.query + self.body

    def word(self, name: str) -> str:
        """A parameter that holds ASCII alone, or nothing."""
        value = next((v for k, v in self.all if k == name), b"")
        return value.decode("ascii", "replace")

    @property
    def codec(self) -> str:
        """How the call's texts are to be read, and its answer written."""
        return CODECS.get(self.word("charset").lower(), "utf-8")


def raw(request: Request) -> Raw:
    """The parameters of a request; reads its body. A body that is no form has none."""
    form = request.mimetype == "application/x-www-form-urlencoded"
    body = request.get_data(cache=True) if form else b""
    return Raw(tuple(_pairs(request.query_string)), tuple(_pairs(body)))


def check(account: AlipayAccount, given: Raw) -> Asked:
    """The call that these parameters are. Raises `Refusal`."""
    for name in _NEEDED:
        if not given.word(name):
            raise missing(_MISSING.get(name, name))
    if given.word("app_id") != account.config.app_id:
        raise invalid("app-id")
    names = [name for name, _ in given.all]
    if len(set(names)) != len(names):
        raise Refusal("40002", "isv.suspected-attack")
    _check_form(given)
    _check_certificates(account, given)
    _check_signature(account, given)
    _check_time(account, given)
    return _opened(account, given)


def _pairs(text: bytes) -> Iterator[tuple[str, bytes]]:
    for part in text.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            yield _decoded(name).decode("ascii", "replace"), _decoded(value)


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _check_form(given: Raw) -> None:
    if given.word("charset") and given.word("charset").lower() not in CODECS:
        raise invalid("charset")
    if given.word("format") and given.word("format").lower() != "json":
        raise invalid("format")
    if given.word("sign_type") not in ("RSA", "RSA2"):
        raise invalid("signature-type")
    if given.word("version") != "1.0":
        raise invalid("version")


def _check_certificates(account: AlipayAccount, given: Raw) -> None:
    own = account.config.certificates
    if own is None:
        return
    for name, right in (("app_cert_sn", own.app_sn), ("alipay_root_cert_sn", own.root_sn)):
        if not given.word(name):
            raise missing(name.replace("_", "-"))
        if given.word(name) != right:
            raise Refusal("40002", "isv.app-cert-not-exist")


def _check_signature(account: AlipayAccount, given: Raw) -> None:
    """Over the raw bytes. A charset that stands in the body alone is not seen in time: what is
    not ASCII then reads as something else."""
    in_body = not any(name == "charset" for name, _ in given.query)
    garbled = in_body and any(max(value, default=0) > 0x7F for _, value in given.body)
    text = to_sign(given.all)
    key = account.config.app_key
    if garbled or not agrees(key, text, given.word("sign"), given.word("sign_type")):
        raise invalid("signature")


def _check_time(account: AlipayAccount, given: Raw) -> None:
    """The caller's clock shows Beijing's time, whatever the caller's machine is set to."""
    try:
        told = datetime.strptime(given.word("timestamp"), "%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise invalid("timestamp") from error
    off = told.replace(tzinfo=BEIJING).timestamp() - account.clock.signing()
    if abs(off) > CLOCK_SECONDS:
        raise invalid("timestamp")


def _opened(account: AlipayAccount, given: Raw) -> Asked:
    """The texts, and the content out of its encryption."""
    try:
        params = {name: value.decode(given.codec) for name, value in given.all}
    except UnicodeDecodeError as error:
        raise invalid("charset") from error
    sealed = params.get("encrypt_type", "")
    content = params.get("biz_content", "")
    if sealed:
        content = _decrypted(account, sealed, content).decode(given.codec, "replace")
    return Asked(params["method"], params, _object(content), bool(sealed))


def _decrypted(account: AlipayAccount, sort: str, content: str) -> bytes:
    if sort != "AES":
        raise invalid("encrypt-type")
    if not account.config.aes_key:
        raise missing("encrypt-key")
    try:
        return decrypt(account.config.aes_key, content)
    except Unreadable as error:
        raise invalid("encrypt") from error


def _object(content: str) -> Mapping[str, Any]:
    if not content:
        return {}
    try:
        biz = json.loads(content)
    except ValueError as error:
        raise Refusal("40002", "isv.illegal-json") from error
    if not isinstance(biz, dict):
        raise Refusal("40002", "isv.illegal-json")
    return biz
