"""One reminder of a half-filled form, the next morning, while the chat's window is open."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import Reply
from config.city import City
from config.locales import Texts
from models.drafts import drafts_to_remind
from models.notices import add_chat
from models.people import find_account
from models.sealing import Keyring

MORNING = time(9)


def next_morning(now: datetime, city: City) -> datetime:
    """Nine o'clock of the next day in the city."""
    day = now.astimezone(city.tz).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, city.tz)


def remind(
    records: Records, keys: Keyring, texts: Texts, now: datetime, new_id: Callable[[], str]
) -> int:
    """Put a reminder for every draft that is due into the outbox. Returns how many.

    A draft is reminded of once; who has left the account is not written to.
    """
    reminded = 0
    for draft in drafts_to_remind(records, now):
        account = find_account(records, draft.account_key)
        if account is None or not account.followed:
            continue
        say = texts.say
        reply = Reply(say(account.locale, "card.reminder"), footer=say(account.locale, "footer"))
        add_chat(
            records,
            keys,
            account=draft.account_key,
            payload=json.loads(reply.to_json()),
            now=now,
            notice_id=new_id(),
            matter=f"draft:{draft.id}",
        )
        reminded += 1
    return reminded
