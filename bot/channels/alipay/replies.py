"""What the gateway is answered, to the byte: the activation, the acknowledgement.

Both are signed over exactly what stands between `<response>` and `</response>`, in the charset that
the declaration names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.channels.alipay.keys import AppKeys
from bot.channels.alipay.signing import SignType, sign

AckForm = Literal["signed", "bare", "success"]
"""How a message is acknowledged; which of them an account insists on is not documented."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and what it is."""

    body: bytes
    media_type: str


SUCCESS = Answer(b"success", "text/plain")
FAIL = Answer(b"fail", "text/plain")


@dataclass(frozen=True, slots=True)
class Answers:
    """Writes what an application answers with its own key. `charset` is `GBK` or `UTF-8`."""

    keys: AppKeys
    app_id: str
    form: AckForm = "signed"

    def activated(self, charset: str, sign_type: SignType = "RSA2") -> Answer:
        """To `verifygw`: our public key, so that the console can compare it."""
        inner = f"<success>true</success>{self._published()}"
        return self._signed(inner, charset, sign_type)

    def not_activated(self, charset: str, sign_type: SignType = "RSA2") -> Answer:
        """To a `verifygw` whose signature does not hold."""
        told = "<success>false</success><error_code>VERIFY_FAILED</error_code>"
        return self._signed(f"{told}{self._published()}", charset, sign_type)

    def acknowledged(
        self, user: str, at: datetime, charset: str, sign_type: SignType = "RSA2"
    ) -> Answer:
        """To every other message of the life account."""
        if self.form == "success":
            return SUCCESS
        told = {"ToUserId": user, "AppId": self.app_id}
        cdata = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in told.items())
        inner = (
            f"<XML>{cdata}<CreateTime>{int(at.timestamp() * 1000)}</CreateTime>"
            "<MsgType><![CDATA[ack]]></MsgType></XML>"
        )
        if self.form == "bare":
            return _xml(inner, charset)
        return self._signed(inner, charset, sign_type)

    def _published(self) -> str:
        return f"<biz_content>{self.keys.published}</biz_content>"

    def _signed(self, inner: str, charset: str, sign_type: SignType) -> Answer:
        signature = sign(self.keys.own, inner.encode(_CODECS[charset]), sign_type)
        whole = (
            f'<?xml version="1.0" encoding="{charset}"?><alipay><response>{inner}</response>'
            f"<sign>{signature}</sign><sign_type>{sign_type}</sign_type></alipay>"
        )
        return _xml(whole, charset)


_CODECS: Mapping[str, str] = {"GBK": "gbk", "UTF-8": "utf-8"}


def answer_charset(asked: str) -> str:
    """The charset of the answer to a message: its own, GBK where it names none that we write."""
    return "UTF-8" if asked.strip().lower() in ("utf-8", "utf8") else "GBK"


def _xml(text: str, charset: str) -> Answer:
    return Answer(text.encode(_CODECS[charset]), f"text/xml;charset={charset}")
