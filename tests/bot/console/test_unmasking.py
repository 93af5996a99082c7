"""Full values are shown to who says what for, and the person can read who that was."""

from __future__ import annotations

from typing import Any

import pytest
from flask import g
from werkzeug.exceptions import UnprocessableEntity

from bot.console.unmasking import Shown, unmask
from bot.console.words import PURPOSE_NAMES
from models.audit import audit_of
from models.looks import PURPOSES, ROLES, looks_at
from models.staff import Role, Staff
from tests.bot.console.staffed import Staffed
from tests.models.making import ACCOUNT, NUMBER, make_application, make_person


def asked(console: Staffed, staff: Staff, subject: str, **form: str) -> Shown:
    """As a route of a topic does it."""
    app: Any = console.app.extensions["console"]
    with app.test_request_context("/", method="POST", data=form):
        g.staff = staff
        with console.parts.database.writing() as records:
            return unmask(app.extensions["desk"], records, subject)


def reviewer(console: Staffed) -> Staff:
    with console.parts.database.reading() as records:
        return records.get_one(Staff, console.desk(Role.REVIEWER).staff_id)


def test_what_is_unmasked_is_noted_and_told_to_the_person(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        application = make_application(records, make_person(records))
    subject = f"application:{application.id}"
    shown = asked(console, reviewer(console), subject, purpose="complaint", reason="来电核对")
    assert shown("id_number", NUMBER) == NUMBER
    with console.parts.database.reading() as records:
        (event,) = audit_of(records, subject)
        (look,) = looks_at(records, ACCOUNT)
    assert (event.act, event.reason) == ("console.unmask", "来电核对")
    assert (look.what, look.role, look.purpose) == ("unmasked", "reviewer", "complaint")


@pytest.mark.parametrize(
    "form",
    [{}, {"purpose": "review"}, {"purpose": "review", "reason": "  "},
     {"purpose": "fun", "reason": "x"}, {"purpose": "review", "reason": "x" * 201}],
)  # fmt: skip
def test_nothing_is_shown_without_a_purpose_and_a_reason(
    console: Staffed, form: dict[str, str]
) -> None:
    with pytest.raises(UnprocessableEntity):
        asked(console, reviewer(console), "application:none", **form)
    with console.parts.database.reading() as records:
        assert audit_of(records, "application:none") == []


def test_what_is_not_unmasked_is_masked() -> None:
    assert Shown()("id_number", NUMBER) == "119***********0019"
    assert Shown()("name", None) == ""


def test_every_office_and_purpose_has_words_for_residents(console: Staffed) -> None:
    assert list(PURPOSE_NAMES) == list(PURPOSES)
    say = console.parts.texts.say
    place = console.parts.city.city_office
    for locale in ("zh_CN", "en"):
        told = [say(locale, f"trust.role.{role}", city_office=place) for role in ROLES]
        told += [say(locale, f"trust.purpose.{purpose}") for purpose in PURPOSES]
        assert all(told)
