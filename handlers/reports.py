"""What the platform tells of subscriptions, of sent messages and of pictures it looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import Outcome
from bot.ports import TooEarly
from models.audit import audit
from models.deliveries import is_known, is_sending, record_delivery
from models.people import add_credits, drop_credits, find_account
from models.push.aftermath import are_pushed, is_calling, record_receipts
from models.push.masses import MassResult, is_mass_calling, is_mass_known, record_mass_result


def credited(turn: Any) -> Outcome:
    """So many messages of each template are allowed more; of those refused, none."""
    account, data = str(turn.account), turn.update.data
    if data["refused"]:
        drop_credits(turn.records, account, data["refused"])
    if data["accepted"]:
        add_credits(turn.records, account, data["accepted"], turn.now)
    return None


def delivered(turn: Any) -> Outcome:
    """What became of messages. Raises `TooEarly` for one whose sending we have not written down.

    Most reports of a burst may be of what others sent with the same account: these only read.
    """
    account, results = str(turn.account), dict(_results(turn))
    with turn.reading() as records:
        pushed = are_pushed(records, results)
        noticed = {each for each in set(results) - pushed if is_known(records, account, each)}
        missing = set(results) - pushed - noticed
        if missing and (is_sending(records, account) or _is_called(records, account)):
            raise TooEarly(min(missing))
    for sent_as in sorted(noticed):
        record_delivery(turn.records, account, sent_as, results[sent_as], turn.now)
    if pushed:
        record_receipts(turn.records, [(each, results[each]) for each in sorted(pushed)])
    return None


def _is_called(records: Records, account: str) -> bool:
    """Whether a push to this account is on its way."""
    found = find_account(records, account)
    return found is not None and is_calling(records, found.recipient)


def mass_sent(turn: Any) -> Outcome:
    """What became of one message to many. Raises `TooEarly` where that may be one whose id we have
    not written down."""
    sent_as, result = turn.update.key, MassResult(**turn.update.data)
    with turn.reading() as records:
        known, calling = is_mass_known(records, sent_as), is_mass_calling(records)
    if known:
        record_mass_result(turn.records, sent_as, result)
    elif calling:
        raise TooEarly(sent_as)
    return None


def _results(turn: Any) -> Iterator[tuple[str, str]]:
    update = turn.update
    yield update.key, update.data["result"]
    for sent_as, result, _ in update.data.get("others", ()):
        yield sent_as, result


def checked(turn: Any) -> Outcome:
    """The platform looked at a picture: its verdict is kept for those who review."""
    audit(
        turn.records,
        actor=turn.account.channel,
        act="picture_checked",
        subject=f"media_check:{turn.update.key}"[:100],
        reason="wxa_media_check",
        detail=dict(turn.update.data),
        now=turn.now,
    )
    return None
