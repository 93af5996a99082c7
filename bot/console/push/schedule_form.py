"""The form of when and how fast: what was typed, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.console.push.words import yuan
from config.city import City
from models.push.campaigns import Campaign

PRIORITIES: Mapping[int, str] = {0: "平常", 10: "优先", 50: "加急"}
MOST_RATE = 10_000  # messages a second
MOST_CAP = 100_000_000  # fen
_LOCAL = "%Y-%m-%dT%H:%M"

Typed = Mapping[str, str]


def typed_of(city: City, campaign: Campaign) -> dict[str, str]:
    """What stands in each field."""
    starts = campaign.starts_at
    return {
        "starts_at": starts.astimezone(city.tz).strftime(_LOCAL) if starts else "",
        "expires_at": campaign.expires_at.astimezone(city.tz).strftime(_LOCAL),
        "from_hour": str(campaign.from_hour),
        "until_hour": str(campaign.until_hour),
        "rate": str(campaign.rate),
        "priority": str(campaign.priority),
        "cost_cap": yuan(campaign.cost_cap),
    }


def read_schedule(form: Typed, city: City, now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns of the campaign, and what is wrong by field."""
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {
        "starts_at": _moment(form, "starts_at", city, wrong),
        "expires_at": _moment(form, "expires_at", city, wrong),
        "from_hour": _whole(form, "from_hour", 24, wrong),
        "until_hour": _whole(form, "until_hour", 24, wrong),
        "rate": _whole(form, "rate", MOST_RATE, wrong),
        "priority": _whole(form, "priority", max(PRIORITIES), wrong),
        "cost_cap": _fen(form, "cost_cap", wrong),
    }
    starts, expires = values["starts_at"], values["expires_at"]
    if expires is None:
        wrong.setdefault("expires_at", "要填截止时间。")
    elif expires <= max(now, starts or now):
        wrong["expires_at"] = "要晚于现在，也要晚于开始时间。"
    if values["priority"] not in PRIORITIES:
        wrong.setdefault("priority", "没有这一档。")
    return values, wrong


def _moment(form: Typed, name: str, city: City, wrong: dict[str, str]) -> datetime | None:
    text = form.get(name, "").strip()
    try:
        found = datetime.strptime(text[:16], _LOCAL).replace(tzinfo=city.tz) if text else None
    except ValueError:
        wrong[name] = "时间写得不对，例如 2026-11-27T09:00。"
        return None
    return found


def _whole(form: Typed, name: str, most: int, wrong: dict[str, str]) -> int:
    text = form.get(name, "").strip()
    if not (text.isdecimal() and text.isascii() and len(text) < 9 and int(text) <= most):
        wrong[name] = f"要填 0 到 {most} 的整数。"
        return 0
    return int(text)


def _fen(form: Typed, name: str, wrong: dict[str, str]) -> int:
    """Yuan with two places at most."""
    whole, _, part = form.get(name, "").strip().partition(".")
    digits = whole + (part or "0")
    right = digits.isdecimal() and digits.isascii() and whole and len(part) <= 2 and len(whole) < 8
    fen = int(whole) * 100 + int((part + "00")[:2]) if right else -1
    if not 0 <= fen <= MOST_CAP:
        wrong[name] = "要填金额，单位元，最多两位小数。"
        return 0
    return fen
