"""The conversation of the soak: whatever it is told, it can be counted afterwards.

A message is `soak NUMBER MODE`. Every handling draws a mark of its own, so that a message that was
handled twice shows, however alike its two answers may be. The answer is the token
`<NUMBER.WROTE.MARK>`, WROTE being what was written: `n` nothing, `t` a ticket, `s` an SMS, `j` a
job's ticket, `p` a picture, `x` a job that came to nothing. `soak 0 seen` tells all tokens.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from bot.dialogue.messages import LATER, Kind, Outcome, Picture, Reply
from bot.ports import Desk, JobSpec, Turn
from models.tickets import add_ticket

WORD = "soak"
PICTURE = "5" * 32  # the document that goes with every picture
JOB = "soak"


def counted(turn: Turn) -> bool:
    """Whether this turn is the soak's, and not one of the bot's own conversations."""
    if turn.update.kind is Kind.RESULT:
        return turn.update.key == JOB
    return turn.update.text.startswith(f"{WORD} ")


def count(turn: Turn) -> Outcome:
    """Remember the message, write what its mode says, answer with its token."""
    if turn.update.kind is Kind.RESULT:
        return _result(turn)
    _, number, mode = turn.update.text.split(" ")
    if mode == "seen":
        return Reply("seen: " + " ".join(_seen(turn)))
    mark = os.urandom(2).hex()
    if mode == "chance":  # as with an office that answers or not
        mode = "ticket" if mark < "8" else "plain"
    token = f"<{number}.{mode[0] if mode != 'plain' else 'n'}.{mark}>"
    _seen(turn).append(token)
    return _write(turn, mode, int(number), token)


def _write(turn: Turn, mode: str, number: int, token: str) -> Outcome:
    if mode == "ticket":
        _ticket(turn, number)
    if mode == "sms":
        turn.send_sms("13900001234", "code", {"number": str(number), "person": turn.account.user})
    if mode == "job":
        turn.start_job(JOB, {"token": token})
        return LATER
    if mode == "picture":
        return Reply(token, picture=Picture(PICTURE, f"{turn.account.user} {number}", "look"))
    return Reply(token)


def _result(turn: Turn) -> Outcome:
    token = str(turn.update.data.get("token", ""))
    if not token:
        return Reply("the work came to nothing")
    _ticket(turn, int(token[1:].partition(".")[0]))
    return Reply(token)


def _ticket(turn: Turn, number: int) -> None:
    add_ticket(
        turn.records,
        turn.keys,
        ticket_id=turn.sources.new_id(),
        account=str(turn.account),
        kind=f"{WORD}-{number}",
        payload={},
        now=turn.now,
    )


def _seen(turn: Turn) -> list[str]:
    tokens: list[str] = turn.session.notes.setdefault("soak", [])
    return tokens


def _run(desk: Desk) -> Mapping[str, Any]:
    time.sleep(0.01)
    return {"token": desk.payload["token"]}


SPEC = JobSpec(JOB, _run, attempts=6)
