"""One reminder of a half-filled form, the next morning: in the chat, or at the next visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session as Records

from config.city import City
from models.drafts import drafts_to_remind, matter_of_draft
from models.ladders import add_notice
from models.people import find_account
from models.sealing import Keyring

MORNING = time(9)


def next_morning(now: datetime, city: City) -> datetime:
    """Nine o'clock of the next day in the city."""
    day = now.astimezone(city.tz).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, city.tz)


def remind(records: Records, keys: Keyring, now: datetime, new_id: Callable[[], str]) -> int:
    """Put a reminder for every draft that is due into the outbox. Returns how many.

    A draft is reminded of once; who has left the account is not written to.
    """
    reminded = 0
    for draft in drafts_to_remind(records, now):
        account = find_account(records, draft.account_key)
        if account is None or not account.followed:
            continue
        add_notice(
            records,
            keys,
            account=draft.account_key,
            name="draft_reminder",
            params={},
            locale=account.locale,
            now=now,
            notice_id=new_id(),
            matter=matter_of_draft(draft.id),
        )
        reminded += 1
    return reminded
