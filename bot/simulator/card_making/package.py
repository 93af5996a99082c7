"""What is in a batch: its tar, manifest and lines, checked against each other."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.simulator.card_making.envelope import SUITES, Opened
from bot.simulator.card_making.line import split

NAME = re.compile(r"SBK_(\d{6})_\d{8}_\d{4,}_(ORD|REP)", re.ASCII)
FORMS = {"ndjson": "applications.ndjson", "pipe": "applications.txt"}
ITEMS = (
    *("application", "id_type", "id_number", "name", "sex", "ethnicity", "birth_date"),
    *("nationality", "address", "postcode", "telephone", "mobile", "occupation"),
    *("employer_number", "employer", "valid_from", "valid_until", "authority", "region"),
    *("outlet", "card_type", "guardian", "status", "household", "bank", "delivery", "purpose"),
)
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
Person = Mapping[str, str]


class BadPackage(Exception):
    """`code`: `manifest` or `line`; the text says which rule was broken, without any value."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class Package:
    """One batch, as it was meant."""

    name: str
    region: str
    kind: str
    digest: str
    people: Sequence[Person]
    photos: frozenset[str]


def read_package(letter: Opened, desk: str) -> Package:
    """Raises `BadPackage`."""
    named = NAME.fullmatch(letter.name)
    if named is None:
        raise BadPackage("manifest", "the name")
    parts = _parts(letter.tar)
    manifest = _manifest(parts.pop("manifest.json", b""), letter.name, desk)
    _check_digests(manifest, parts, letter.suite)
    people = _people(manifest, parts)
    if manifest.get("count") != len(people):
        raise BadPackage("manifest", "the count")
    photos = frozenset(_photo(name) for name in parts if name.startswith("photos/"))
    if not photos <= {person["application"] for person in people}:
        raise BadPackage("manifest", "a photo of nobody")
    return Package(letter.name, named[1], named[2], letter.digest, people, photos)


def _parts(tar: bytes) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as files:
            found = [(member.name, files.extractfile(member)) for member in files]
            return {name: file.read() for name, file in found if file}
    except (tarfile.TarError, OSError) as error:
        raise BadPackage("manifest", "no tar") from error


def _manifest(raw: bytes, name: str, desk: str) -> dict[str, Any]:
    try:
        manifest = json.loads(raw)
    except ValueError as error:
        raise BadPackage("manifest", "no JSON") from error
    if not isinstance(manifest, dict) or manifest.get("batch") != name:
        raise BadPackage("manifest", "the batch's name")
    if str(manifest.get("to", "")).partition(":")[0] != desk:
        raise BadPackage("manifest", "to somebody else")
    if manifest.get("kind") != name[-3:] or manifest.get("from") != name[4:10]:
        raise BadPackage("manifest", "kind or sender")
    if tuple(item[0] for item in manifest.get("items") or ()) != ITEMS:
        raise BadPackage("manifest", "the items")
    return manifest


def _check_digests(manifest: Mapping[str, Any], parts: Mapping[str, bytes], suite: int) -> None:
    told = manifest.get("parts")
    digests = {name: SUITES[suite].digest(part).hex() for name, part in parts.items()}
    if told != digests:
        raise BadPackage("manifest", "the digests")


def _people(manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> list[Person]:
    form = FORMS.get(str(manifest.get("format")), "")
    raw = parts.get(form)
    if raw is None or not raw.endswith(b"\n"):
        raise BadPackage("manifest", "the applications")
    try:
        text = raw.decode("utf-8" if form.endswith("ndjson") else "gb18030")
        read = json.loads if form.endswith("ndjson") else _piped
        people = [read(line) for line in text[:-1].split("\n")]
    except ValueError as error:
        raise BadPackage("line", "unreadable") from error
    for person in people:
        _check_person(person)
    return people


def _piped(line: str) -> dict[str, str]:
    return dict(zip(ITEMS, split(line), strict=True))


def _check_person(person: Any) -> None:
    if not isinstance(person, dict) or tuple(person) != ITEMS:
        raise BadPackage("line", "the items")
    values = list(person.values())
    if not all(isinstance(value, str) for value in values):
        raise BadPackage("line", "no text")
    if any(_CONTROL.search(value) for value in values) or not _ID.fullmatch(person["application"]):
        raise BadPackage("line", "characters")
    if not (person["name"] and person["id_number"] and person["bank"]):
        raise BadPackage("line", "empty")


def _photo(name: str) -> str:
    return name.removeprefix("photos/").removesuffix(".jpg")
