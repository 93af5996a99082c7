"""Photos: sealed in the store, opened through their row, gone when they expire."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.documents import (
    Document,
    FileObjects,
    add_document,
    delete_document,
    expire_documents,
    keep_documents,
    open_document,
    release_documents,
    sweep_orphans,
)
from models.drafts import End, end_draft, start_draft
from models.sealing import SealError
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, SECOND, new_id

IMAGE = b"\xff\xd8\xff" + b"a portrait" * 100
DRAFT = "d" * 32


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    return FileObjects(tmp_path / "objects")


def _add(
    records: Records, objects: FileObjects, *, draft: str | None = DRAFT, document_id: str = ""
) -> str:
    added = add_document(
        records,
        KEYS,
        objects,
        document_id=document_id or new_id(),
        kind="portrait",
        image=IMAGE,
        media_type="image/jpeg",
        width=358,
        height=441,
        draft_id=draft,
        expires_at=NOW + 30 * DAY,
        now=NOW,
    )
    return added.id


def _start(records: Records) -> None:
    ends = NOW + 30 * DAY
    start_draft(
        records, draft_id=DRAFT, account=ACCOUNT, form="card", expires_at=ends, now=NOW - SECOND
    )


def _files(objects: FileObjects) -> list[Path]:
    return [path for path in objects.root.rglob("*") if path.is_file()]


def test_a_photo_opens_again_and_lies_sealed(database: Database, objects: FileObjects) -> None:
    with database.writing() as records:
        document = _add(records, objects)
    with database.reading() as records:
        assert open_document(records, KEYS, objects, document) == IMAGE
        row = records.get_one(Document, document)
    assert (row.size, row.width, row.height) == (len(IMAGE), 358, 441)
    (file,) = _files(objects)
    assert b"portrait" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_missing_photo_and_a_changed_one_are_told_apart(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        document = _add(records, objects)
    (file,) = _files(objects)
    file.write_bytes(file.read_bytes()[:-1] + b"\x00\x01")
    with database.reading() as records:
        with pytest.raises(SealError):
            open_document(records, KEYS, objects, document)
        with pytest.raises(KeyError):
            open_document(records, KEYS, objects, "none")
    file.unlink()
    with database.reading() as records, pytest.raises(KeyError):
        open_document(records, KEYS, objects, document)


def test_one_photos_object_does_not_open_as_anothers(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        first = records.get_one(Document, _add(records, objects))
        second = records.get_one(Document, _add(records, objects))
    objects.put(first.object_name, objects.get(second.object_name))
    with database.reading() as records, pytest.raises(SealError):
        open_document(records, KEYS, objects, first.id)


def test_a_second_try_of_one_job_keeps_one_photo(database: Database, objects: FileObjects) -> None:
    document = new_id()
    for _ in range(2):
        with database.writing() as records:
            _add(records, objects, document_id=document)
    with database.reading() as records:
        assert open_document(records, KEYS, objects, document) == IMAGE


def test_a_second_try_that_dies_before_its_row_leaves_the_first_photo_readable(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        document = _add(records, objects)
    dying = database.begin_writing()
    _add(dying, objects, document_id=document)
    dying.close()
    with database.reading() as records:
        assert open_document(records, KEYS, objects, document) == IMAGE


def test_what_expires_loses_its_row_and_its_object(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        document = _add(records, objects)
    assert expire_documents(database, objects, NOW + 29 * DAY) == 0
    assert expire_documents(database, objects, NOW + 30 * DAY) == 1
    assert _files(objects) == []
    with database.reading() as records:
        assert records.get(Document, document) is None


def test_more_than_one_batch_expires_in_one_go(
    sqlite_database: Database, objects: FileObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.documents._BATCH", 2)
    with sqlite_database.writing() as records:
        for _ in range(5):
            _add(records, objects)
    assert expire_documents(sqlite_database, objects, NOW + 31 * DAY) == 5


def test_a_submitted_drafts_photos_stay_and_a_cancelled_ones_go_at_once(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        kept = _add(records, objects)
        _add(records, objects, draft="e" * 32)
        keep_documents(records, DRAFT, "application", NOW)
        release_documents(records, "e" * 32, NOW)
        release_documents(records, DRAFT, NOW)
        delete_document(records, kept, NOW)
    assert expire_documents(database, objects, NOW) == 1
    with database.reading() as records:
        assert open_document(records, KEYS, objects, kept) == IMAGE


def test_only_the_photos_that_the_application_names_stay(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        named, _replaced = _add(records, objects), _add(records, objects)
        others = _add(records, objects, draft="e" * 32)
        keep_documents(records, DRAFT, "application", NOW, {named, others})
    assert expire_documents(database, objects, NOW) == 1
    assert expire_documents(database, objects, NOW + 31 * DAY) == 1
    with database.reading() as records:
        assert open_document(records, KEYS, objects, named) == IMAGE


@pytest.mark.parametrize("how", ["cancelled", "submitted", "expired"])
def test_a_photo_that_comes_after_its_drafts_end_goes_at_once(
    database: Database, objects: FileObjects, how: End
) -> None:
    with database.writing() as records:
        _start(records)
        end_draft(records, DRAFT, how, NOW)
    with database.writing() as records:
        _add(records, objects)
    assert expire_documents(database, objects, NOW) == 1


def test_a_photo_that_comes_at_the_moment_of_cancelling_goes_at_once(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        _start(records)
    storing = database.begin_writing()
    _add(storing, objects)

    def cancel() -> None:
        with database.writing() as records:
            end_draft(records, DRAFT, "cancelled", NOW)
            release_documents(records, DRAFT, NOW)

    with ThreadPoolExecutor(1) as threads:
        cancelling = threads.submit(cancel)
        time.sleep(0.2)
        storing.commit()
        storing.close()
        cancelling.result()
    assert expire_documents(database, objects, NOW) == 1


def test_a_second_try_after_the_submit_leaves_the_photo_with_its_application(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        _start(records)
        kept = _add(records, objects)
        end_draft(records, DRAFT, "submitted", NOW)
        keep_documents(records, DRAFT, "application", NOW, {kept})
    with database.writing() as records:
        _add(records, objects, document_id=kept)
    assert expire_documents(database, objects, NOW + 31 * DAY) == 0
    with database.reading() as records:
        assert open_document(records, KEYS, objects, kept) == IMAGE


def test_a_replaced_photo_goes_at_once(database: Database, objects: FileObjects) -> None:
    with database.writing() as records:
        document = _add(records, objects)
        delete_document(records, document, NOW)
    assert expire_documents(database, objects, NOW) == 1


def test_objects_without_a_row_are_swept_after_an_hour(
    database: Database, objects: FileObjects
) -> None:
    with database.writing() as records:
        document = _add(records, objects)
    objects.put("ab" * 16, b"left behind by a crash")
    (objects.root / "ab" / f"{'ab' * 16}.1.part").write_bytes(b"half")
    assert sweep_orphans(database, objects) == 0
    for file in _files(objects):
        os.utime(file, (file.stat().st_mtime - 7200,) * 2)
    assert sweep_orphans(database, objects) == 2
    with database.reading() as records:
        assert open_document(records, KEYS, objects, document) == IMAGE


def test_putting_twice_replaces_and_deleting_twice_is_no_error(objects: FileObjects) -> None:
    objects.put("abcd", b"1")
    objects.put("abcd", b"2")
    assert objects.get("abcd") == b"2"
    objects.delete("abcd")
    objects.delete("abcd")
    with pytest.raises(KeyError):
        objects.get("abcd")


@pytest.mark.parametrize("name", ["", "../x", "a/b", "..", ".", "-", "a\x00b"])
def test_a_name_that_could_leave_the_folder_is_refused(objects: FileObjects, name: str) -> None:
    with pytest.raises(ValueError):
        objects.put(name, b"x")
