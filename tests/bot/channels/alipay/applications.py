"""One application at Alipay, as our client and as the SDK's own have it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from alipay import AliPay, DCAliPay

from bot.channels.alipay import credentials
from bot.channels.alipay.gateway import Application
from config.city_alipay import Alipay
from tests.bot.channels.alipay.issuing import certificate_for, key_of, private_pem, public_pem

APP_ID = "2021000000000001"
AES_KEY = "aa4BtZ4tspm2wnXLb1ThQA=="
ROOT = Path(__file__).parent / "vectors" / "root.crt"


def application(
    *, certificates: bool = False, city: Alipay | None = None, **more: str
) -> Application:
    """With keys drawn once in this process."""
    own, alipays = key_of("app"), key_of("alipay")
    keys = certified() if certificates else {"public_key": public_pem(alipays)}
    given = credentials.Given(APP_ID, private_pem(own), **{"aes_key": AES_KEY, **keys, **more})
    return credentials.application(given, city or Alipay())


@cache
def certified() -> dict[str, str]:
    """The three files of certificate mode."""
    return {
        "app_cert": certificate_for(key_of("app")),
        "public_cert": certificate_for(key_of("alipay")),
        "root_cert": ROOT.read_text(),
    }


def untouched(*, certificates: bool = False, sign_type: str = "RSA2") -> Any:
    """python-alipay-sdk's own client of the same application."""
    given: dict[str, Any] = {
        "appid": APP_ID,
        "sign_type": sign_type,
        "app_private_key_string": private_pem(key_of("app")),
    }
    if not certificates:
        return AliPay(alipay_public_key_string=public_pem(key_of("alipay")), **given)
    files = certified()
    return DCAliPay(
        app_public_key_cert_string=files["app_cert"],
        alipay_public_key_cert_string=files["public_cert"],
        alipay_root_cert_string=files["root_cert"],
        **given,
    )
