"""Showing what is masked: once, to who says what for, and never unwritten.

A page masks by `Shown`. Its form (`unmask_form` of `unmasking.html`) posts to a route of the page's
own topic, which checks that the subject is theirs, calls `unmask` and renders the page once more,
with `Shown(full=True)`: the answer to that POST is the only place where full values stand.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, request
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.words import PURPOSE_NAMES
from models.masking import OWNER, Item

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """How a page shows personal data: masked, or in full."""

    full: bool = False

    def __call__(self, item: Item, value: str | None) -> str:
        """A datum as it is shown; "" for none."""
        return (value if self.full else OWNER[item](value)) if value else ""


def unmask(console: Console, records: Records, subject: str, fields: str = "all") -> Shown:
    """Note that whoever asks sees `subject` (`application:<id>`, `person:<id>`) in full, with the
    purpose and reason of their form. Call it in the transaction in which the values are read. Ends
    the request with 422 where purpose or reason are missing."""
    purpose = request.form.get("purpose", "")
    reason = request.form.get("reason", "").strip()
    if purpose not in PURPOSE_NAMES or not 0 < len(reason) <= LONGEST_REASON:
        abort(422)
    console.note(records, "console.unmask", subject, reason, purpose=purpose, fields=fields)
    return Shown(full=True)
