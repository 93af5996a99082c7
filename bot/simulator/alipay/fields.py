"""Reading what a call brings, in the gateway's own words for what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.people import Person
from bot.simulator.alipay.refusals import Refusal, invalid

Biz = Mapping[str, Any]


def text(biz: Biz, name: str, most: int = 0) -> str:
    """A text that must be there. Raises `Refusal`."""
    value = biz.get(name)
    if value in (None, ""):
        raise Refusal("40001", "isv.missing-parameter", f"缺少参数{name}")
    if not isinstance(value, str) or (most and len(value) > most):
        raise invalid(detail=f"{name}参数无效")
    return value


def part(biz: Biz, name: str) -> Biz:
    """An object that must be there. Raises `Refusal`."""
    value = biz.get(name)
    if value is None:
        raise Refusal("40001", "isv.missing-parameter", f"缺少参数{name}")
    if not isinstance(value, Mapping):
        raise invalid(detail=f"{name}参数无效")
    return value


def receiver(account: AlipayAccount, biz: Biz, user_id: str, open_id: str) -> Person:
    """Whom a call means: by the one field or by the other. Raises `Refusal`."""
    by_open_id = not biz.get(user_id)
    name = open_id if by_open_id else user_id
    person = account.people.find("open_id" if by_open_id else "user_id", text(biz, name, 64))
    if person is None:
        raise invalid(detail=f"{name}参数无效")
    return person
