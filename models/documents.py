"""Photos and papers: each sealed under a key of its own in an object store; the row holds the key.

The object is written before the row and deleted after it, so that a row never names a missing
object; what a crash leaves behind is an object without a row, which `sweep_orphans` removes.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.drafts import has_ended
from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record, Sealed, place
from models.sealing import Keyring, SealError

_NONCE_BYTES = 12
_BATCH = 100


class ObjectStore(Protocol):
    """Where sealed objects lie. Names are letters, digits and hyphens."""

    def put(self, name: str, content: bytes) -> None:
        """Store durably; a second `put` of a name replaces the first."""

    def get(self, name: str) -> bytes:
        """The content. Raises KeyError when there is none."""

    def delete(self, name: str) -> None:
        """Remove it; a missing object is no error."""


class FileObjects:
    """Objects as files of mode 0600 below `root`, in folders by the name's first two letters."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self.root)
        part = path.with_name(f"{name}.{os.getpid()}.part")
        with open(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def older_than(self, age: timedelta) -> Iterator[str]:
        """The names of objects last written that long ago, unfinished ones among them.

        By the file system's own clock, which wrote the times: one that is ahead of it would take
        an object whose row is about to be committed for an old one.
        """
        before = time.time() - age.total_seconds()
        for path in self.root.glob("??/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield path.name

    def _path(self, name: str) -> Path:
        if not name.replace("-", "").replace(".", "").isalnum() or not name[:2].isalnum():
            raise ValueError("an object's name holds letters, digits and hyphens")
        return self.root / name[:2] / name


class Document(Record):
    """A photo given by somebody or fetched for them. Belongs to a draft, later an application."""

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    draft_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    application_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    kind: Mapped[str] = mapped_column(String(32))  # id_front | id_back | portrait …
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]  # bytes, unsealed
    width: Mapped[int]
    height: Mapped[int]
    wrapped_key: Mapped[bytes] = mapped_column(Sealed)
    object_name: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(
        index=True
    )  # None: kept with its application
    created_at: Mapped[datetime]
    account_key: Mapped[str | None] = mapped_column(String(ACCOUNT_KEY_LENGTH))  # of an upload
    # SHA-256 of the unsealed bytes, by which the same photo is known again; older rows have none.
    digest: Mapped[str | None] = mapped_column(String(64))


def add_document(
    records: Records,
    keys: Keyring,
    objects: ObjectStore,
    *,
    document_id: str,
    kind: str,
    image: bytes,
    media_type: str,
    width: int,
    height: int,
    draft_id: str | None,
    expires_at: datetime | None,
    now: datetime,
    account: str | None = None,
) -> Document:
    """Seal `image` under a new key, store the object, then add its row or replace it.

    What comes for a draft that has ended meanwhile expires at once; what an application keeps
    already does not expire. A second try of one job gives the same id: its object has a name of
    its own, so that the row always fits its object; the first one's object is swept. Touches the
    database last: a write transaction that has not begun yet waits for no disk.
    """
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(_NONCE_BYTES)
    name = f"{document_id}-{secrets.token_hex(4)}"
    objects.put(name, nonce + AESGCM(key).encrypt(nonce, image, name.encode()))
    if draft_id is not None and has_ended(records, draft_id):
        expires_at = now
    earlier = records.get(Document, document_id)
    if earlier is not None and earlier.application_id is not None:
        expires_at = None
    document = Document(
        id=document_id,
        draft_id=draft_id,
        kind=kind,
        media_type=media_type,
        size=len(image),
        width=width,
        height=height,
        wrapped_key=keys.seal(key, _place(document_id)),
        object_name=name,
        expires_at=expires_at,
        created_at=now,
        account_key=account,
        digest=sha256(image).hexdigest(),
    )
    stored = records.merge(document)
    records.flush()
    return stored


def open_document(records: Records, keys: Keyring, objects: ObjectStore, document_id: str) -> bytes:
    """The unsealed bytes. Raises KeyError when it is gone, SealError when it does not open."""
    document = records.get(Document, document_id)
    if document is None:
        raise KeyError(document_id)
    key = keys.open(document.wrapped_key, _place(document_id))
    sealed = objects.get(document.object_name)
    try:
        cipher = AESGCM(key)
        place_of_object = document.object_name.encode()
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place_of_object)
    except InvalidTag:
        raise SealError(f"object {document_id} does not open") from None


def documents_of(records: Records, *application_ids: str) -> dict[str, list[str]]:
    """The ids of all that each application keeps, the earliest first."""
    kept: dict[str, list[str]] = {each: [] for each in application_ids}
    theirs = select(Document.application_id, Document.id).where(Document.application_id.in_(kept))
    for application_id, document_id in records.execute(
        theirs.order_by(Document.created_at, Document.id)
    ):
        kept[str(application_id)].append(document_id)
    return kept


def was_given_before(records: Records, document_id: str, application_id: str) -> bool:
    """Whether the application keeps a photo of the very same bytes."""
    new = select(Document.digest).where(Document.id == document_id).scalar_subquery()
    same = select(Document.id).where(
        Document.application_id == application_id,
        Document.id != document_id,
        Document.digest == new,
    )
    return records.scalar(same.limit(1)) is not None


def keep_documents(
    records: Records,
    draft_id: str,
    application_id: str,
    now: datetime,
    documents: Collection[str] | None = None,
) -> None:
    """At submit: those of the draft's `documents` that the application names (None: all of them)
    become the application's and no longer expire; the others expire at once."""
    mine = Document.draft_id == draft_id
    named = mine if documents is None else mine & Document.id.in_(documents)
    records.execute(
        update(Document).where(named).values(application_id=application_id, expires_at=None)
    )
    if documents is not None:
        release_documents(records, draft_id, now)


def hand_over_documents(
    records: Records, application_id: str, draft_id: str, expires_at: datetime
) -> None:
    """What an ended application kept goes over to the draft of the next one."""
    theirs = (Document.application_id == application_id) & Document.expires_at.is_(None)
    records.execute(
        update(Document)
        .where(theirs)
        .values(application_id=None, draft_id=draft_id, expires_at=expires_at)
    )


def release_documents(records: Records, draft_id: str, now: datetime) -> None:
    """What was given for the draft alone, and no application keeps, expires at once."""
    mine = (Document.draft_id == draft_id) & Document.application_id.is_(None)
    records.execute(update(Document).where(mine).values(expires_at=now))


def delete_document(records: Records, document_id: str, now: datetime) -> None:
    """One photo is replaced by another: it expires at once, unless an application keeps it."""
    mine = (Document.id == document_id) & Document.application_id.is_(None)
    records.execute(update(Document).where(mine).values(expires_at=now))


def expire_documents(database: Database, objects: ObjectStore, now: datetime) -> int:
    """Remove what has expired: the rows first, committed, then the objects. Returns how many."""
    removed = 0
    while names := _delete_expired_rows(database, now):
        for name in names:
            objects.delete(name)
        removed += len(names)
    return removed


def sweep_orphans(database: Database, objects: FileObjects) -> int:
    """Remove objects older than an hour that no row names. Returns how many."""
    removed = 0
    for name in objects.older_than(timedelta(hours=1)):
        with database.reading() as records:
            known = select(Document.id).where(Document.object_name == name)
            if records.scalar(known) is not None:
                continue
        objects.delete(name)
        removed += 1
    return removed


def _delete_expired_rows(database: Database, now: datetime) -> list[str]:
    with database.writing() as records:
        due = select(Document.id).where(Document.expires_at <= now).limit(_BATCH)
        gone = delete(Document).where(Document.id.in_(due)).returning(Document.object_name)
        return list(records.scalars(gone))


def _place(document_id: str) -> str:
    return place("documents", "wrapped_key", document_id)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
