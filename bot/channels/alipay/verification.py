"""Whether a call comes from Alipay: its signature over the raw bytes, by the rule of its kind.

Messages of the life account sign `sign_type` with the other fields, From-Ant messages do not
(facts of the platform's demos; its own pages tell of the first only).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.channels.alipay.faults import BadSignature
from bot.channels.alipay.form import Form
from bot.channels.alipay.signing import V1, V2, holds, signed_text


class Family(StrEnum):
    """Which of the platform's services sends a message; told by the field that it alone has."""

    LIFE = "service"  # the life account: activation, events, what people write
    ANT = "msg_method"  # the message service "From Ant"
    NOTIFY = "notify_type"  # its older cousins


_RULES: Mapping[Family, frozenset[bytes]] = MappingProxyType(
    {Family.LIFE: V2, Family.ANT: V1, Family.NOTIFY: V1}
)


def family_of(form: Form) -> Family:
    """Raises BadSignature for a form that no service sends."""
    for family in Family:
        if form.get(family.value.encode()):
            return family
    raise BadSignature("family")


@dataclass(frozen=True, slots=True)
class Verifier:
    """Checks with Alipay's key. `sign_types` are those that are taken, whatever a call asks for.

    With `second_rule` a signature that does not hold by the rule of its kind is tried by the other
    one: both are Alipay's over the same fields. `on_second` hears of each that holds so.
    """

    key: RSAPublicKey
    sign_types: Collection[str] = ("RSA2",)
    second_rule: bool = True
    on_second: Callable[[Family], None] = lambda family: None

    def check(self, form: Form, family: Family) -> None:
        """Raises BadSignature."""
        sign_type = form.text(b"sign_type")
        if sign_type not in self.sign_types:
            raise BadSignature("type")
        signature = form.get(b"sign").decode("latin-1")
        rule = _RULES[family]
        if holds(self.key, signed_text(form.fields, rule), signature, sign_type):
            return
        other = V1 if rule is V2 else V2
        if self.second_rule and holds(
            self.key, signed_text(form.fields, other), signature, sign_type
        ):
            self.on_second(family)
            return
        raise BadSignature("signature")
