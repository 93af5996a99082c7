"""The privacy notice in every version that ever held: what somebody consented to can be read again.

A file per version, named by it, in both languages. The present one may name the city's facts; an
older one holds its own figures and names in `[values]`, so that a change of the city's profile
changes nothing of what was agreed to. A city with notices of its own keeps them in a folder
`privacy` beside its profile.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from config.city import City
from config.locales.facts import city_facts

SHIPPED = Path(__file__).parent
LOCALES = ("zh_CN", "en")
_STRICT = ConfigDict(extra="forbid")
Text = Annotated[str, Field(min_length=1)]


class PrivacyFault(Exception):
    """The notices cannot be shown as they were; lists every fault."""


@checked(frozen=True, config=_STRICT)
class Part:
    """A heading and what stands below it."""

    title: Text
    text: Text


@checked(frozen=True, config=_STRICT)
class _File:
    """A version as it is written."""

    since: date
    zh_CN: Annotated[tuple[Part, ...], Field(min_length=1)]
    en: Annotated[tuple[Part, ...], Field(min_length=1)]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """One version, filled: its parts by language, and the first day it held."""

    version: str
    since: date
    parts: Mapping[str, Sequence[Part]]


class PrivacyNotices:
    """All versions, the present one first, then the latest of the others."""

    def __init__(self, notices: Sequence[Notice], present: str) -> None:
        newest_first = sorted(notices, key=lambda n: (n.version != present, -n.since.toordinal()))
        self.all: Sequence[Notice] = newest_first

    @property
    def present(self) -> Notice:
        return self.all[0]

    def version(self, version: str) -> Notice | None:
        """The notice of this version; None where there never was one."""
        return next((notice for notice in self.all if notice.version == version), None)

    @classmethod
    def load(cls, city: City, folder: Path = SHIPPED) -> PrivacyNotices:
        """The notices in `folder`. Raises `PrivacyFault`, OSError."""
        files = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
        faults = list(_faults(files, city))
        if faults:
            raise PrivacyFault("\n".join(faults))
        return cls([_filled(v, file, city) for v, file in files.items()], city.notice_version)


def folder_of(profile: Path | None) -> Path:
    """Where a city's notices are: beside its profile, else the shipped ones."""
    own = profile.parent / "privacy" if profile else SHIPPED
    return own if own.is_dir() else SHIPPED


def _read(path: Path) -> _File:
    try:
        return TypeAdapter(_File).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise PrivacyFault(f"{path.name}: {fault}") from None
    except ValidationError as fault:
        lines = [f"{path.name}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors()]
        raise PrivacyFault("\n".join(lines)) from None


def _faults(files: Mapping[str, _File], city: City) -> Iterator[str]:
    if city.notice_version not in files:
        yield f"no privacy notice of the present version {city.notice_version}"
    for version, file in files.items():
        if len(file.zh_CN) != len(file.en):
            yield f"{version}: the languages have different parts"
        for locale in LOCALES:
            given = _values(file, version, locale, city)
            for name in sorted(_named(file, locale) - given.keys()):
                old = " of its own" if version != city.notice_version else ""
                yield f"{version}: {locale} needs a value{old} for {{{name}}}"


def _values(file: _File, version: str, locale: str, city: City) -> Mapping[str, str]:
    """What may be named: the city's facts in the present version alone."""
    own = file.values.get(locale, {})
    return {**city_facts(city, locale), **own} if version == city.notice_version else own


def _named(file: _File, locale: str) -> set[str]:
    texts = [f"{part.title}{part.text}" for part in getattr(file, locale)]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def _filled(version: str, file: _File, city: City) -> Notice:
    def fill(locale: str) -> list[Part]:
        values = _values(file, version, locale, city)
        parts: Sequence[Part] = getattr(file, locale)
        return [Part(p.title.format_map(values), p.text.format_map(values)) for p in parts]

    return Notice(version, file.since, {locale: fill(locale) for locale in LOCALES})
