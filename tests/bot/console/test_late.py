"""The page of what is past its promised day."""

from __future__ import annotations

from datetime import timedelta

from bot.app import promises
from models.staff import Role
from tests.bot.console.staffed import Staffed
from tests.models.making import OTHER_NUMBER, make_application, make_person

ANSWERS = {"name": "陈国强", "phone": "13900001234"}


def test_who_is_late_is_listed_after_being_told_and_only_to_their_district(
    console: Staffed,
) -> None:
    parts = console.parts
    with parts.database.writing() as records:
        east = make_application(records, make_person(records), answers=ANSWERS, district="119901")
        other = make_person(records, id_number=OTHER_NUMBER)
        west = make_application(records, other, answers=ANSWERS, district="119902")
    supervisor = console.desk(Role.SUPERVISOR, districts=("119901",))
    assert east.number not in supervisor.get("/late").text
    assert promises(parts).do(console.clock() + timedelta(days=30)) == 2
    page = supervisor.get("/late").text
    assert east.number in page and west.number not in page
    assert "城东区" in page and "待审核" in page and "2026-11-30" in page
    assert supervisor.get(f"/late?after={west.id}").status_code == 404
    assert west.number in console.desk(Role.ADMINISTRATOR).get("/late").text
    assert console.desk(Role.REVIEWER).get("/late").status_code == 403
