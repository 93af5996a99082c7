"""`shebaoka told`: what the accounts behind an application were told, as JSON, audited."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Records

from bot.commands.looking import looking
from models.applications import Application
from models.people import find_account
from models.sealing import Keyring
from models.told import accounts_told, told_to


def run(number: str, reason: str, purpose: str = "other") -> int:
    """Print it. The look is written down before anything is shown."""
    with looking(number, reason, purpose, "application.told") as found:
        shown = _shown(*found)
    sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2, default=_moment) + "\n")
    return 0


def _shown(records: Records, keys: Keyring, application: Application) -> dict[str, Any]:
    """Accounts by numbers of our own: what a platform calls somebody helps nobody here."""
    accounts = accounts_told(records, application)
    numbers = {key: n for n, key in enumerate(accounts, 1)}
    told = [asdict(notice) for notice in told_to(records, keys, application)]
    for notice in told:
        notice["account"] = numbers[notice["account"]]
    return {
        "application": application.number,
        "accounts": [_account(records, numbers[key], key) for key in accounts],
        "notices": told,
    }


def _account(records: Records, number: int, key: str) -> dict[str, Any]:
    row = find_account(records, key)
    return {
        "account": number,
        "channel": key.partition(":")[0],
        "bound_at": row.bound_at if row else None,
        "last_used": row.last_inbound_at if row else None,
        "follows": row.followed if row else None,
    }


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
