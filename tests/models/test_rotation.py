"""Keys change on line: every sealed column, nothing written meanwhile lost, none retired early."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city_collection import Collection
from models import rotation
from models.applications import Application, find_application, open_answers
from models.database import Database
from models.documents import FileObjects, add_document, open_document
from models.drafts import DraftRow, name_person, start_draft
from models.handover.batches import Batch, add_line
from models.handover.replies import ReplyFile, Told, add_reply
from models.jobs import add_job
from models.notices import Notice, add_sms
from models.one_time_codes import OneTimeCode, issue_code
from models.passes import Agent, Collector, issue_pass
from models.people import Person, find_person, phone_index
from models.push.answers import add_answer
from models.records import place
from models.review.rounds import answers_of_round, keep_answers
from models.rotation import (
    Column,
    KeyInUse,
    reindex,
    retire,
    rotate,
    sealed_columns,
    versions_in_use,
)
from models.sealing import Keyring, SealError
from models.staff import Staff
from models.tickets import add_ticket
from models.turns import (
    add_dead_letter,
    add_turn,
    find_turn,
    place_of_dead_letter,
    place_of_result,
)
from tests.models.making import (
    ACCOUNT,
    DAY,
    KEYS,
    NEWER_KEYS,
    NOW,
    NUMBER,
    OTHER_NUMBER,
    PHONE,
    make_application,
    make_person,
    new_id,
)

NEW_ALONE = Keyring([(2, b"n" * 32)], b"i" * 32)
INVENTED = (NUMBER, OTHER_NUMBER, "820000199101010018", "911840198001010013", "USA110081010109")
OTHER_INDEX = Keyring([(1, b"d" * 32)], b"j" * 32)


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    return FileObjects(tmp_path / "objects")


def _fill(records: Records, objects: FileObjects) -> str:
    """One row in every table with a sealed column; returns the photo's id."""
    person = make_person(records)
    application = make_application(records, person, number="N1", answers={"name": "陈国强"})
    keep_answers(records, KEYS, application, NOW)
    issue_pass(
        records,
        KEYS,
        application,
        Collector.AGENT,
        rules=Collection(),
        now=NOW,
        draw=lambda: "482915",
        new_id=new_id,
        agent=Agent("李小明", OTHER_NUMBER),
    )
    _hand_over(records, application.id)
    sealed = KEYS.seal(b"result", place_of_result(ACCOUNT, "m1"))
    add_turn(records, ACCOUNT, "m1", sealed, NOW)
    letter = new_id()
    add_dead_letter(
        records,
        letter_id=letter,
        account=ACCOUNT,
        update_id="m2",
        update=KEYS.seal(b"u", place_of_dead_letter(letter)),
        fault="",
        at=NOW,
    )
    common: dict[str, Any] = {"account": ACCOUNT, "now": NOW}
    add_job(records, KEYS, name="x", payload={}, answers="m1", job_id=new_id(), **common)
    add_ticket(records, KEYS, ticket_id=new_id(), kind="x", payload={}, **common)
    add_sms(records, KEYS, phone=PHONE, template="t", params={}, notice_id=new_id(), **common)
    _employ(records)
    add_answer(records, KEYS, campaign_id=1, recipient=1, option="", text="几点开门", now=NOW)
    return _photograph(records, objects)


def _employ(records: Records) -> None:
    """A member of staff with a phone."""
    staff = new_id()
    secret = KEYS.seal(b"secret", place("staff", "totp_secret", staff))
    records.add(
        Staff(
            id=staff,
            login="s1",
            name="李工",
            roles=[],
            districts=[],
            password_hash="",
            totp_secret=secret,
            created_at=NOW,
        )
    )


def _photograph(records: Records, objects: FileObjects) -> str:
    """A photo; returns its id."""
    photo = new_id()
    add_document(
        records,
        KEYS,
        objects,
        document_id=photo,
        kind="portrait",
        image=b"image",
        media_type="image/jpeg",
        width=1,
        height=1,
        draft_id=None,
        expires_at=None,
        now=NOW,
    )
    return photo


def _hand_over(records: Records, application_id: str) -> None:
    """A line that went out, a reply file and a line of it."""
    batch = Batch(
        id="SBK_119900_20261126_0001_ORD",
        destination="province",
        bank="",
        kind="ORD",
        form="ndjson",
        suite=1,
        photos=False,
        count=1,
        cut_at=NOW,
        due_at=NOW,
    )
    records.add(batch)
    records.flush()
    add_line(records, KEYS, batch, 1, {"application": application_id, "name": "陈国强"}, "")
    told = Told(application_id, "PROVINCE", "OK", "", "", "", "", "", "", at=NOW, line=1)
    add_reply(records, KEYS, "province", "SBK_119900_20261126_0001_ANS", told, "moved", NOW)
    file = ReplyFile(source="province", name="SBK_119900_20261126_0001_ANS", state="taken")
    file.due_at = file.came_at = NOW
    file.keep(KEYS, b"lines")
    records.add(file)


def test_rotation_reaches_every_sealed_column_and_the_old_key_may_go(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        photo = _fill(records, objects)
    with pytest.raises(KeyInUse) as raised:
        retire(database, 1)
    counts = rotate(database, NEWER_KEYS)
    names = {f"{column.table.name}.{column.name}" for column in sealed_columns()}
    assert counts == dict.fromkeys(names, 1)
    assert raised.value.count == len(names) == 17
    assert versions_in_use(database) == {2: 17}
    retire(database, 1)
    with database.reading() as records:
        _opens_with_the_new_key_alone(records, objects, photo)


def _opens_with_the_new_key_alone(records: Records, objects: FileObjects, photo: str) -> None:
    application = find_application(records, "N1")
    assert application is not None
    assert open_answers(application, NEW_ALONE) == {"name": "陈国强"}
    assert answers_of_round(records, NEW_ALONE, application.id, 1) == {"name": "陈国强"}
    person = records.scalars(select(Person)).one()
    assert person.open_id_number(NEW_ALONE) == NUMBER
    assert person.open_phone(NEW_ALONE) == PHONE
    assert open_document(records, NEW_ALONE, objects, photo) == b"image"
    assert records.scalars(select(Notice)).one().open_payload(NEW_ALONE)["phone"] == PHONE
    result = find_turn(records, ACCOUNT, "m1")
    assert result is not None
    assert NEW_ALONE.open(result, place_of_result(ACCOUNT, "m1")) == b"result"


def test_rotating_again_finds_nothing_to_do(database: Database, objects: FileObjects) -> None:
    with database.writing() as records:
        _fill(records, objects)
    rotate(database, NEWER_KEYS)
    assert rotate(database, NEWER_KEYS) == {}


def test_more_rows_than_a_batch_are_all_re_sealed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    with database.writing() as records:
        for number in range(8):
            sealed = KEYS.seal(b"x", place_of_result(ACCOUNT, f"m{number}"))
            add_turn(records, ACCOUNT, f"m{number}", sealed, NOW)
    assert rotate(database, NEWER_KEYS) == {"turns.result": 8}


def test_what_does_not_open_is_counted_and_keeps_its_key_from_retiring(
    database: Database,
) -> None:
    with database.writing() as records:
        sealed = KEYS.seal(b"x", "somewhere else")
        add_turn(records, ACCOUNT, "m1", sealed, NOW)
    assert rotate(database, NEWER_KEYS) == {"failed": 1}
    with pytest.raises(KeyInUse):
        retire(database, 1)


def test_a_key_that_another_store_uses_is_not_retired(database: Database) -> None:
    with pytest.raises(KeyInUse, match="3 values"):
        retire(database, 1, elsewhere={1: 3})
    retire(database, 1, elsewhere={2: 3})


def test_a_value_written_during_rotation_is_not_overwritten(
    database: Database, objects: FileObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as records:
        _fill(records, objects)
    newer = NEWER_KEYS.seal(b'{"name": "newer"}', "applications.answers:none")
    look = rotation._older_rows

    def look_then_write(
        database: Database, keys: Keyring, column: Column, after: tuple[Any, ...]
    ) -> list[Mapping[str, Any]]:
        rows = look(database, keys, column, after)
        if column.table.name == "applications":
            with database.writing() as records:
                records.scalars(select(Application)).one().answers = newer
        return rows

    monkeypatch.setattr(rotation, "_older_rows", look_then_write)
    assert rotate(database, NEWER_KEYS)["applications.answers"] == 0
    with database.reading() as records:
        assert records.scalars(select(Application.answers)).one() == newer


def test_reindexing_finds_people_by_the_new_key_and_drops_what_has_an_index_alone(
    database: Database,
) -> None:
    with database.writing() as records:
        make_person(records)
        make_person(records, id_number=OTHER_NUMBER, phone=None)
        draft = start_draft(
            records, draft_id=new_id(), account=ACCOUNT, form="card", expires_at=NOW + DAY, now=NOW
        )
        name_person(records, draft.id, "f" * 64)
        issue_code(
            records,
            KEYS,
            code_id=new_id(),
            account=ACCOUNT,
            purpose="card",
            phone=PHONE,
            code="1",
            now=NOW,
        )
    assert reindex(database, KEYS, OTHER_INDEX) == 2
    with database.reading() as records:
        assert find_person(records, KEYS, NUMBER) is None
        person = find_person(records, OTHER_INDEX, NUMBER)
        assert person is not None
        assert person.phone_index == phone_index(OTHER_INDEX, PHONE)
        assert find_person(records, OTHER_INDEX, OTHER_NUMBER) is not None
        assert records.scalars(select(OneTimeCode)).all() == []
        assert records.scalars(select(DraftRow.person_index)).all() == [None]


def test_more_people_than_a_batch_are_all_re_indexed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    with database.writing() as records:
        for id_number in INVENTED:
            make_person(records, id_number=id_number)
    assert reindex(database, KEYS, OTHER_INDEX) == len(INVENTED)
    with database.reading() as records:
        assert all(find_person(records, OTHER_INDEX, number) for number in INVENTED)


def test_what_was_never_sealed_counts_as_version_nought(database: Database) -> None:
    with database.writing() as records:
        add_turn(records, ACCOUNT, "m1", b"in the clear", NOW)
    assert versions_in_use(database) == {0: 1}


def test_a_reindex_that_fails_half_way_changes_nothing(database: Database) -> None:
    with database.writing() as records:
        make_person(records)
        broken = make_person(records, id_number=OTHER_NUMBER)
        broken.id_number = broken.id_number[:-1] + b"\x00\x01"
    with pytest.raises(SealError):
        reindex(database, KEYS, OTHER_INDEX)
    with database.reading() as records:
        assert find_person(records, KEYS, NUMBER) is not None
