"""`/looks`: 谁看过我的资料, in full, for the person this browser is bound to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response

from bot.dialogue.messages import AccountKey
from bot.website.site import Website
from models.looks import Look, looks_at
from models.progress import own_applications


@dataclass(frozen=True, slots=True)
class Row:
    """One audited act, in words."""

    day: str
    role: str
    what: str
    purpose: str


def looks_views(website: Website) -> Blueprint:
    """The page. It knows the visitor or tells nothing."""
    views = Blueprint("looks", __name__, template_folder="templates")
    parts = website.parts

    @views.get("/looks")
    def looks() -> Response:
        visitor = website.visitors.known()
        known, found = _looks(visitor.account) if visitor else (False, [])
        return website.personal("looks.html", known=known, rows=[_row(look) for look in found])

    def _looks(account: AccountKey) -> tuple[bool, list[Look]]:
        with parts.database.reading() as records:
            found = looks_at(records, str(account))
            return bool(found or own_applications(records, str(account))), found

    def _row(look: Look) -> Row:
        def say(key: str, **values: object) -> str:
            return parts.texts.say(website.pages.locale(), f"trust.{key}", **values)

        day = look.at.astimezone(parts.city.tz).date()
        tail = say("looked.tail", tail=look.number_tail) if look.number_tail else ""
        return Row(
            day=say("day", day=day),
            role=say(f"role.{look.role}"),
            what=say(f"what.{look.what}") + tail,
            purpose=say(f"purpose.{look.purpose}"),
        )

    return views
