"""What the gateway answers: JSON that calls itself HTML, with 200, signed over the node's text.

Errors found before the caller was known carry no signature, as with the real gateway; the answer
of `alipay.system.oauth.token` that is an error stands under `error_response` and is signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.aes import encrypt
from bot.simulator.alipay.asked import Raw
from bot.simulator.alipay.refusals import Refusal
from bot.simulator.alipay.rsa import sign

OAUTH = "alipay.system.oauth.token"
ERROR_NODE = "error_response"


class Writer:
    """Writes the answers to one call."""

    def __init__(self, account: AlipayAccount, given: Raw) -> None:
        self._config, self._given = account.config, given

    def answer(self, node: Mapping[str, Any], *, encrypted: bool) -> Response:
        """The signed answer of a call that was carried out."""
        return self._signed(self._node, node, encrypted=encrypted)

    def refusal(self, refusal: Refusal) -> Response:
        """The signed answer to a caller who is known."""
        name = ERROR_NODE if self._given.word("method") == OAUTH else self._node
        return self._signed(name, refusal.node, encrypted=False)

    def unsigned(self, refusal: Refusal) -> Response:
        """The answer to a caller who is not."""
        name = self._node if self._given.word("method") else ERROR_NODE
        return self._page(f'{{"{name}":{_text(refusal.node)}}}')

    def garbled(self, refusal: Refusal) -> Response:
        """An error in GBK and without a signature, as the gateway has when it is out of breath."""
        body = f'{{"{self._node}":{_text(refusal.node)}}}'.encode("gb18030")
        return Response(body, content_type="text/html;charset=GBK")

    def stripped(self, node: Mapping[str, Any]) -> Response:
        """A success without a signature, which nobody may believe."""
        return self._page(f'{{"{self._node}":{_text(node)}}}')

    def spoilt(self, node: Mapping[str, Any]) -> Response:
        """A success under the signature of something else."""
        wrong = sign(self._config.platform_key, b"{}", self._given.word("sign_type"))
        return self._page(f'{{"{self._node}":{_text(node)},"sign":"{wrong}"}}')

    @property
    def _node(self) -> str:
        return self._given.word("method").replace(".", "_") + "_response"

    def _signed(self, name: str, node: Mapping[str, Any], *, encrypted: bool) -> Response:
        text = _text(node)
        if encrypted:
            text = f'"{encrypt(self._config.aes_key, text.encode(self._given.codec))}"'
        proof = sign(
            self._config.platform_key, text.encode(self._given.codec), self._given.word("sign_type")
        )
        own = self._config.certificates
        number = f',"alipay_cert_sn":"{own.alipay_sn}"' if own else ""
        return self._page(f'{{"{name}":{text}{number},"sign":"{proof}"}}')

    def _page(self, body: str) -> Response:
        charset = self._given.word("charset") or "utf-8"
        text = body.encode(self._given.codec)
        return Response(text, content_type=f"text/html;charset={charset}")


def _text(node: Mapping[str, Any]) -> str:
    """JSON with `\\/` for `/`, as the gateway writes it: signed as it stands."""
    return json.dumps(node, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
