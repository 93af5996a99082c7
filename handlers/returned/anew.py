"""A correction that never came: a new application, filled from the one that ended.

Offered as long as its photos are kept. What was found wrong is asked again, consents are given
anew, and the photos go over to the new draft.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.dialogue.form import Filling
from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.state import Draft
from handlers.card.branch import bank_name
from handlers.card.consents import give_by_doing
from handlers.card.form import CARD
from handlers.card.submit import day
from handlers.elsewhere import found as elsewhere
from handlers.returned.choosing import choice, chosen
from handlers.returned.draft import checked, own_answers
from handlers.returned.found import steps_of
from handlers.waiting import own_applications
from models.application_states import State
from models.applications import Application, open_answers
from models.documents import hand_over_documents
from models.progress import tail
from models.returns import open_return

DECLINED = (
    "anew_declined"  # in the session's notes: who would rather begin afresh is not asked again
)
_ANSWERS = ("again", "afresh")
_NEVER_KEPT = ("notice", "id_consent", "bank_consent", "earlier", "check")


def lapsed(turn: Any) -> Application | None:
    """The application that ended for want of a correction, if nothing has come after it."""
    newest = next(iter(own_applications(turn)), None)
    if newest is None or newest.state != State.EXPIRED or "card" in turn.session.drafts:
        return None
    kept = timedelta(days=turn.city.days.photos)
    if turn.now - newest.state_since >= kept or turn.session.notes.get(DECLINED) == newest.id:
        return None
    return newest if turn.manner.applies and not elsewhere.of_bound_account(turn) else None


def question(turn: Any, application: Application) -> Reply:
    """上次的申请过期终止了，填过的还在 …"""
    return choice(turn, _asked(turn, application), "returned.anew", _ANSWERS)


def _asked(turn: Any, application: Application) -> str:
    return str(
        turn.say(
            "returned.anew.ask",
            tail=tail(application.number),
            day=day(turn, application.state_since.astimezone(turn.city.tz).date()),
            bank=bank_name(turn, turn.city.bank(application.bank)),
        )
    )


def answer(turn: Any, said: str) -> str:
    """again, afresh, or "" for neither."""
    return chosen(turn, said, "returned.anew", _ANSWERS)


def begin(turn: Any, application: Application) -> Outcome:
    """The card form with what was filled in, from its consent on."""
    draft = _draft(turn, application)
    turn.session.drafts[CARD.name], turn.session.talk = draft, CARD.name
    _agree(turn, draft, application)
    _ask_office(turn, draft)
    return Filling(CARD, turn, draft).start()


def _draft(turn: Any, application: Application) -> Draft:
    before = open_answers(application, turn.keys)
    draft = Draft(turn.sources.new_id(), CARD.name, CARD.version, turn.now.isoformat())
    draft.answers, draft.facts = own_answers(before), checked(before)
    row = open_return(turn.records, application.id)
    wrong = steps_of(row.found()) if row else []
    filling = Filling(CARD, turn, draft)
    for step in CARD.steps:
        named = step.name not in (*_NEVER_KEPT, *wrong)
        if named and filling.applies(step) and step.valid(turn, draft):
            draft.done.append(step.name)
    for name in wrong:
        for field in CARD.step(name).fields:
            draft.answers.pop(field, None)
    until = turn.now + timedelta(days=turn.city.days.draft)
    hand_over_documents(turn.records, application.id, draft.id, until)
    return draft


def _agree(turn: Any, draft: Draft, application: Application) -> None:
    """The question said what going on means for the photos and the bank."""
    shown = _asked(turn, application)
    give_by_doing(turn, draft, "sensitive", shown)
    if "branch" in draft.done:
        give_by_doing(turn, draft, "handing_over", shown, {"bank": application.bank})


def _ask_office(turn: Any, draft: Draft) -> None:
    """Weeks have passed: who this is, and the photo on file, are asked about anew."""
    draft.facts["asked_by"] = turn.update.id
    claim = {name: draft.answers[name] for name in ("name", "id_number")}
    turn.start_job("check_person", {"draft": draft.id, **claim})
