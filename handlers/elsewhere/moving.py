"""A draft moves from the account that keeps it to the one that asks, each step in one transaction.

1. The asking turn writes the job `release_draft` for the keeper and waits.
2. Its result is a turn of the keeper's: the draft leaves that session, its row names the new
   keeper, and the job `take_draft` holds it, sealed, for whoever asked.
3. Its result is a turn of the asking account: the draft is in its session, its question is asked.

Documents and consents name the draft and stay as they are. Where a process dies, the turn or the
job is done again, and comes to the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.state import Draft
from bot.ports import MUST_ARRIVE, Desk, JobSpec
from handlers.card.moved import is_busy
from models.documents import release_documents
from models.drafts import DraftRow, end_draft, hand_over, matter_of_draft
from models.jobs import is_asked_for
from models.notices import fold

RELEASE, TAKE = "release_draft", "take_draft"
PATIENCE = timedelta(minutes=1)  # after which whoever waits for a draft may do something else


def _passed_on(desk: Desk) -> Mapping[str, Any]:
    """The job only carries; what is to be done is done in the turns of both accounts."""
    return desk.payload


JOBS = (
    JobSpec(RELEASE, _passed_on, attempts=1000),
    JobSpec(TAKE, _passed_on, attempts=1000),  # it holds the draft: never given up
)


def ask_for(turn: Any, found: Mapping[str, Any], instead_of: str = "") -> None:
    """Ask the keeper for it. `instead_of` is the draft here that it takes the place of."""
    wanted = {
        "draft": found["draft"],
        "form": found["form"],
        "to": str(turn.account),
        "for": turn.update.id,
        "instead_of": instead_of,
        MUST_ARRIVE: True,
    }
    turn.start_job(RELEASE, wanted, account=found["keeper"], answers="")


def is_on_its_way(turn: Any, since: str | None) -> bool:
    """Whether what was asked for then may still arrive at any moment."""
    return since is not None and turn.now - datetime.fromisoformat(since) < PATIENCE


def release(turn: Any) -> None:
    """At the keeper: hand the draft over, or say why it is not to be had."""
    asked = turn.update.data
    if "to" not in asked:  # the job came to nothing: whoever asked may ask again
        return
    draft = turn.session.drafts.get(asked["form"])
    held = draft if draft and draft.id == asked["draft"] else None
    told = {name: asked[name] for name in ("draft", "form", "instead_of", MUST_ARRIVE)}
    if why := _hindrance(turn, asked, held):
        told.update(gone=why, keeper=str(turn.account))
    elif held:
        told["content"] = asdict(held)
        _let_go(turn, asked)
    turn.start_job(TAKE, told, account=asked["to"], answers=asked["for"])


def _hindrance(turn: Any, asked: Mapping[str, Any], held: Draft | None) -> str:
    """Why it cannot be handed over; "" when it was."""
    keeper, draft_id = str(turn.account), asked["draft"]
    if held and is_busy(turn, held):
        return "busy"
    if held and hand_over(turn.records, draft_id, keeper, asked["to"], turn.now):
        return ""
    row = turn.records.get(DraftRow, draft_id)
    if row is None or row.ended_at is not None:
        return str(row.ended_how) if row else "lost"
    if row.account_key == asked["to"]:
        return "arriving"
    if row.account_key != keeper or row.expires_at <= turn.now:
        return "moved" if row.account_key != keeper else "expired"
    if is_asked_for(turn.records, TAKE, keeper):
        return "busy"  # it has not arrived here yet
    end_draft(turn.records, draft_id, "lost", turn.now)
    release_documents(turn.records, draft_id, turn.now)
    return "lost"


def _let_go(turn: Any, asked: Mapping[str, Any]) -> None:
    """It goes on elsewhere: the conversation here knows where, and nobody is reminded here."""
    session, form = turn.session, asked["form"]
    session.drafts.pop(form)
    if session.talk == form:
        session.talk = ""
    if session.notes.get("cancelling") == form:
        session.notes.pop("cancelling")
    session.notes["moved"] = {"to": asked["to"], "at": turn.now.isoformat()}
    fold(turn.records, str(turn.account), matter_of_draft(asked["draft"]))
