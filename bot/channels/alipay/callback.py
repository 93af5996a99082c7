"""Whether the address in Alipay's console leads to this service: asked as a stranger may ask.

Nobody but Alipay can sign an activation. One that is signed by nobody is answered too, by a refusal
that our key has signed: whoever can write that is this service, with this key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.channels.alipay.codec import CHECK
from bot.channels.alipay.signing import holds
from bot.doctor.callback import OPEN, SECONDS, asked, redirected, unanswered
from bot.doctor.findings import Finding

_ENOUGH = 8192  # bytes of an answer that are looked at
_FORM = {"service": CHECK, "charset": "GBK", "sign_type": "RSA2", "biz_content": "<XML/>"}
_ANSWER = re.compile(rb"<response>(.*)</response><sign>([^<]*)</sign>", re.DOTALL)

_KEY = "give every process the same SHEBAOKA_ALIPAY_PRIVATE_KEY, and start them anew"


def callback(address: str, own: RSAPublicKey) -> Iterator[Finding]:
    """Ask for an activation that nobody signed; `own` is the public half of our key."""
    if urlsplit(address).path.count("/") > 1:
        told = f"{address}: the console has been seen to cut addresses of several parts"
        yield Finding("warning", told, "serve the site at the top of its host")

    def call() -> requests.Response:
        return requests.post(
            address, data=_FORM, timeout=SECONDS, allow_redirects=False, stream=True
        )

    yield asked(address, call, lambda answer: _judged(address, answer, own))


def _judged(address: str, answer: requests.Response, own: RSAPublicKey) -> Finding:
    body = next(answer.iter_content(_ENOUGH), b"")
    if answer.is_redirect:
        return redirected(address)
    found = _ANSWER.search(body)
    if answer.status_code != 200 or found is None:
        return unanswered(address, answer.status_code, "no activation")
    if not holds(own, found[1], found[2].decode("latin-1"), "RSA2"):
        return Finding("fault", f"{address} answers under another key than ours", _KEY)
    if b"<success>false</success>" not in found[1]:
        return Finding("fault", f"{address} lets anybody activate it", OPEN)
    return Finding("ok", f"{address} answers activations with our key, and refuses strangers'")
