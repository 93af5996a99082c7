"""A city that hands cards over: by the page of the hand-over, with none of the service's code."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.bot.simulator.office import signed
from tests.rig_making import SHARED, making_keys

ITEMS = (
    *("application", "id_type", "id_number", "name", "sex", "ethnicity", "birth_date"),
    *("nationality", "address", "postcode", "telephone", "mobile", "occupation"),
    *("employer_number", "employer", "valid_from", "valid_until", "authority", "region"),
    *("outlet", "card_type", "guardian", "status", "household", "bank", "delivery", "purpose"),
)
OFFICES = {"province": "card_making", "bank": "bank"}


def person(number: int = 1, /, **change: str) -> dict[str, str]:
    """Somebody's line."""
    known = {
        "application": f"{number:032x}",
        "id_number": "119999199003070019",
        "name": "陈国强",
        "outlet": "ABC-01",
        "bank": "ABC",
        "delivery": "1",
    }
    return {**dict.fromkeys(ITEMS, ""), **known, **change}


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A tar of these files."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as files:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            files.addfile(member, io.BytesIO(content))
    return tar.getvalue()


def unpacked(tar: bytes) -> dict[str, bytes]:
    """The files of a tar."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as files:
        return {m.name: files.extractfile(m).read() for m in files}  # type: ignore[union-attr]


def batch_tar(name: str, desk: str, people: Sequence[dict[str, str]], **change: Any) -> bytes:
    """What is sealed in a batch; `change` is put into its manifest."""
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in people).encode()
    photos = {f"photos/{one['application']}.jpg": b"\xff\xd8\xff" for one in people}
    parts = {"applications.ndjson": text, **photos}
    manifest = {
        "batch": name,
        "from": name[4:10],
        "to": desk,
        "created": "2026-11-26T10:00:00+08:00",
        "kind": name[-3:],
        "format": "ndjson",
        "count": len(people),
        "items": [[item, ""] for item in ITEMS],
        "parts": {part: hashlib.sha256(content).hexdigest() for part, content in parts.items()},
        **change,
    }
    return packed({"manifest.json": json.dumps(manifest).encode(), **parts})


def envelope(name: str, tar: bytes, desk: str, who: str = "city") -> bytes:
    """A tar in its envelope."""
    head = b"SBK1\x01" + bytes([len(name)]) + name.encode()
    signature = making_keys()[who].sign(head + hashlib.sha256(tar).digest())
    nonce = secrets.token_bytes(12)
    return head + nonce + AESGCM(SHARED[desk]).encrypt(nonce, signature + tar, head)


@dataclass
class City:
    """One city at the simulator; `told` are the lines that came, by desk and file."""

    url: str
    sent: int = 0
    cursors: dict[str, str] = field(default_factory=dict)

    def post(self, desk: str, path: str, body: bytes) -> requests.Response:
        """A signed call."""
        address = f"/offices/{OFFICES[desk]}/v1/{path}"
        return requests.post(self.url + address, body, headers=signed(address, body), timeout=10)

    def ask(self, desk: str, path: str, **fields: Any) -> Any:
        """A call in JSON; its answer."""
        return self.post(desk, path, json.dumps(fields).encode()).json()

    def send(self, desk: str, *people: dict[str, str], kind: str = "ORD") -> requests.Response:
        """A new batch."""
        self.sent += 1
        name = f"SBK_119900_20261126_{self.sent:04d}_{kind}"
        return self.post(desk, "batches", envelope(name, batch_tar(name, desk, people), desk))

    def replies(self, desk: str) -> list[list[str]]:
        """The lines of all files that are new, each as its values."""
        lines: list[list[str]] = []
        for name in self.new_files(desk):
            lines += self.lines(desk, name)
        return lines

    def new_files(self, desk: str) -> list[str]:
        files = self.ask(desk, "replies", after=self.cursors.get(desk, ""))["files"]
        if files:
            self.cursors[desk] = files[-1]["cursor"]
        return [file["name"] for file in files]

    def lines(self, desk: str, name: str) -> list[list[str]]:
        """The lines of one file, whose signature and manifest are checked."""
        body = self.post(desk, "replies/get", json.dumps({"name": name}).encode()).content
        parts = opened(body, desk)
        manifest, text = json.loads(parts["manifest.json"]), parts["replies.txt"]
        assert manifest["parts"] == {"replies.txt": hashlib.sha256(text).hexdigest()}
        lines = text.decode(manifest["encoding"]).split("\n")[:-1]
        assert manifest["count"] == len(lines)
        return [line.split("|") for line in lines]


def opened(body: bytes, desk: str) -> dict[str, bytes]:
    """The files in an envelope of a desk. Raises what cryptography raises."""
    head = body[: 6 + body[5]]
    nonce, rest = body[len(head) : len(head) + 12], body[len(head) + 12 :]
    plain = AESGCM(SHARED[desk]).decrypt(nonce, rest, head)
    digest = hashlib.sha256(plain[64:]).digest()
    making_keys()[desk].public_key().verify(plain[:64], head + digest)
    return unpacked(plain[64:])
