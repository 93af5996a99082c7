"""What the card form asks of the background: reading photos, checking the person, the phone.

Each runs in the worker with a `Desk`, outside any transaction, and reports to its conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogue.messages import Media
from bot.ports import Desk, JobSpec, OfficeError, Photo, PhotoFault
from handlers.card.portrait_looked import MEASURE_ON_FILE, TAKE_PORTRAIT, keep_photo

OFFICE_SECONDS = 2.5  # one call; the person waits at most 3 s, then is told to wait


def _draft(desk: Desk) -> dict[str, Any]:
    return {"draft": desk.payload["draft"]}


def _fetched(desk: Desk, kind: str) -> Photo | str:
    """The photo that the payload names, made safe and stored; or the code of its fault."""
    try:
        photo = desk.fetch_photo(Media(*desk.payload["media"]))
    except PhotoFault as fault:
        return fault.code
    keep_photo(desk, desk.job_id, kind, photo)
    return photo


def read_id_photo(desk: Desk) -> Mapping[str, Any]:
    """Store one photo of an ID card, say at once which side it seems to be, then read it."""
    told = {**_draft(desk), "photo": desk.payload["photo"], "document": desk.job_id}
    photo = _fetched(desk, "id_photo")
    if isinstance(photo, str):
        return {**told, "fault": photo}
    reader = desk.offices.reader
    if reader is None:
        return {**told, "side": "unknown", "fields": {}, "fault": "no_reader"}
    desk.report({**told, "side": reader.side(photo.jpeg)})
    read = reader.read(photo.jpeg)
    return {**told, "side": read.side, "fields": dict(read.fields), "fault": read.fault}


def check_person(desk: Desk) -> Mapping[str, Any]:
    """Ask whether name and number belong together and may apply; then the portrait on file."""
    name, number = desk.payload["name"], desk.payload["id_number"]
    identity = desk.offices.identity.matches(name, number, OFFICE_SECONDS)
    known = _eligibility(desk, name, number) if identity == "match" else {}
    desk.report({**_draft(desk), "identity": identity, **known})
    portrait = (
        desk.offices.portraits.portrait(name, number, OFFICE_SECONDS)
        if identity == "match"
        else None
    )
    if portrait is None:
        return {**_draft(desk), "portrait": None}
    photo = desk.safe_photo(portrait)
    return {**_draft(desk), "portrait": keep_photo(desk, desk.job_id, "portrait_on_file", photo)}


def _eligibility(desk: Desk, name: str, number: str) -> dict[str, Any]:
    """What the card office says; nothing when it does not answer: staff will look."""
    try:
        found = desk.offices.card_making.eligibility(name, number, OFFICE_SECONDS)
    except OfficeError:
        return {}
    return {
        "eligibility": {
            "insured": found.insured,
            "has_card": found.has_card,
            "open_application": found.open_application,
        }
    }


def check_phone(desk: Desk) -> Mapping[str, Any]:
    """Ask whether the proven phone is the one on file for the number."""
    number, phone = desk.payload["id_number"], desk.payload["phone"]
    return {
        **_draft(desk),
        "on_file": desk.offices.identity.phone_on_file(number, phone, OFFICE_SECONDS),
    }


JOBS = (
    JobSpec("read_id_photo", read_id_photo, attempts=3, limit=60.0, heavy=True),
    JobSpec("check_person", check_person, attempts=2),
    JobSpec("check_phone", check_phone, attempts=2),
    TAKE_PORTRAIT,
    MEASURE_ON_FILE,
)
