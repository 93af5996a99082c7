"""The end of the form: one application, in one transaction, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.state import Draft
from handlers.card.branch import bank_name, branch_name
from handlers.card.checked import known, phone_on_file, proof_of
from handlers.card.giving_up import give_up
from handlers.card.id_photos import SIDES
from handlers.card.life import derived
from handlers.subscribing import link, offer, offers
from models.acceptance_numbers import draw_number, with_number
from models.application_states import CLOSED
from models.applications import AlreadyOpen, Application, applications_of, submit
from models.drafts import matter_of_draft
from models.notices import fold
from models.people import Person, Proof, act_for, bind, keep_person
from models.review.arrivals import hand_in, set_lane_again

ANSWERS = (
    "for_whom", "name", "sex", "birth_date", "id_type", "id_number", "ethnicity", "id_address",
    "valid_until", "phone", "lives_at", "district", "status", "employer", "occupation",
    "household", "bank", "branch", "delivery", "portrait",
)  # fmt: skip


def answers_of(turn: Any, draft: Draft) -> dict[str, Any]:
    """The document that is sealed: all answers, which are derived, and what staff check."""
    follows = derived(turn, draft)
    told = {**draft.answers, **follows}
    document: dict[str, Any] = {name: told.pop(name, "") for name in ANSWERS}
    document.update(told)
    document["portrait"] = portrait_of(draft)
    document["derived"] = sorted(follows)
    document["checks"] = {
        "identity": known(draft, "identity"),
        "eligibility": known(draft, "eligibility"),
        "phone_on_file": phone_on_file(draft),
        "read": draft.facts.get("read"),
    }
    return document


def portrait_of(draft: Draft) -> Mapping[str, Any]:
    """The answer about the portrait; of the one on file with the measures that came meanwhile."""
    portrait: Mapping[str, Any] = draft.answers["portrait"]
    measures = draft.facts.get("portrait_measures")
    if portrait["source"] == "on_file" and measures:
        return {**portrait, "measures": measures}
    return portrait


def contested(draft: Draft, proof: Proof, others: Sequence[Application]) -> bool:
    """Something speaks of another card or application, or against this being the person."""
    eligibility = known(draft, "eligibility") or {}
    has = eligibility.get("has_card") or eligibility.get("open_application")
    mismatch = known(draft, "identity") in ("mismatch", "not_found")
    return bool(mismatch or has or (others and not proof.is_proven))


def contest(turn: Any, others: Sequence[Application]) -> None:
    """Handed in by who has not proven to be the holder, who has now: staff must see."""
    for other in others:
        other.contested = True
        set_lane_again(turn.records, turn.keys, turn.city, other)


def submit_application(turn: Any, draft: Draft) -> Outcome:
    """确认: the application with everything that belongs to it, or why there is one already."""
    try:
        application = _store(turn, draft)
    except AlreadyOpen:
        give_up(turn, draft)
        return Reply(turn.say("card.already_open"), footer=turn.say("footer"))
    turn.session.drafts.pop("card", None)
    turn.session.talk = ""
    return told(turn, draft, application)


def keep_holder(turn: Any, answers: Mapping[str, Any], proof: Proof) -> Person:
    """Whose card the answers are about, as well as it is proven."""
    return keep_person(
        turn.records,
        turn.keys,
        person_id=turn.sources.new_id(),
        name=answers["name"],
        id_number=answers["id_number"],
        phone=answers["phone"],
        proof=proof,
        now=turn.now,
    )


def _store(turn: Any, draft: Draft) -> Application:
    answers, proof = answers_of(turn, draft), proof_of(draft)
    person = keep_holder(turn, answers, proof)
    others = others_of(turn, draft, person.id)
    application = _enter(turn, draft, answers, person.id, others)
    if proof.is_proven:
        contest(turn, others)
    hand_in(turn.records, turn.keys, turn.city, application, turn.now)
    act_for(turn.records, str(turn.account), person.id, "self", turn.now)
    if proof.is_proven:
        bind(turn.records, str(turn.account), person.id, turn.now)
    params = {"number": application.number, "date": day(turn, application.promise_review_by)}
    turn.send_sms(answers["phone"], "submitted", params)
    fold(turn.records, str(turn.account), matter_of_draft(draft.id))
    return application


def _enter(
    turn: Any,
    draft: Draft,
    answers: Mapping[str, Any],
    person: str,
    others: Sequence[Application],
) -> Application:
    """The row of the application, under a number that is free."""
    proof, records = proof_of(draft), turn.records
    review_by = turn.city.promise(turn.today, turn.city.days.review)
    entered = partial(
        submit,
        records,
        turn.keys,
        application_id=turn.sources.new_id(),
        draft_id=draft.id,
        form=draft.form,
        form_version=draft.version,
        account=str(turn.account),
        applicant_id=person,
        holder_id=person,
        relation="self",
        holder_proven=proof.is_proven,
        contested=contested(draft, proof, others),
        answers=answers,
        district=answers["district"],
        bank=answers["bank"],
        branch=answers["branch"],
        delivery=answers["delivery"],
        promise_review_by=review_by,
        promise_card_by=turn.city.promise(review_by, turn.city.days.making),
        documents=named_documents(draft, answers),
        now=turn.now,
    )
    prefix, serial = turn.city.acceptance_prefix, turn.sources.serial
    return with_number(
        lambda: draw_number(records, prefix, turn.today, serial),
        lambda number: entered(number=number),
    )


def others_of(turn: Any, draft: Draft, holder: str) -> list[Application]:
    """Other open applications for this holder's card."""
    found = applications_of(turn.records, person_id=holder)
    mine = (a for a in found if a.holder_id == holder and a.draft_id != draft.id)
    return [a for a in mine if a.state not in CLOSED]


def named_documents(draft: Draft, answers: Mapping[str, Any]) -> set[str]:
    """The photos that staff may see: the card's sides last sent, what could not be read, and the
    portrait, as it is printed and as it came."""
    sent = draft.facts.get("photos", {}).values()
    unread = {p["document"] for p in sent if p.get("side") not in SIDES and "document" in p}
    sides = answers.get("id_photos", {})
    portrait = answers["portrait"]
    return {
        *sides.values(),
        *unread,
        portrait["document"],
        portrait.get("original", portrait["document"]),
    }


def told(turn: Any, draft: Draft, application: Application) -> Reply:
    """已提交: the number, the promised dates, how to ask, that the photo may be deleted."""
    review_by, card_by = application.promise_review_by, application.promise_card_by
    lines = [
        turn.say("card.submitted.number", number=application.number),
        turn.say(
            f"card.submitted.next_{application.delivery}",
            review_by=day(turn, review_by),
            card_by=day(turn, card_by),
            place=where(turn, application),
        ),
        turn.say("card.submitted.ask"),
    ]
    if application.holder_proven:
        lines.append(turn.say("card.submitted.bound"))
    links = (link(turn),) if offers(turn, "submitted") else ()
    if links:
        lines.append(offer(turn))
    if draft.facts.get("photos"):
        lines.append(turn.say("card.submitted.delete_photo"))
    return Reply("\n".join(lines), footer=turn.say("footer"), links=links)


def day(turn: Any, when: date) -> str:
    """11月30日; a later year's with 明年."""
    return str(turn.texts.day(turn.session.locale, when, turn.today))


def where(turn: Any, application: Application) -> str:
    """The branch, or whose bank posts it."""
    if application.delivery == "post":
        return bank_name(turn, turn.city.bank(application.bank))
    return branch_name(turn, turn.city.branch(application.branch))
