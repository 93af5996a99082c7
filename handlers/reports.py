"""What the platform tells of subscriptions, of sent messages and of pictures it looked at."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Outcome, deliveries_of
from bot.ports import TooEarly
from models.audit import audit
from models.push.mass_results import MassResult, hear, may_be_ours
from models.receipts import Report, place, record
from models.subscriptions import add_credits, drop_credits


def credited(turn: Any) -> Outcome:
    """So many messages of each template are allowed more; of those refused, none."""
    account, data = str(turn.account), turn.update.data
    if data["refused"]:
        drop_credits(turn.records, account, data["refused"])
    if data["accepted"]:
        add_credits(turn.records, account, data["accepted"], turn.now)
    return None


def delivered(turn: Any) -> Outcome:
    """What became of messages, single notices and pushes. Raises `TooEarly` for one whose sending
    we have not written down.

    Most reports of a burst may be of what others sent with the same account: these only read.
    """
    account = str(turn.account)
    reports = [Report(account, sent_as, said) for sent_as, said in deliveries_of(turn.update)]
    with turn.reading() as records:
        placed = place(records, reports)
    if placed.early:
        raise TooEarly(placed.early[0].sent_as)
    if placed.notices or placed.pushes:
        record(turn.records, placed, turn.now)
    return None


def mass_sent(turn: Any) -> Outcome:
    """What became of one message to many: kept, where that may be one whose id we have not written
    down. Of what the account's own staff sent nothing is."""
    app, sent_as = turn.account.app, turn.update.key
    with turn.reading() as records:
        ours = may_be_ours(records, app, sent_as)
    if ours:
        hear(turn.records, app, sent_as, MassResult(**turn.update.data), turn.now)
    return None


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
