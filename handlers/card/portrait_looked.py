"""A photo for the card put through the studio, in the worker: measured, cut to size, stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.dialogue.messages import Media
from bot.ports import Desk, JobSpec, Look, Photo, PhotoFault, Studio
from models.documents import add_document, open_document
from models.sealing import SealError

REFUSED = 3  # the last pictures that did not pass: who sends one of them again is told


def take_portrait(desk: Desk) -> Mapping[str, Any]:
    """Store a portrait of the person's own: measured and cut to the city's rule, or framed where
    the first thing to mend shows.

    `original` is the photo as it came, `document` what would be printed, `framed` the photo with
    the frame, `problem` one of `PORTRAIT_FAULTS`, `sound` what is surely good, `measures` all that
    was measured. A photo that cannot be taken at all has a `fault` instead.
    """
    told = {"draft": desk.payload["draft"]}
    try:
        photo = desk.fetch_photo(Media(*desk.payload["media"]))
    except PhotoFault as fault:
        return {**told, "fault": fault.code}
    keep_photo(desk, desk.job_id, "portrait_own", photo)
    if desk.offices.studio is None:
        return {**told, "document": desk.job_id}
    return {**told, "original": desk.job_id, **_measured(desk, desk.offices.studio, photo)}


def measure_on_file(desk: Desk) -> Mapping[str, Any]:
    """The measures of the portrait on file: for who reviews alone, it is never refused. A job of
    its own, for the person waits for the portrait itself."""
    told = {"draft": desk.payload["draft"], "document": desk.payload["document"]}
    image = next(_opened(desk, [desk.payload["document"]]), b"")
    if desk.offices.studio is None or not image:
        return told
    look = desk.offices.studio.look(image)
    return {**told, "measures": [measure.to_json() for measure in look.measures]}


def _measured(desk: Desk, studio: Studio, photo: Photo) -> dict[str, Any]:
    refused = list(_opened(desk, desk.payload.get("refused", [])[-REFUSED:]))
    id_photo = next(_opened(desk, [desk.payload.get("id_photo")]), b"")
    look = studio.look(photo.jpeg, refused, id_photo)
    told: dict[str, Any] = {
        "document": _finished(desk, look),
        "measures": [measure.to_json() for measure in look.measures],
    }
    if look.fault:
        told["problem"], told["sound"] = look.fault, sorted(look.sound)
    if look.framed:
        other = _other_id(desk, "framed")
        told["framed"] = keep_photo(desk, other, "portrait_framed", look.framed)
    return told


def _finished(desk: Desk, look: Look) -> str:
    """What would be printed; the photo as it came where nothing can be cut out of it."""
    if look.finished is None:
        return desk.job_id
    return keep_photo(desk, _other_id(desk, "card"), "portrait_card", look.finished)


def _opened(desk: Desk, documents: list[str | None]) -> Iterator[bytes]:
    for document in documents:
        try:
            with desk.reading() as records:
                yield open_document(records, desk.keys, desk.objects, document or "")
        except (KeyError, SealError):
            continue  # replaced and gone: then nobody sends it again either


def _other_id(desk: Desk, what: str) -> str:
    """The id of a second document of one job, the same when the job is tried again."""
    return hashlib.sha256(f"{desk.job_id} {what}".encode()).hexdigest()[:32]


def keep_photo(desk: Desk, document_id: str, kind: str, photo: Photo) -> str:
    """Keep a photo of a draft under an id of the job's, so that a second try keeps it once."""
    with desk.writing() as records:
        add_document(
            records,
            desk.keys,
            desk.objects,
            document_id=document_id,
            kind=kind,
            image=photo.jpeg,
            media_type="image/jpeg",
            width=photo.width,
            height=photo.height,
            draft_id=desk.payload["draft"],
            expires_at=desk.now + timedelta(days=desk.city.days.draft),
            now=desk.now,
        )
    return document_id


TAKE_PORTRAIT = JobSpec("take_portrait", take_portrait, attempts=3, heavy=True)
MEASURE_ON_FILE = JobSpec("measure_on_file", measure_on_file, attempts=2, heavy=True)
