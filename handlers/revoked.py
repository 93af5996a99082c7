"""A permission was withdrawn, or the account closed: the duty to delete what it gave.

What this account half filled goes at once, as with 取消, and nobody speaks for it any more without
logging in anew. What was handed in is a matter of staff, who get a ticket.
"""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Outcome
from handlers.card.giving_up import drop_by_id
from models.access_tokens import revoke_tokens_of
from models.applications import applications_of
from models.audit import audit
from models.drafts import open_drafts
from models.leaving import forget_account
from models.people import account_of
from models.tickets import add_ticket

_KEPT_NOTES = ("language", "desk")


def revoked(turn: Any) -> Outcome:
    """All of it in the turn's one transaction."""
    account = account_of(turn.records, str(turn.account), turn.now)
    _give_up_drafts(turn)
    account.subscription_credits = {}
    revoke_tokens_of(turn.records, str(turn.account), turn.now)
    what, scopes = turn.update.data["what"], list(turn.update.data["scopes"])
    if what == "cancellation":
        forget_account(turn.records, account, turn.now)
    audit(
        turn.records,
        actor=turn.account.channel,
        act="authorization_revoked",
        subject=f"account:{account.id}",
        reason=f"user_authorization_{what}",
        detail={"scopes": scopes},
        now=turn.now,
    )
    _ask_staff(turn, what, scopes)
    return None


def _give_up_drafts(turn: Any) -> None:
    """Those of this conversation, and what only the records know of."""
    known = {draft.id for draft in turn.session.drafts.values()}
    known |= {row.id for row in open_drafts(turn.records, str(turn.account), turn.now)}
    for draft_id in known:
        drop_by_id(turn, draft_id)
    turn.session.drafts.clear()
    turn.session.talk = ""
    notes = turn.session.notes
    turn.session.notes = {name: notes[name] for name in _KEPT_NOTES if name in notes}


def _ask_staff(turn: Any, what: str, scopes: list[str]) -> None:
    handed_in = applications_of(turn.records, account=str(turn.account))
    add_ticket(
        turn.records,
        turn.keys,
        ticket_id=turn.sources.new_id(),
        account=str(turn.account),
        kind="deletion",
        payload={
            "what": what,
            "scopes": scopes,
            "applications": [application.number for application in handed_in],
        },
        now=turn.now,
    )
