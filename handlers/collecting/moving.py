"""改网点, 换银行: another branch, another bank.

Until the application is handed over, and after the bank could not open an account, any branch of
any bank may be chosen, as in the form and with its consent. A card that is made belongs to its
bank: it can be sent to another branch of the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.messages import Reply
from bot.dialogue.readings import UNCLEAR, Answer, Problem, Reading
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from bot.dialogue.words import Item
from config.city import Branch
from handlers.card.branch import OTHER, POST, BranchChoice, bank_name, branch_name
from handlers.card.closing import closes, instead
from handlers.card.consents import asks_each, give
from handlers.collecting.cards import (
    AT_BRANCH_OR_BACK,
    BEFORE_MADE,
    SENT_ON,
    for_change,
    remembered,
)
from handlers.collecting.hosting import draft_of, kept
from handlers.collecting.picking_up import on_its_way
from handlers.collecting.stages import Next, said
from handlers.words import words
from models.application_states import Actor, State
from models.applications import Application, open_answers, replace_answers
from models.card_moves import open_move
from models.collection import ask_move, drop_move, put_at
from models.consents import keep_consents, withdraw_consents


@dataclass(frozen=True, kw_only=True)
class BranchOfBank(BranchChoice):
    """Branches of the bank that has the card; not the one where it is."""

    def items(self, turn: Any, draft: Draft) -> list[Item]:
        return [item for item in super().items(turn, draft) if item.value not in (OTHER, POST)]

    def _nearest(self, turn: Any, draft: Draft) -> list[tuple[Branch, int | None]]:
        here = draft.answers.get("branch")
        found = [near for near in super()._nearest(turn, draft) if near[0].code != here]
        if found or draft.facts.get("place"):
            return found
        others = turn.city.offered(turn.today, draft.inner["bank"])
        return [(branch, None) for branch in others if branch.code != here]

    def _closing(self, turn: Any, draft: Draft, which: str) -> str:
        return str(turn.say("collecting.moving.closing"))

    def _named(self, turn: Any, draft: Draft, said: str, items: Sequence[Item]) -> Reading:
        bank, here = draft.inner["bank"], draft.answers.get("branch")
        found = turn.city.find_branch(said)
        own = [b for b in found if b.bank == bank and b.code != here]
        if len(own) == 1:
            return self._pickup(turn, draft, own[0])
        if found and not own:
            name = bank_name(turn, turn.city.bank(bank))
            return Problem(turn.say("problem.collecting.other_bank", bank=name))
        return UNCLEAR

    def _pickup(self, turn: Any, draft: Draft, branch: Branch) -> Reading:
        """Where the branch instead of one that closes has the card already, nothing is to do."""
        offered = turn.city.is_offered(branch, turn.today)
        if not offered and instead(turn, branch).code == draft.answers.get("branch"):
            day = closes(turn, branch)
            name = branch_name(turn, branch)
            return Problem(turn.say("problem.collecting.closes", branch=name, day=day))
        return super()._pickup(turn, draft, branch)

    def _consent(self, turn: Any, draft: Draft, bank: str) -> None:
        """The bank has the data already."""


ANY = BranchChoice(name="branch", section="branch", form="card")
SAME = BranchOfBank(name="branch", section="branch", form="card")


def move_branch(turn: Any, application: Application) -> Next:
    """Which branch?"""
    if application.state in SENT_ON and (moving := on_its_way(turn, application)):
        return moving
    remembered(turn)["draft"] = {}
    if application.state in AT_BRANCH_OR_BACK:
        others = turn.city.offered(turn.today, application.bank)
        if not [b for b in others if b.code != application.branch]:
            return said(turn, "moving.only_one")
    asked = ask_branch(turn, application)
    made = application.state in AT_BRANCH_OR_BACK
    return Next(asked, "branch", {"draft": remembered(turn)["draft"], "made": made})


def _question(turn: Any, application: Application) -> tuple[BranchChoice, Draft]:
    draft = draft_of(turn, application)
    if application.state not in AT_BRANCH_OR_BACK:
        return ANY, draft
    draft.inner.setdefault("bank", application.bank)
    return SAME, draft


def ask_branch(turn: Any, application: Application) -> Reply:
    step, draft = _question(turn, application)
    reply = step.ask(turn, draft)
    kept(turn, draft, Answer())  # which words were shown: the consent is to these
    return reply


def read_branch(turn: Any, application: Application) -> Reading | Next:
    if remembered(turn).get("made") != (application.state in AT_BRANCH_OR_BACK):
        return move_branch(turn, application)  # other branches can be chosen now
    step, draft = _question(turn, application)
    reading = step.read(turn, draft)
    kept(turn, draft, reading)
    if not isinstance(reading, Answer):
        return reading
    values = {name: str(value) for name, value in reading.values.items()}
    if application.state in AT_BRANCH_OR_BACK:
        return _sent_on(turn, application, values["branch"])
    if asks_each(turn) and values["bank"] != application.bank:
        keep = {"draft": remembered(turn)["draft"], "chosen": values}
        return Next(_consent_question(turn, values["bank"]), "bank_consent", keep)
    return _changed(turn, application, values, draft)


# --- before it is handed over -----------------------------------------------------------------


def _consent_question(turn: Any, bank: str) -> Reply:
    name = bank_name(turn, turn.city.bank(bank))
    return Reply(turn.say("card.bank_consent.ask", bank=name))


def ask_consent(turn: Any, application: Application) -> Reply:
    return _consent_question(turn, remembered(turn)["chosen"]["bank"])


def read_consent(turn: Any, application: Application) -> Reading | Next:
    """The separate consent, where the city asks for it apart."""
    if application.state in AT_BRANCH_OR_BACK:
        return move_branch(turn, application)
    chosen, draft = remembered(turn)["chosen"], draft_of(turn, application)
    match words("card").command(words_of(turn)):
        case "yes":
            asked, bank = _consent_question(turn, chosen["bank"]).text, {"bank": chosen["bank"]}
            give(turn, draft, "handing_over", asked, bank)
            return _changed(turn, application, chosen, draft)
        case "no":
            return said(turn, "moving.kept")
    return UNCLEAR


def _changed(turn: Any, application: Application, values: dict[str, str], draft: Draft) -> Next:
    card = for_change(turn, application, BEFORE_MADE)
    if values["bank"] != card.bank:
        withdraw_consents(turn.records, card.draft_id, turn.now, kind="handing_over")
    keep_consents(turn.records, draft.id, card.id)
    answers = {**open_answers(card, turn.keys), **values}
    replace_answers(turn.records, turn.keys, card, answers, Actor.CITIZEN, turn.now)
    card.bank, card.branch, card.delivery = (values[n] for n in ("bank", "branch", "delivery"))
    turn.records.flush()
    if card.state == State.BANK_FAILED:
        again, citizen = State.BANK_OPENING, Actor.CITIZEN
        life = turn.life
        life.advance(
            turn.records, card, again, citizen, turn.now, by="", reason="bank_changed", quiet=True
        )
    draft.answers.update(values)
    step = "moving.opening" if card.state == State.BANK_OPENING else "moving.changed"
    return said(turn, step, place=ANY.show(turn, draft))


# --- a card that is made ----------------------------------------------------------------------


def _sent_on(turn: Any, application: Application, branch: str) -> Next:
    card = for_change(turn, application, AT_BRANCH_OR_BACK)
    place = ANY.show(turn, _chosen(turn, application, branch))
    if card.state == State.MAIL_RETURNED:
        put_at(turn.records, turn.keys, card, branch, Actor.CITIZEN, turn.now)
        return said(turn, "moving.instead_of_post", place=place)
    move = open_move(turn.records, card.id)
    if move is None or move.sent_at is None:
        ask_move(turn.records, card, branch, turn.now, move_id=turn.sources.new_id())
        return said(turn, "moving.noted", place=place)
    return said(turn, "moving.sent", place=place)


def _chosen(turn: Any, application: Application, branch: str) -> Draft:
    draft = draft_of(turn, application)
    draft.answers.update({"delivery": "pickup", "bank": application.bank, "branch": branch})
    return draft


def stay(turn: Any, application: Application) -> Next:
    """The card is collected where it is after all."""
    card = for_change(turn, application, SENT_ON)
    return said(
        turn, "moving.dropped" if drop_move(turn.records, card, turn.now) else "moving.gone"
    )
