"""Uploads: sealed, for an hour, and for nobody but the account that sent them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from models.database import Database
from models.documents import FileObjects, add_document, expire_documents
from models.uploads import LIFE, is_upload_of, keep_upload, open_upload
from tests.models.making import KEYS, NOW, SECOND, new_id

ME, OTHER = "web:site:me", "web:site:other"
IMAGE = b"\xff\xd8\xff a picture"


def kept(database: Database, objects: FileObjects, account: str = ME) -> str:
    with database.writing() as records:
        return keep_upload(
            records,
            KEYS,
            objects,
            upload_id=new_id(),
            account=account,
            image=IMAGE,
            media_type="image/jpeg",
            now=NOW,
        )


def opened(
    database: Database,
    objects: FileObjects,
    upload: str,
    account: str = ME,
    later: timedelta = timedelta(0),
) -> bytes:
    with database.reading() as records:
        return open_upload(
            records, KEYS, objects, account=account, upload_id=upload, now=NOW + later
        )


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    return FileObjects(tmp_path / "objects")


def test_an_upload_is_its_own_accounts_for_an_hour(
    database: Database, objects: FileObjects
) -> None:
    upload = kept(database, objects)
    assert opened(database, objects, upload, later=LIFE - SECOND) == IMAGE
    for account, later in ((OTHER, timedelta(0)), (ME, LIFE), ("", timedelta(0))):
        with pytest.raises(KeyError):
            opened(database, objects, upload, account, later)
    assert expire_documents(database, objects, NOW + LIFE) == 1
    assert list(objects.older_than(timedelta(days=-1))) == []


def test_no_other_photo_is_opened_as_an_upload(database: Database, objects: FileObjects) -> None:
    portrait = new_id()
    with database.writing() as records:
        add_document(
            records, KEYS, objects, document_id=portrait, kind="portrait_own", image=IMAGE,
            media_type="image/jpeg", width=1, height=1, draft_id=None, expires_at=None, now=NOW,
            account=ME,
        )  # fmt: skip
    with database.reading() as records:
        assert not is_upload_of(records, ME, portrait, NOW)
    with pytest.raises(KeyError):
        opened(database, objects, portrait)


def test_an_id_that_is_taken_is_not_overwritten(database: Database, objects: FileObjects) -> None:
    theirs = kept(database, objects, OTHER)
    with database.writing() as records, pytest.raises(KeyError):
        keep_upload(
            records, KEYS, objects,
            upload_id=theirs, account=ME, image=b"mine", media_type="image/jpeg", now=NOW,
        )  # fmt: skip
    assert opened(database, objects, theirs, OTHER) == IMAGE
