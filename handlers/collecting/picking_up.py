"""领卡: where the card is, when, with what; 领卡码; 代领."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Reply
from bot.dialogue.readings import Fault, Problem, Reading
from bot.dialogue.several import parts_of, read_parts
from bot.dialogue.steps import words_of
from handlers.card.branch import branch_name
from handlers.card.values import ID_NUMBER, NAME
from handlers.collecting.cards import WANTS, for_change, handed_in_here
from handlers.collecting.stages import Next, choosing, said
from handlers.collecting.switching_on import activate
from handlers.progress.shown import bring, read_progress, telling
from models.application_states import State
from models.applications import Application, open_answers
from models.card_moves import open_move
from models.collection import is_child
from models.id_numbers import age_on, parse_id_number
from models.masking import masks_of
from models.passes import (
    Agent,
    Collector,
    NoDigitsLeft,
    agent_pass,
    end_passes,
    issue_pass,
)


def pickup(turn: Any, application: Application) -> Next:
    """Where the card is, and what can be done about it now."""
    match application.state:
        case State.COLLECTED | State.ACTIVATED:
            return activate(turn, application)
        case State.MAILED:
            return choosing(turn, _detail(turn, application), ["card_received"])
        case State.MAIL_RETURNED:
            return choosing(turn, _detail(turn, application), ["new_address", "move_branch"])
        case State.READY_FOR_PICKUP:
            return _ready(turn, application)
    return Next(Reply(f"{_detail(turn, application)}\n{bring(turn, application)}"))


def _detail(turn: Any, application: Application) -> str:
    told = telling(turn)
    progress = read_progress(turn, application)
    return f"{told.headline(progress)}\n{told.detail(progress)}"


def _ready(turn: Any, application: Application) -> Next:
    if moving := on_its_way(turn, application):
        return moving
    named = "revoke_agent" if _agent(turn, application) else "collect_agent"
    text = turn.say("collecting.ready", bring=bring(turn, application))
    return choosing(turn, text, ["collect_code", named, "move_branch"])


def on_its_way(turn: Any, application: Application) -> Next | None:
    """That the card goes to another branch; before it has left, it may still stay."""
    with turn.reading() as records:
        move = open_move(records, application.id)
        records.expunge_all()
    if move is None:
        return None
    known = {branch.code: branch for branch in turn.city.branches}
    place = branch_name(turn, known[move.to_branch]) if move.to_branch in known else move.to_branch
    if move.sent_at is not None:
        return said(turn, "moving.sent", place=place)
    return choosing(turn, turn.say("collecting.moving.asked", place=place), ["drop_move"])


# --- 领卡码 -------------------------------------------------------------------------------------


def collect_code(turn: Any, application: Application) -> Next:
    """A new code for who holds the card, or for a child's guardian."""
    if moving := on_its_way(turn, application):
        return moving
    kind = whose_pass(turn, application)
    digits = issue(turn, application, kind)
    if digits is None:
        return said(turn, "code.full")
    return said(turn, f"code.{kind}", digits=spaced(digits), place=place_of(turn, application))


def whose_pass(turn: Any, application: Application) -> Collector:
    """Whether the holder collects, or, for a child, a guardian."""
    below = turn.city.ages.guardian_below
    child = is_child(application, turn.keys, below, turn.today)
    return Collector.GUARDIAN if child else Collector.SELF


def issue(
    turn: Any, application: Application, kind: Collector, agent: Agent | None = None
) -> str | None:
    """The digits of a new pass; None while the branch has none left. Raises MovedOn."""
    try:
        _, digits = issue_pass(
            turn.records,
            turn.keys,
            for_change(turn, application, WANTS["collect_code"]),
            kind,
            rules=turn.city.collection,
            now=turn.now,
            draw=turn.sources.sms_code,
            new_id=turn.sources.new_id,
            agent=agent,
        )
    except NoDigitsLeft:
        return None
    return digits


def spaced(digits: str) -> str:
    """482 915: read out and typed in two breaths."""
    return f"{digits[:3]} {digits[3:]}"


def place_of(turn: Any, application: Application) -> str:
    """The name of the branch, in the person's language."""
    return str(telling(turn).place(read_progress(turn, application)))


# --- 代领 ---------------------------------------------------------------------------------------


def _agent(turn: Any, application: Application) -> Agent | None:
    with turn.reading() as records:
        found = agent_pass(records, application.id, turn.now)
        named: Agent | None = found.named(turn.keys) if found else None
    return named


def collect_agent(turn: Any, application: Application) -> Next:
    """Who is to collect? A guardian cannot name another: they answer for the child themselves."""
    if moving := on_its_way(turn, application):
        return moving
    if is_child(application, turn.keys, turn.city.ages.guardian_below, turn.today):
        return said(turn, "agent.child")
    if known := _agent(turn, application):
        text = turn.say("collecting.agent.known", **_masked(turn, known))
        return choosing(turn, text, ["revoke_agent"])
    return Next(ask_agent(turn, application), "agent")


def ask_agent(turn: Any, application: Application) -> Reply:
    return Reply(turn.say("collecting.agent.ask"))


def read_agent(turn: Any, application: Application) -> Reading | Next:
    """Name and ID number in one message."""
    found, fault = read_parts(turn, None, parts_of(words_of(turn)), (NAME, ID_NUMBER))  # type: ignore[arg-type]
    if len(found) < 2:
        return Problem((fault or Fault("collecting.agent")).said(turn))
    agent = Agent(**found)
    born = parse_id_number(agent.id_number, turn.today).birth
    if age_on(born, turn.today) < turn.city.collection.agent_age:
        return Problem(turn.say("problem.collecting.agent_child"))
    if agent.id_number == open_answers(application, turn.keys).get("id_number"):
        return Problem(turn.say("problem.collecting.agent_self"))
    return _named(turn, application, agent)


def _named(turn: Any, application: Application, agent: Agent) -> Next:
    digits = issue(turn, application, Collector.AGENT, agent)
    if digits is None:
        return said(turn, "code.full")
    if not handed_in_here(turn, application):
        matter = f"agent:{application.id}"
        turn.life.tell(
            turn.records, application, "agent_named", turn.now, matter=matter, at_once=True
        )
    place = place_of(turn, application)
    return said(turn, "code.agent", digits=spaced(digits), place=place, **_masked(turn, agent))


def revoke_agent(turn: Any, application: Application) -> Next:
    """The other person's code does not hold any more."""
    ended = end_passes(turn.records, application.id, "revoked", turn.now, Collector.AGENT)
    return said(turn, "agent.revoked" if ended else "agent.nobody")


def _masked(turn: Any, agent: Agent) -> dict[str, str]:
    return {"name": masks_of(turn.account.channel)["name"](agent.name), "tail": agent.tail}
