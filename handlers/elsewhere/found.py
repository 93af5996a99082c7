"""A form that a person began in another channel, and how it is offered.

Told only to who has proven to be that person: an account bound to them, or a form here in which
the code came back from the phone on file.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.messages import AccountKey, Option, Reply
from bot.dialogue.words import Item, pick
from models.drafts import DraftRow, drafts_of_person
from models.people import accounts_of, find_person, id_index, person_of

GO_ON, ANEW = 1, 2


def of_bound_account(turn: Any) -> dict[str, Any] | None:
    """What the person whom this account is bound to began elsewhere; None where nobody has proven
    to be anybody."""
    with turn.reading() as records:
        person = person_of(records, str(turn.account))
        return _latest(turn, records, person, person.id_index) if person else None


def of_holder(turn: Any, id_number: str) -> dict[str, Any] | None:
    """What the holder of a number began elsewhere. The caller has seen the proof."""
    with turn.reading() as records:
        person = find_person(records, turn.keys, id_number)
        return _latest(turn, records, person, id_index(turn.keys, id_number))


def _latest(turn: Any, records: Any, person: Any, index: str) -> dict[str, Any] | None:
    theirs = accounts_of(records, person.id) if person else []
    rows = drafts_of_person(records, index, [account.key for account in theirs], turn.now)
    others = (row for row in rows if row.account_key != str(turn.account))
    row = next(others, None)
    return _noted(turn, row) if row else None


def _noted(turn: Any, row: DraftRow) -> dict[str, Any]:
    """As a session keeps it."""
    return {
        "draft": row.id,
        "form": row.form,
        "keeper": row.account_key,
        "reached": row.reached,
        "began": row.started_at.astimezone(turn.city.tz).isoformat(),
    }


def channel_of(turn: Any, account: str) -> str:
    """What people call the channel of an account: 微信, 支付宝."""
    return str(turn.say(f"elsewhere.channel.{AccountKey.parse(account).channel}"))


def offer(turn: Any, found: dict[str, Any], other: str = "anew") -> Reply:
    """您在微信里填到第3步（11月23日开始），接着填吗？ `other` is what else can be chosen."""
    began = datetime.fromisoformat(found["began"])
    asked = turn.say(
        "elsewhere.offer",
        where=channel_of(turn, found["keeper"]),
        n=found["reached"],
        day=turn.say("form.day", day=began.date()),
    )
    return Reply(asked, options(turn, other))


def options(turn: Any, other: str = "anew") -> tuple[Option, Option]:
    yes, no = turn.say("elsewhere.go_on"), turn.say(f"elsewhere.{other}")
    return Option(str(GO_ON), yes), Option(str(ANEW), no)


def chosen(turn: Any, said: str, other: str = "anew") -> int | None:
    """GO_ON or ANEW, by number or in words; None where it is neither."""
    found = pick(said, [Item(int(o.key), o.label) for o in options(turn, other)])
    return int(found[0].value) if len(found) == 1 else None


def moved_line(turn: Any) -> str:
    """那份申请已转到支付宝继续填写: as long as it may still be filled in there."""
    moved = turn.session.notes.get("moved")
    if not moved:
        return ""
    life = timedelta(days=turn.city.days.draft)
    if turn.now - datetime.fromisoformat(moved["at"]) > life:
        return ""
    return str(turn.say("elsewhere.moved", where=channel_of(turn, moved["to"])))
