"""The proof before progress is told: what is asked for, and the code to the phone that it names.

Whether there is such an application must show neither in words nor in time: both ways do the same
work, row by row, and only the one SMS differs, which is held back where there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from bot.dialogue.readings import Fault
from bot.dialogue.several import parts_of, read_parts
from bot.dialogue.state import Draft
from bot.dialogue.words import fold
from handlers.card.values import ID_NUMBER, NAME
from models.applications import (
    Application,
    applications_of,
    find_application,
    open_answers,
    open_decoy,
)
from models.notices import hold_back
from models.one_time_codes import Verdict, check_code, issue_silently
from models.people import find_person
from models.progress import shown_first

PURPOSE = "progress"


@dataclass(frozen=True)
class Asked:
    """What somebody asks for: an acceptance number, or a name and an ID number."""

    number: str = ""
    name: str = ""
    id_number: str = ""

    @property
    def text(self) -> str:
        return self.number or f"{self.id_number} {self.name}"


def read_asked(turn: Any, said: str) -> Asked:
    """What a message asks for, in any order. Raises `Fault`."""
    number = re.search(rf"{turn.city.acceptance_prefix}\s*(\d{{10,}})", fold(said).upper())
    if number:
        return Asked(number=f"{turn.city.acceptance_prefix}{number.group(1)}")
    parts, no_draft = parts_of(said), cast(Draft, None)  # neither value depends on a draft
    found, fault = read_parts(turn, no_draft, parts, (NAME, ID_NUMBER))
    if len(found) == 2:
        return Asked(**found)
    raise fault if fault and len(parts) > 1 else Fault("progress.who")


def send_code(turn: Any, asked: Asked) -> dict[str, str]:
    """Send a code to the phone of what is asked for, if there is such a thing, or seem to.

    Returns what `proven` needs. Who asks for the same again within the minute goes on with the
    code before: that, too, whether or not there is anything.
    """
    if earlier := _just_asked(turn, asked):
        return earlier
    application, phone = _find(turn, asked)
    code, code_id = turn.sources.sms_code(), turn.sources.new_id()
    sent = issue_silently(
        turn.records,
        turn.keys,
        code_id=code_id,
        account=str(turn.account),
        purpose=PURPOSE,
        phone=phone,
        asked=asked.text,
        code=code,
        now=turn.now,
        life=timedelta(minutes=turn.city.days.code_minutes),
        resend_after=_resend_after(turn),
    )
    params = {"code": code, "minutes": str(turn.city.days.code_minutes)}
    notice = turn.send_sms(phone or "", "code", params)
    hold_back(turn.records, notice, unless=sent)
    proof = {"application": application.id if application else "", "code": code_id}
    told = {"asked": _mark(turn, asked), "at": turn.now.isoformat()}
    turn.session.notes["progress_asked"] = {**proof, **told}
    return proof


def proven(turn: Any, proof: dict[str, str], code: str) -> Verdict:
    """Whether this code proves it: a code for another application proves nothing."""
    return check_code(
        turn.records,
        turn.keys,
        account=str(turn.account),
        purpose=PURPOSE,
        code=code,
        now=turn.now,
        code_id=proof.get("code", ""),
    )


def _just_asked(turn: Any, asked: Asked) -> dict[str, str] | None:
    last: dict[str, str] = turn.session.notes.get("progress_asked", {})
    if last.get("asked") != _mark(turn, asked):
        return None
    recent = turn.now < datetime.fromisoformat(last["at"]) + _resend_after(turn)
    return {"application": last["application"], "code": last["code"]} if recent else None


def _resend_after(turn: Any) -> timedelta:
    return timedelta(seconds=turn.city.days.resend_seconds)


def _mark(turn: Any, asked: Asked) -> str:
    """Tells two askings apart without keeping what was asked."""
    return str(turn.keys.index("asked", PURPOSE, asked.text))


# --- finding ------------------------------------------------------------------------------------


def _find(turn: Any, asked: Asked) -> tuple[Application | None, str | None]:
    """The application and the phone it names; nothing of it where there is none.

    Of several for one holder the latest open one counts, a proven one first. The name must be the
    application's own: what others claimed about a number is no name of its holder.
    """
    named = [
        (application, answers)
        for application, answers in _opened(turn, asked)
        if not asked.name or answers["name"] == asked.name
    ]
    phones = {application.id: str(answers["phone"]) for application, answers in named}
    found = shown_first([application for application, _ in named])
    best = sorted(found, key=lambda application: not application.holder_proven)
    return (best[0], phones[best[0].id]) if best else (None, None)


def _opened(turn: Any, asked: Asked) -> list[tuple[Application, dict[str, Any]]]:
    """What may be meant, newest first, with its answers. Opens a decoy where there is nothing."""
    if asked.number:
        found = [find_application(turn.records, asked.number)]
    else:
        person = find_person(turn.records, turn.keys, asked.id_number)
        holder = person.id if person else "nobody"
        theirs = applications_of(turn.records, person_id=holder)
        found = [a for a in theirs if a.holder_id == holder]
    opened = [(a, open_answers(a, turn.keys)) for a in found if a]
    if not opened:
        open_decoy(turn.keys)
    return opened
