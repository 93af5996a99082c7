"""Which cards a wish is about, and what the conversation remembers of the one it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from handlers.waiting import own_applications
from models.application_states import State
from models.applications import Application
from models.collection import ON_THE_WAY
from models.progress import shown_first

NOTES = "collecting"

_BEFORE = frozenset({State.SUBMITTED, State.RESUBMITTED, State.UNDER_REVIEW, State.APPROVED})
_READY = frozenset({State.READY_FOR_PICKUP})
_MADE = frozenset({State.IN_PRODUCTION, State.PRODUCTION_FAILED, State.PRODUCED})
_POSTED = frozenset({State.MAILED, State.MAIL_RETURNED})
_COLLECTED = frozenset({State.COLLECTED, State.ACTIVATED})

WANTS: Mapping[str, frozenset[State]] = {
    "pickup": _MADE | _READY | _POSTED | {State.COLLECTED},
    "activate": _COLLECTED,
    "collect_code": _READY,
    "collect_agent": _READY,
    "revoke_agent": _READY,
    "move_branch": _BEFORE | _READY | {State.MAIL_RETURNED, State.BANK_FAILED},
    "change_bank": _BEFORE | {State.BANK_FAILED},
    "card_received": frozenset({State.MAILED}),
    "new_address": frozenset({State.MAIL_RETURNED}),
}
"""What a person may want, by the name of the intent, and in which states it concerns a card."""

BEFORE_MADE = WANTS["change_bank"]
"""As long as any bank and branch may be chosen."""
AT_BRANCH_OR_BACK = frozenset({State.READY_FOR_PICKUP, State.MAIL_RETURNED, *ON_THE_WAY})
"""A card that is made, or ordered of a bank, and can go to another branch of that."""
SENT_ON = frozenset({State.READY_FOR_PICKUP, *ON_THE_WAY})
"""Of these, one that a branch has or gets, and sends to the other."""

BY_PROOF = ("collect_code", "collect_agent")
"""For these, who is not known here is asked for proof; others need an account that is known."""


class MovedOn(Exception):
    """The card, as it stands now, is not any more where this can be done."""

    def __init__(self, card: Application) -> None:
        super().__init__(card.state)
        self.card = card


def concerns(turn: Any, want: str, card: Application) -> bool:
    """Whether a wish is about a card, as it stands: also one that was ordered for a branch that
    closes can be sent on from there."""
    if card.state in WANTS[want]:
        return True
    closing = (b for b in turn.city.branches if b.code == card.branch and b.closes_on is not None)
    ordered = want == "move_branch" and card.state in ON_THE_WAY and card.delivery != "post"
    return ordered and any(closing)


def cards_for(turn: Any, want: str) -> list[Application]:
    """The cards of this account that a wish is about: the open ones before those that ended."""
    own = own_applications(turn)
    found = [a for a in own if concerns(turn, want, a)]
    ended = [a for a in shown_first(own) if a in found]
    return [a for a in found if a.state not in _COLLECTED] or ended or found[:1]


def remembered(turn: Any) -> dict[str, Any]:
    """The conversation's own notes."""
    notes: dict[str, Any] = turn.session.notes.setdefault(NOTES, {})
    return notes


def the_card(turn: Any) -> Application | None:
    """The card that the conversation is about, as long as it may still be told here: one's own, or
    one that a code has proven lately. As it stands now, read apart."""
    notes = remembered(turn)
    wanted = notes.get("application", "")
    if not _lately(turn, notes.get("proven", "")):
        return next((a for a in own_applications(turn) if a.id == wanted), None)
    with turn.reading() as records:
        found: Application | None = records.get(Application, wanted)
        records.expunge_all()
    return found


def for_change(turn: Any, application: Application, states: Collection[State]) -> Application:
    """The same card in the turn's own transaction. Raises MovedOn for one in another state."""
    card: Application = turn.records.get_one(Application, application.id, with_for_update=True)
    if card.state not in states:
        raise MovedOn(card)
    return card


def handed_in_here(turn: Any, application: Application) -> bool:
    """Whether this chat is where notices about the card go: what it says need not be told again."""
    return application.account_key == str(turn.account)


def _lately(turn: Any, moment: str) -> bool:
    life = timedelta(minutes=turn.city.days.code_minutes)
    return bool(moment) and turn.now < datetime.fromisoformat(moment) + life
