"""A list of numbers or phones: whom it means, and of each other row why it adds nobody."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import event
from sqlalchemy.orm import Session as Records

from models.applications import Application
from models.database import Database
from models.people import Proof, bind, find_account
from models.push import listed
from models.push.audience import Purpose
from models.push.choices import stop_pushes, want_announcements
from models.push.listed import Left, Matched, Typed, match
from tests.models.making import KEYS, NOW, PHONE, make_application, make_person

EAST, WEST = "119901", "119902"
IDS = ("119999199003070019", "119999201806150020", "11999919850101001X")
OTHER_PHONE = "13900005678"


def applicant(records: Records, account: str, number: str, **other: object) -> Application:
    """Somebody with a proven phone, bound to an account, whose application lies in a district."""
    district = other.pop("district", EAST)
    person = make_person(records, id_number=number, **other)  # type: ignore[arg-type]
    bind(records, account, person.id, NOW)
    return make_application(records, person, account=account, district=district)


def matched(
    records: Records,
    *typed: str,
    purpose: Purpose = "service",
    districts: tuple[str, ...] = (),
) -> Matched:
    rows: Iterable[Typed] = [
        Typed(n, text, "phone" if text[:1] in ("1", "+", "'") else "number")
        for n, text in enumerate(typed, 2)
    ]
    return match(records, KEYS, rows, purpose=purpose, prefix="YZ", districts=districts)


def recipient(records: Records, account: str) -> int:
    found = find_account(records, account)
    assert found
    return found.recipient


def test_numbers_mean_their_applicants_and_each_other_row_says_why_not(database: Database) -> None:
    with database.writing() as records:
        one = applicant(records, "wechat:wx1:oA", IDS[0])
        other = applicant(records, "wechat:wx1:oB", IDS[1], phone=OTHER_PHONE)
        stop_pushes(records, "wechat:wx1:oB", NOW)
        lower = f" {one.number[:6]} {one.number[6:]}".lower()
        found = matched(records, lower, one.number, other.number, "YZ261123999999", "YZ12", "")
        assert found.people == {recipient(records, "wechat:wx1:oA"): one.number}
        assert [(left.row, left.why, left.of) for left in found.left] == [
            (3, "twice", 2), (4, "stopped", 0), (5, "unknown", 0), (6, "malformed", 0),
            (7, "malformed", 0),
        ]  # fmt: skip


def test_announcements_go_to_those_who_said_yes(database: Database) -> None:
    with database.writing() as records:
        one = applicant(records, "wechat:wx1:oA", IDS[0])
        other = applicant(records, "wechat:wx1:oB", IDS[1], phone=OTHER_PHONE)
        want_announcements(records, "wechat:wx1:oB", NOW)
        found = matched(records, one.number, other.number, purpose="announcement")
        assert list(found.people.values()) == [other.number]
        assert found.left == [Left(2, one.number, "not_agreed")]


def test_a_phone_means_all_who_have_proven_it(database: Database) -> None:
    with database.writing() as records:
        mother = applicant(records, "wechat:wx1:oA", IDS[0])
        child = applicant(records, "wechat:wx1:oB", IDS[1])
        applicant(records, "wechat:wx1:oC", IDS[2], phone=OTHER_PHONE, proof=Proof.CODE)
        found = matched(records, "+86 139 0000 1234", "'13900001234", OTHER_PHONE, "1390000")
        assert set(found.people.values()) == {mother.number, child.number}
        assert [(left.row, left.why, left.of) for left in found.left] == [
            (3, "twice", 2), (4, "nobody", 0), (5, "malformed", 0),
        ]  # fmt: skip


def test_of_a_phone_it_is_not_told_why_nobody_is(database: Database) -> None:
    with database.writing() as records:
        applicant(records, "wechat:wx1:oA", IDS[0])
        stop_pushes(records, "wechat:wx1:oA", NOW)
        applicant(records, "wechat:wx1:oB", IDS[1], phone=OTHER_PHONE, district=WEST)
        found = matched(records, PHONE, OTHER_PHONE, "13700000000", districts=(EAST,))
        assert found.people == {}
        assert {left.why for left in found.left} == {"nobody"}


def test_another_districts_application_is_not_there(database: Database) -> None:
    with database.writing() as records:
        one = applicant(records, "wechat:wx1:oA", IDS[0], district=WEST)
        assert matched(records, one.number, districts=(EAST,)).left[0].why == "unknown"
        assert matched(records, one.number, districts=(EAST, WEST)).people


def test_who_never_applied_is_told_announcements_by_phone_alone(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        bind(records, "wechat:wx1:oA", person.id, NOW)
        want_announcements(records, "wechat:wx1:oA", NOW)
        assert matched(records, PHONE).left[0].why == "nobody"
        found = matched(records, PHONE, purpose="announcement")
        assert found.people == {recipient(records, "wechat:wx1:oA"): None}


def test_the_same_person_by_two_applications_is_told_once(database: Database) -> None:
    with database.writing() as records:
        first = applicant(records, "wechat:wx1:oA", IDS[0])
        holder = make_person(records, id_number=IDS[1], phone=None)
        second = make_application(records, holder, account="wechat:wx1:oA", district=EAST)
        found = matched(records, second.number, first.number, PHONE)
        assert list(found.people.values()) == [second.number]
        assert [(left.row, left.why, left.of) for left in found.left] == [
            (3, "twice", 2), (4, "twice", 2),
        ]  # fmt: skip


def test_a_long_list_is_a_few_statements(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        said: list[str] = []
        bound = records.get_bind()
        event.listen(bound, "before_cursor_execute", lambda *given: said.append(given[2]))
        rows = [f"YZ261123{n:06d}" for n in range(2 * listed.AT_ONCE + 1)]
        phones = [f"139{n:08d}" for n in range(2 * listed.AT_ONCE + 1)]
        assert len(matched(records, *rows, *phones).left) == len(rows) + len(phones)
        assert [each[:6] for each in said] == ["SELECT"] * 6
