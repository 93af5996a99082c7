"""The end of a correction: other answers in the place of the old, handed in again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.dialogue.form import Filling, Form
from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.state import Draft
from handlers.card.checked import phone_on_file, proof_of
from handlers.card.submit import (
    answers_of,
    contest,
    contested,
    day,
    keep_holder,
    named_documents,
    others_of,
    where,
)
from handlers.progress.shown import about
from handlers.returned.draft import FORM, changed, drop_draft, new_answers
from handlers.returned.found import FIELDS, PHOTOS, STEPS
from models.application_states import Actor, State
from models.applications import (
    Application,
    events_of,
    open_answers,
    open_application_of,
    replace_answers,
)
from models.consents import keep_consents
from models.documents import keep_documents, was_given_before
from models.lifecycle import matter_of
from models.notices import fold
from models.people import act_for, hold_people
from models.returns import Finding, open_return

MAY_STAND = frozenset({"BANK_KYC"})
"""Reasons that are mended elsewhere too: at the bank, so that the same choice may be made again."""
_PHONE_MAY_CHANGE = frozenset({
    State.SUBMITTED, State.RESUBMITTED, State.UNDER_REVIEW, State.ON_HOLD, State.APPROVED,
})  # fmt: skip
"""As long as the province has not got it; see `may_change_phone`."""
_COMES_BACK_TO = frozenset({State.UNDER_REVIEW, State.ON_HOLD})
"""States of these in which the province may have it nevertheless."""
BY = "citizen"


def hand_in(form: Form, turn: Any, draft: Draft) -> Outcome:
    """提交: the application with its new answers, or why it cannot be handed in."""
    application = _held(turn, draft)
    if not draft.facts["return"]:
        return _new_phone(turn, draft, application)
    row = open_return(turn.records, application.id)
    if application.state != State.RETURNED or row is None or row.id != draft.facts["return"]:
        return _over(turn, draft, application)
    answers = new_answers(turn, draft, open_answers(application, turn.keys))
    if stands := unmended(turn, application, row.found(), answers):
        return _asked_again(form, turn, draft, stands)
    if not _hold(turn, draft, application, answers):
        return _end(turn, draft, turn.say("card.already_open"), application)
    _replace(turn, draft, application, answers)
    row.mended_at = turn.now
    turn.life.advance(
        turn.records, application, State.RESUBMITTED, Actor.CITIZEN, turn.now, by=BY, quiet=True
    )
    fold(turn.records, application.account_key, matter_of(application))
    return _end(turn, draft, told(turn, draft, application), application)


def told(turn: Any, draft: Draft, application: Application) -> str:
    """已重新提交: the number stands, who looks at what, the new dates, how to object."""
    photos = set(draft.facts["mend"]) <= PHOTOS
    lines = [
        turn.say("returned.done.number", number=application.number),
        turn.say("returned.done.photos" if photos else "returned.done.answers"),
        turn.say(
            f"card.submitted.next_{application.delivery}",
            review_by=day(turn, application.promise_review_by),
            card_by=day(turn, application.promise_card_by),
            place=where(turn, application),
        ),
        turn.say("returned.done.object"),
    ]
    first = turn.say("returned.joined").join(lines[:2])
    return "\n".join([first, *lines[2:]])


def _held(turn: Any, draft: Draft) -> Application:
    """The application as it stands now, ours alone; before it, whom its new answers may change."""
    name = draft.facts["application"]
    if draft.facts["return"]:
        holder = turn.records.get_one(Application, name).holder_id
        hold_people(turn.records, turn.keys, holder, answers_of(turn, draft)["id_number"])
    application: Application = turn.records.get(
        Application, name, with_for_update=True, populate_existing=True
    )
    return application


# --- what was changed -----------------------------------------------------------------------------


def unmended(
    turn: Any, application: Application, findings: Iterable[Finding], answers: Mapping[str, Any]
) -> list[str]:
    """The questions whose answers are what they were: the same photo sent again, too."""
    before = open_answers(application, turn.keys)
    found = [f for f in findings if f.field in STEPS and f.code not in MAY_STAND]
    steps = dict.fromkeys(STEPS[finding.field] for finding in found)
    return [name for name in steps if _stands(turn, application, name, before, answers)]


def _stands(
    turn: Any, application: Application, step: str, before: Mapping[str, Any], after: Any
) -> bool:
    if not changed(before, after, FIELDS.get(step, (step,))):
        return True
    sides = after.get("id_photos", {}).values() if step == "id" else ()
    given = [was_given_before(turn.records, document, application.id) for document in sides]
    return bool(given) and all(given)


def _asked_again(form: Form, turn: Any, draft: Draft, steps: Sequence[str]) -> Outcome:
    """What stands as it was is asked for once more; what was changed is kept."""
    draft.done = [name for name in draft.done if name not in (*steps, "check")]
    return Filling(form, turn, draft).start(turn.say("returned.unchanged"))


# --- the records ----------------------------------------------------------------------------------


def _replace(turn: Any, draft: Draft, application: Application, answers: Mapping[str, Any]) -> None:
    """The answers, what of them is searched for, and what belongs to them."""
    mine = named_documents(draft, answers)
    keep_documents(turn.records, draft.id, application.id, turn.now, mine)
    keep_consents(turn.records, draft.id, application.id)
    replace_answers(turn.records, turn.keys, application, answers, Actor.CITIZEN, turn.now, by=BY)
    for column in ("district", "bank", "branch", "delivery"):
        setattr(application, column, answers[column])


def _hold(turn: Any, draft: Draft, application: Application, answers: Mapping[str, Any]) -> bool:
    """Whose card it is, where the number or the proof is another now. False: they have an open
    application already."""
    before, proof = open_answers(application, turn.keys), proof_of(draft)
    if not changed(before, answers, ("name", "id_number", "phone")):
        return True
    person = keep_holder(turn, answers, proof)
    same = person.id == application.holder_id
    proven = proof.is_proven or (same and application.holder_proven)
    rival = open_application_of(turn.records, person.id) if proven else None
    if rival is not None and rival.id != application.id:
        return False
    if not same:
        others = others_of(turn, draft, person.id)
        application.contested = contested(draft, proof, others)
        if proven:
            contest(turn, others)
        application.holder_id = application.applicant_id = person.id
        act_for(turn.records, str(turn.account), person.id, "self", turn.now)
    application.holder_proven = proven
    turn.records.flush()
    return True


def may_change_phone(turn: Any, application: Application) -> bool:
    """Whether the province has not got it: it may have sent it back, or the card have failed."""
    if application.state not in _COMES_BACK_TO:
        return application.state in _PHONE_MAY_CHANGE
    with turn.reading() as records:
        events = events_of(records, application.id)
        return all(event.to_state != State.SENT_TO_PROVINCE for event in events)


def _new_phone(turn: Any, draft: Draft, application: Application) -> Outcome:
    """改手机 of what is under way: nothing moves, the number is another."""
    if not may_change_phone(turn, application):
        return _over(turn, draft, application)
    answers = {**open_answers(application, turn.keys), "phone": draft.answers["phone"]}
    checks = {**(answers.get("checks") or {}), "phone_on_file": phone_on_file(draft)}
    answers["checks"] = checks
    replace_answers(turn.records, turn.keys, application, answers, Actor.CITIZEN, turn.now, by=BY)
    return _end(turn, draft, turn.say("returned.phone_changed"), application)


# --- what is said ---------------------------------------------------------------------------------


def _over(turn: Any, draft: Draft, application: Application) -> Outcome:
    """It was handed in elsewhere, or its days are over: nothing of this draft counts."""
    drop_draft(turn)
    return _end(turn, draft, turn.say(f"returned.over.{_how(application)}"), application)


def _how(application: Application) -> str:
    return "expired" if application.state == State.EXPIRED else "elsewhere"


def _end(turn: Any, draft: Draft, text: str, application: Application) -> Reply:
    turn.session.drafts.pop(FORM, None)
    turn.session.talk = ""
    return Reply(text, footer=turn.say("footer"), about=about(application))
