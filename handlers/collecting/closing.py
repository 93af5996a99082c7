"""The answers to a campaign of a branch that closes: 改到…, one tap, and 选别的网点."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.router import Conversation
from config.city import Branch
from handlers.card.branch import branch_address, branch_name
from handlers.collecting.cards import concerns
from handlers.collecting.talk import CollectTalk
from handlers.menu import menu
from handlers.progress.shown import read_progress, telling
from models.applications import Application, find_application
from models.branch_closing import move_to
from models.card_moves import open_move
from models.push.campaigns import Campaign
from models.push.closing import Closing

if TYPE_CHECKING:
    from handlers.push.acts import Answered

_COLLECTING = CollectTalk(menu, lambda turn, intent: None)


def to_successor(turn: Any, answered: Answered, open_: Conversation | None) -> Outcome:
    """The card goes to the branch that goes on for the closed one; None: a campaign about no
    branch."""
    closing, found = _meant(turn, answered)
    if closing is None:
        return None
    if found is None:
        return _said(turn, turn.say("closing.none"), open_)
    to = _goes_on(turn, closing)
    if to is None:
        return other_branch(turn, answered, open_)
    card: Application = turn.records.get_one(Application, found.id, with_for_update=True)
    moved = move_to(turn.records, turn.life, card, closing.branch, to.code, turn.now)
    match moved:
        case "changed":
            new, where = branch_name(turn, to), branch_address(turn, to)
            text = turn.say("closing.changed", new=new, where=where)
        case "asked":
            old = _name(turn, closing.branch)
            text = turn.say("closing.asked", old=old, new=branch_name(turn, to))
        case "sent":
            text = turn.say("closing.sent")
        case "elsewhere":
            text = turn.say("closing.elsewhere", place=_place(turn, found))
        case "over":
            text = _over(turn, found)
    return _said(turn, text, open_)


def other_branch(turn: Any, answered: Answered, open_: Conversation | None) -> Outcome:
    """The question of 改网点, for this card; a form that was open is gone on with afterwards."""
    closing, card = _meant(turn, answered)
    if closing is None:
        return None
    if card is None:
        return _said(turn, turn.say("closing.none"), open_)
    if not concerns(turn, "move_branch", card):
        return _said(turn, _over(turn, card), open_)
    return _COLLECTING.enter(turn, "move_branch", card)


# --- small parts -------------------------------------------------------------------------------


def _meant(turn: Any, answered: Answered) -> tuple[Closing | None, Application | None]:
    """Which branch the campaign was about, and the application that this person was told of."""
    with turn.reading() as records:
        campaign = records.get(Campaign, answered.heard.campaign_id)
        closing = Closing.of(campaign) if campaign else None
        number = answered.heard.number
        card = find_application(records, number) if closing and number else None
        records.expunge_all()
    return closing, card


def _goes_on(turn: Any, closing: Closing) -> Branch | None:
    """The successor, or what follows it since; None where the profile has it no more."""
    known = {branch.code: branch for branch in turn.city.branches}
    to: Branch | None = known.get(closing.successor)
    if to is None or to.is_open(turn.today):
        return to
    found: Branch = turn.city.instead_of(to, turn.today)
    return found


def _name(turn: Any, code: str) -> str:
    known = (branch for branch in turn.city.branches if branch.code == code)
    return next((branch_name(turn, branch) for branch in known), code)


def _place(turn: Any, card: Application) -> str:
    """Where the card goes now."""
    with turn.reading() as records:
        move = open_move(records, card.id)
        code = move.to_branch if move else card.branch
    return _name(turn, code)


def _over(turn: Any, card: Application) -> str:
    told, progress = telling(turn), read_progress(turn, card)
    where = f"{told.headline(progress)}\n{told.detail(progress)}"
    return str(turn.say("closing.over", where=where))


def _said(turn: Any, text: str, open_: Conversation | None) -> Reply:
    return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))
