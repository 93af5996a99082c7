"""The register of invented residents, as the offices see it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

Match = Literal["match", "mismatch", "not_found"]


@dataclass(frozen=True, slots=True)
class Resident:
    """One line of the register. `portrait` is a file of the pictures' folder, or empty."""

    name: str
    id_number: str
    phone_on_file: str
    insured: bool
    has_card: bool
    open_application: bool
    portrait: str
    birth: str  # ISO date
    card_fails: Mapping[str, int]  # at which step the card fails, and how often

    def remarks(self, today: date) -> list[str]:
        """What makes this person a special case, for the page: in a few words each."""
        born = date.fromisoformat(self.birth)
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        cases = {
            "未满16岁": age < 16,
            "未在本地参保": not self.insured,
            "已有社保卡": self.has_card,
            "有在办的申请": self.open_application,
            "没有登记照": not self.portrait,
            "没留手机号": not self.phone_on_file,
            "制卡会出错": bool(self.card_fails),
        }
        return [words for words, is_so in cases.items() if is_so]


class Register:
    """All residents, by ID number."""

    def __init__(self, path: Path, pictures: Path) -> None:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("residents", [])
        fields = Resident.__dataclass_fields__
        people = [
            Resident(**{name: {"card_fails": {}, **row}[name] for name in fields}) for row in rows
        ]
        self._people = {person.id_number: person for person in people}
        self._pictures = pictures

    def find(self, id_number: str) -> Resident | None:
        """Who has this number."""
        return self._people.get(id_number)

    def __iter__(self) -> Iterator[Resident]:
        """Everybody, in the register's order."""
        return iter(self._people.values())

    def check(self, name: str, id_number: str) -> Match:
        """Whether name and number belong together, character by character."""
        person = self.find(id_number)
        if person is None:
            return "not_found"
        return "match" if person.name == name else "mismatch"

    def card_failures(self, id_number: str) -> Mapping[str, int]:
        """At which steps of its making this person's card will fail, and how often."""
        person = self.find(id_number)
        return person.card_fails if person else {}

    def portrait(self, name: str, id_number: str) -> bytes | None:
        """The portrait on file as JPEG, or None."""
        person = self.find(id_number)
        if person is None or person.name != name or not person.portrait:
            return None
        path = self._pictures / person.portrait
        return path.read_bytes() if path.is_file() else None
