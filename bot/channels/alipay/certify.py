"""Proof of who somebody is by Alipay: real name, document and face (`user.certify.open.*`).

Asked for by the server, carried out on Alipay's page, and asked about by the server: what the
client says of the end is never believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway

INITIALIZE = "alipay.user.certify.open.initialize"
CERTIFY = "alipay.user.certify.open.certify"
QUERY = "alipay.user.certify.open.query"
ORDER_LENGTH = 32
By = Literal["FACE", "SMART_FACE", "CERT_PHOTO", "CERT_PHOTO_FACE"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says they are: name and number of a mainland identity card."""

    name: str
    id_number: str


@dataclass(frozen=True, slots=True)
class Certified:
    """How it ended: `reason` is Alipay's word for why it was not passed."""

    passed: bool
    reason: str = ""


def begin(gateway: Gateway, order: str, claim: Claim, back: str, by: By = "FACE") -> str:
    """The id of a new certification. `order` is ours, once for each, at most 32 letters and
    digits; `back` is where the person returns to. Raises GatewayError."""
    if not 0 < len(order) <= ORDER_LENGTH:
        raise GatewayError(Kind.BUG, f"an order number of more than {ORDER_LENGTH} characters")
    asked: dict[str, Any] = {
        "outer_order_no": order,
        "biz_code": by,
        "identity_param": {
            "identity_type": "CERT_INFO",
            "cert_type": "IDENTITY_CARD",
            "cert_name": claim.name,
            "cert_no": claim.id_number,
        },
        "merchant_config": {"return_url": back, "face_reserve_strategy": "never"},
    }
    told = gateway.call(INITIALIZE, asked)
    certify_id = told.get("certify_id")
    if not isinstance(certify_id, str) or not certify_id:
        raise GatewayError(Kind.AWAY, "no certify_id in the answer")
    return certify_id


def page(gateway: Gateway, certify_id: str) -> str:
    """The address that the person opens, in a browser or from a mini program. No call is made."""
    return gateway.page(CERTIFY, {"certify_id": certify_id})


def result(gateway: Gateway, certify_id: str) -> Certified:
    """How it ended. Raises GatewayError: EXPIRED when it lasted too long."""
    told = gateway.call(QUERY, {"certify_id": certify_id}, repeatable=True)
    passed = str(told.get("passed", "")).upper() == "T"
    reason = told.get("fail_reason")
    return Certified(passed, "" if passed else str(reason or ""))
