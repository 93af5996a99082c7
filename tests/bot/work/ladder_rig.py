"""A ladder to try: a city with approved wordings, a notice for its only person, what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session as Records

from bot.ports import OfficeError, SendError
from config.city import City, WeChat
from config.templates import load_templates
from models.ladders import add_notice
from models.notices import Notice
from models.people import account_of, find_account
from models.subscriptions import add_credits, leave
from tests.bot.turn.rig import CITY, KEYS, NOON, Rig, account
from tests.bot.work.desk_rig import SmsDesk

APPROVED = replace(
    CITY, wechat=WeChat(templates={"progress": "T1"}, subscriptions={"progress": "S1"})
)
PARAMS = {"number": "YZ2611230731"}
PHONE = "13900001234"
WINDOW = SendError("window", "45015")
CHAT = "您的社保卡（受理号尾号0731）社保功能已启用"
FIELDS = "YZ2611230731 社保功能已启用 可以看病买药、领待遇了"


def with_city(rig: Rig, city: City) -> Rig:
    rig.city, rig.templates = city, load_templates(city)
    rig.rungs = rig.channels["wechat"].rungs = ("chat", "template", "subscription")
    return rig


def put(
    rig: Rig,
    name: str = "activated",
    *,
    params: Mapping[str, str] = PARAMS,
    phone: str | None = None,
    number: int = 1,
    matter: str = "",
) -> None:
    with rig.database.writing() as records:
        add_notice(
            records,
            KEYS,
            account=str(account()),
            name=name,
            params=params,
            locale="zh_CN",
            phone=phone,
            matter=matter,
            now=NOON,
            notice_id=f"{number:032}",
        )


def sms_of(rig: Rig, *faults: OfficeError) -> SmsDesk:
    return SmsDesk(rig.folder / "sms.log", list(faults))


def notice(rig: Rig) -> Notice:
    (found,) = rig.rows(Notice)
    assert isinstance(found, Notice)
    return found


def told(rig: Rig) -> list[tuple[str, str]]:
    """The rungs that were left and the first word of why."""
    return [(rung, reason.split()[0]) for rung, reason, _ in notice(rig).steps]


def records_of(rig: Rig, change: Any) -> None:
    with rig.database.writing() as records:
        change(records)


def allow(rig: Rig, messages: int = 1) -> None:
    records_of(rig, lambda records: add_credits(records, str(account()), {"S1": messages}, NOON))


def credits_left(rig: Rig) -> int:
    with rig.database.reading() as records:
        found = find_account(records, str(account()))
        return int(found.subscription_credits.get("S1", 0)) if found else 0


def refuse(rig: Rig, **faults: SendError) -> None:
    rig.channels["wechat"].faults = faults | ({"text": faults["chat"]} if "chat" in faults else {})


def sent(rig: Rig, kind: str) -> list[str]:
    return rig.channels["wechat"].sent(kind)


def has_left(records: Records) -> None:
    account_of(records, str(account()), NOON)
    leave(records, str(account()), NOON)
