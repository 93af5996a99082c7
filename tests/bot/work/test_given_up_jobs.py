"""A job that came to nothing says what it was about."""

from __future__ import annotations

from bot.dialogue.messages import LATER, Kind, Outcome
from bot.ports import Desk, JobSpec, OfficeError, Turn
from tests.bot.turn.rig import Rig, said
from tests.bot.work.desk_rig import worker

ABOUT = {"draft": "d1", "photo": "u1"}


def ask_and_note(turn: Turn) -> Outcome:
    """A message starts a job about a draft; what the job says is noted."""
    if turn.update.kind is Kind.RESULT:
        turn.session.notes["result"] = dict(turn.update.data)
    else:
        turn.start_job("toy", {**ABOUT, "name": turn.update.text})
    return LATER


def refuse(desk: Desk) -> dict[str, object]:
    raise OfficeError("identity", "http_500", retry=False)


def test_an_error_names_the_draft_and_the_photo_and_nothing_else(rig: Rig) -> None:
    """A draft that was given up meanwhile must not touch the next one."""
    for number, known in enumerate(([JobSpec("toy", refuse)], []), 1):
        turns = rig.turns(handle=ask_and_note, deadline_s=0.1)
        turns.take(said(number))
        worker(rig, known, turns=turns).settle()
        assert rig.session()["notes"]["result"] == {"error": "unavailable", **ABOUT}
