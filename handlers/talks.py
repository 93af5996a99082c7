"""Every conversation put together: the router that answers a turn. A new one is added here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.dialogue.intents import Guess
from bot.dialogue.messages import Kind, Outcome
from bot.dialogue.router import Conversation, Router
from handlers import desk, everywhere, looked, pages, reports
from handlers.arrivals import Arrivals
from handlers.bindings import BindingsTalk
from handlers.card.form import card_talk
from handlers.card.jobs import JOBS as CARD_JOBS
from handlers.collecting.talk import CollectTalk
from handlers.elsewhere.moving import JOBS as MOVING_JOBS
from handlers.elsewhere.talk import MovingTalk
from handlers.genuine import GenuineTalk
from handlers.human import HumanTalk
from handlers.menu import INTENTS, menu
from handlers.nearby import nearby
from handlers.progress.talk import ProgressTalk
from handlers.push import choices, linking
from handlers.push.answers import PushAnswers
from handlers.resume import Resume
from handlers.returned.draft import FORM
from handlers.returned.talk import ReturnedTalk
from handlers.revoked import revoked
from handlers.words import words

JOBS = (*CARD_JOBS, *MOVING_JOBS)
"""Every kind of background work a conversation may ask for."""


def router(
    understand: Callable[[str, float], Sequence[Guess]],
    answers: Callable[[Any, str], str | None],
    site: str = "",
) -> Router:
    """The bot. `understand` guesses what a text means, `answers` is the FAQ, `site` the address of
    our pages."""
    moving, progress, human = MovingTalk(menu), ProgressTalk(menu), HumanTalk(menu)
    card, resume = card_talk(menu, moving.offered), Resume(moving.offered)
    moving.forms = {card.name: card}
    genuine, bindings = GenuineTalk(menu, site), BindingsTalk(menu)
    collecting = CollectTalk(menu, card.begin)
    talks: tuple[Conversation, ...] = (
        collecting, ReturnedTalk(menu, card), card, progress, human, genuine, moving, bindings
    )  # fmt: skip
    conversations = {talk.name: talk for talk in talks}
    arrivals = Arrivals(menu)
    human.conversations = resume.conversations = arrivals.conversations = conversations
    genuine.conversations = bindings.conversations = conversations
    routed = Router(
        conversations=conversations,
        jobs={
            **{spec.name: card.name for spec in CARD_JOBS},
            **{spec.name: moving.name for spec in MOVING_JOBS},
        },
        words=words("global"),
        openers=words("openers"),
        understand=understand,
        menu=menu,
        forms=frozenset({card.name, FORM}),
        menu_intents=INTENTS,
        answers=answers,
        commands=_commands(human, bindings, genuine, resume),
        hear=everywhere.hear,
        silent=desk.has_the_chat,
        nearby=nearby,
        events=_events(arrivals, genuine),
        outside=PushAnswers(),
    )
    arrivals.opens = routed.opens
    return routed


def _commands(
    human: HumanTalk, bindings: BindingsTalk, genuine: GenuineTalk, resume: Resume
) -> dict[str, Callable[[Any, Conversation | None], Outcome]]:
    """Who answers a global word."""
    return {
        "human": human.wanted,
        "consult_human": human.wanted,
        "language": everywhere.language,
        "counter": everywhere.counter,
        "unbind": everywhere.unbound,
        "unbind_others": bindings.wanted,
        "who_looked": looked.wanted,
        "stop_pushes": choices.stopped,
        "want_pushes": choices.wanted,
        "link_staff": linking.linked,
        "genuine": genuine.wanted,
        "resume": resume.wanted,
        "drop_draft": resume.dropped,
    }


def _events(arrivals: Arrivals, genuine: GenuineTalk) -> dict[Kind, Callable[[Any], Outcome]]:
    """What is answered by itself, whatever is open."""
    return {
        Kind.SUBSCRIBE: arrivals.followed,
        Kind.SCAN: arrivals.followed,
        Kind.ENTER: arrivals.entered,
        Kind.UNSUBSCRIBE: arrivals.left,
        Kind.PAGE: pages.Forms(genuine),
        Kind.DESK: desk.noted,
        Kind.CREDITS: reports.credited,
        Kind.DELIVERY: reports.delivered,
        Kind.MASS: reports.mass_sent,
        Kind.CHECKED: reports.checked,
        Kind.REVOKED: revoked,
    }
