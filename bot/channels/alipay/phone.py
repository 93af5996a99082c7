"""The phone number that a visitor hands over in the mini program (`my.getPhoneNumber`).

The client only carries it: what it holds was sealed with the application's content key and signed
by Alipay, over the ciphertext with its quotation marks. Source: opendocs.alipay.com, 获取会员手机号
and 敏感信息加解密方法.
"""

from __future__ import annotations

import json

from bot.channels.alipay import aes
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import OK, Application
from bot.channels.alipay.signing import holds


def phone_number(app: Application, response: str, signature: str) -> str:
    """The mainland number, eleven digits as Alipay has it. Raises GatewayError: LOGIN for what
    Alipay did not make, or makes an error of."""
    if not app.content_key:
        raise GatewayError(Kind.CONFIGURATION, "no content key to open phone numbers with")
    signed = f'"{response}"'.encode()
    if not holds(app.alipays, signed, signature, app.sign_type):
        raise GatewayError(Kind.LOGIN, "a phone number that Alipay did not sign")
    try:
        told = json.loads(aes.opened(response, app.content_key))
        code, number = str(told.get("code")), told.get("mobile")
    except (aes.SealFault, ValueError, AttributeError, RecursionError):
        raise GatewayError(Kind.LOGIN, "a phone number that cannot be opened") from None
    if code != OK or not isinstance(number, str):
        raise GatewayError.of_answer(
            {"code": told.get("code"), "sub_code": told.get("subCode") or told.get("sub_code")},
            app.refusals,
        ).harmless()
    return number
