"""Photos that came through a page or an API of ours, until the conversation has taken them.

A platform keeps what people send in its chat; what is uploaded to us we keep ourselves: sealed,
for an hour, and for nobody but the account that sent it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Records

from models.documents import Document, ObjectStore, add_document, open_document
from models.sealing import Keyring

KIND = "upload"
LIFE = timedelta(hours=1)  # longer than reading a photo is tried


def keep_upload(
    records: Records,
    keys: Keyring,
    objects: ObjectStore,
    *,
    upload_id: str,
    account: str,
    image: bytes,
    media_type: str,
    now: datetime,
) -> str:
    """Keep a picture as it came. The same `upload_id` again keeps it once. Returns that id.

    Raises KeyError when the id is taken by something else.
    """
    taken = records.get(Document, upload_id)
    if taken is not None and (taken.kind, taken.account_key) != (KIND, account):
        raise KeyError(upload_id)
    document = add_document(
        records,
        keys,
        objects,
        document_id=upload_id,
        kind=KIND,
        image=image,
        media_type=media_type,
        width=0,  # nobody has looked into it yet
        height=0,
        draft_id=None,
        expires_at=now + LIFE,
        now=now,
        account=account,
    )
    return document.id


def open_upload(
    records: Records,
    keys: Keyring,
    objects: ObjectStore,
    *,
    account: str,
    upload_id: str,
    now: datetime,
) -> bytes:
    """The picture. Raises KeyError when the account has no such upload (any more)."""
    if not is_upload_of(records, account, upload_id, now):
        raise KeyError(upload_id)
    return open_document(records, keys, objects, upload_id)


def is_upload_of(records: Records, account: str, upload_id: str, now: datetime) -> bool:
    """Whether this account uploaded it, and it is still there."""
    document = records.get(Document, upload_id)
    if document is None or document.kind != KIND or document.account_key != account:
        return False
    return document.expires_at is not None and document.expires_at > now
