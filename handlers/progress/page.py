"""进度 by a page's forms: the same proof, codes and limits as in the chat, and the same words.

What a page asks leaves the open question of the chat alone: whoever fills in the card form in one
window may look at progress in another. A page shows what a reply is `about`, and only to the
account that the reply was given to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.messages import Reply
from bot.dialogue.readings import Fault
from handlers.progress.proof import proven, read_asked, send_code
from handlers.progress.shown import told
from models.applications import Application
from models.one_time_codes import code_in
from models.people import bind

NOTES = "pages"
CODE_SENT = "progress:code"  # what the reply is about when a code was sent, or seemed to be
REMEMBERED = "progress:remembered"
_BARE_NUMBER = re.compile(r"\d{10,}")


def ask(turn: Any) -> Reply:
    """Field `number`, or `name` and `id_number`. Whether there is such a thing does not show."""
    try:
        proof = send_code(turn, read_asked(turn, _said(turn, turn.update.data)))
    except Fault as fault:
        unread = fault.key == "progress.who"  # in fields, not in a message
        return Reply(turn.say("progress.page_problem.who") if unread else fault.said(turn))
    turn.session.notes[NOTES] = proof
    return Reply(turn.say("progress.page_code"), about=CODE_SENT)


def prove(turn: Any) -> Reply:
    """Field `code`. The right one shows the application that was asked for."""
    typed = str(turn.update.data.get("code", ""))
    code = code_in(typed)
    if code is None:
        digits = len(re.sub(r"\D", "", typed))
        return Reply(turn.say("problem.code.length", digits=digits), about=CODE_SENT)
    notes: dict[str, str] = turn.session.notes.get(NOTES, {})
    verdict = proven(turn, notes, code)
    application_id = notes.get("application")
    if verdict != "ok" or not application_id:
        problem = verdict if verdict != "ok" else "wrong"
        return Reply(turn.say(f"progress.page_problem.{problem}"), about=CODE_SENT)
    turn.session.notes[NOTES] = {"proven": application_id, "at": turn.now.isoformat()}
    turn.records.flush()  # the telling reads in a session of its own
    return told(turn, turn.records.get(Application, application_id), turn.say("progress.proven"))


def remember(turn: Any) -> Reply:
    """This account is the person's whose application was shown last, after proof."""
    application = just_proven(turn)
    if application is None:
        return Reply(turn.say("progress.who"))
    if not application.holder_proven:
        return told(turn, application, turn.say("progress.not_proven"))
    bind(turn.records, str(turn.account), application.holder_id, turn.now)
    turn.session.notes.pop(NOTES)
    return Reply(turn.say("progress.page_remembered"), about=REMEMBERED)


def _said(turn: Any, fields: Mapping[str, Any]) -> str:
    """The fields as a message would say them; the number's letters may be left out."""
    number, name, id_number = (
        str(fields.get(field, "")).strip() for field in ("number", "name", "id_number")
    )
    if _BARE_NUMBER.fullmatch(number):
        return f"{turn.city.acceptance_prefix}{number}"
    return number or f"{name} {id_number}"


def just_proven(turn: Any) -> Application | None:
    """What was proven last, as long as a code holds; afterwards somebody else may sit there."""
    notes: dict[str, str] = turn.session.notes.get(NOTES, {})
    life = timedelta(minutes=turn.city.days.code_minutes)
    if "proven" not in notes or turn.now >= datetime.fromisoformat(notes["at"]) + life:
        return None
    with turn.reading() as records:
        found: Application | None = records.get(Application, notes["proven"])
        records.expunge_all()
    return found
