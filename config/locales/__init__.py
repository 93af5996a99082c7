"""What the bot says, in every language: `Texts`, over the TOML files of this folder.

A text is found by its dotted key and filled with `str.format`. The city's facts (`{city}`,
`{human_phone}` …) can stand in every text, so that no figure, bank or phone is written in code.
What reads otherwise in one channel stands in `<locale>/channels/<channel>.toml`, under the same
keys: these files are the whole list of what differs.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from config.city import City
from config.locales.days import with_days
from config.locales.facts import city_facts

LOCALES = ("zh_CN", "en")
SOURCE = "zh_CN"  # the locale that is right when two differ


class LocaleFault(Exception):
    """The files of the locales do not fit each other; the message lists every fault."""


class Texts:
    """Every text of every locale. `say` fills one; `check` compares the locales at start."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]], city: City) -> None:
        self._tables = {locale: dict(table) for locale, table in tables.items()}
        self._facts = {locale: city_facts(city, locale) for locale in tables}
        self._filled = {locale: self._without_names(locale) for locale in tables}

    @classmethod
    def load(cls, city: City, *more: Traversable) -> Texts:
        """The texts of the package and of `more` folders like it; raises `LocaleFault` when a
        locale is incomplete."""
        texts = cls({locale: _read(locale, more) for locale in LOCALES}, city)
        texts.check()
        return texts

    def say(self, locale: str, key: str, **values: object) -> str:
        """The text `key`. KeyError for an unknown key or a value that is not given. How a `date`
        reads stands in the text; see `config.locales.days`."""
        known = locale if locale in self._tables else SOURCE
        if (filled := self._filled[known].get(key)) is not None:
            return filled
        given = {**self._facts[known], **with_days(values)}
        return self._tables[known][key].format_map(given)

    def fill(self, locale: str, sentence: str, **values: object) -> str:
        """A sentence from elsewhere (a reason's), filled as a text is. KeyError as in `say`."""
        known = locale if locale in self._tables else SOURCE
        return sentence.format_map({**self._facts[known], **with_days(values)})

    def day(self, locale: str, when: date, today: date) -> str:
        """11月30日; a later year's with 明年."""
        key = "form.day" if when.year <= today.year else "form.day_next_year"
        return self.say(locale, key, day=when)

    def say_in(self, channel: str, locale: str, key: str, **values: object) -> str:
        """The text `key` as it reads in a channel, where it reads otherwise there."""
        return self.say(locale, self.own_key(channel, locale, key), **values)

    def channels(self) -> list[str]:
        """The channels that say something otherwise, by the names of their files."""
        return sorted({key.partition("@")[2] for key in self._tables[SOURCE] if "@" in key})

    def own_keys(self, channel: str) -> list[str]:
        """The keys of what a channel says otherwise."""
        ends = f"@{channel}"
        return sorted(k.removesuffix(ends) for k in self._tables[SOURCE] if k.endswith(ends))

    def in_channel(self, channel: str) -> Wording:
        """All texts as one channel says them."""
        return Wording(self, channel)

    def own_key(self, channel: str, locale: str, key: str) -> str:
        """The key of what a channel says: its own where it has one."""
        own = f"{key}@{channel}"
        known = locale if locale in self._tables else SOURCE
        return own if own in self._tables[known] else key

    def _without_names(self, locale: str) -> dict[str, str]:
        """The texts that want nothing but the city's facts, filled once for all."""
        facts = self._facts[locale]
        return {
            key: text.format_map(facts)
            for key, text in self._tables[locale].items()
            if not self.placeholders(locale, key)
        }

    def as_written(self, locale: str, key: str) -> str:
        """The text with its `{names}`, before anything is filled in."""
        return self._tables[locale][key]

    def has(self, key: str) -> bool:
        return key in self._tables[SOURCE]

    def keys(self) -> Iterator[str]:
        return iter(self._tables[SOURCE])

    def placeholders(self, locale: str, key: str) -> frozenset[str]:
        """The names a text wants filled, the city's facts left out."""
        found = {
            name for _, name, _, _ in string.Formatter().parse(self._tables[locale][key]) if name
        }
        return frozenset(found) - self._facts[locale].keys()

    def check(self) -> None:
        """Raise `LocaleFault` unless every locale has the same keys and placeholders, and a channel
        says otherwise only what is said elsewhere, of the same things."""
        faults: list[str] = []
        source = self._tables[SOURCE]
        for locale, table in self._tables.items():
            faults += [f"{locale}: no text {key}" for key in sorted(source.keys() - table.keys())]
            faults += [
                f"{locale}: nobody knows {key}" for key in sorted(table.keys() - source.keys())
            ]
            for key in sorted(source.keys() & table.keys()):
                if self.placeholders(locale, key) != self.placeholders(SOURCE, key):
                    faults.append(f"{locale}: {key} has other placeholders than {SOURCE}")
        faults += self._channel_faults()
        if faults:
            raise LocaleFault("\n".join(faults))

    def _channel_faults(self) -> Iterator[str]:
        """Of the source alone: that the others are like it is known by now."""
        for own in self._tables[SOURCE]:
            key, _, channel = own.partition("@")
            if channel and key not in self._tables[SOURCE]:
                yield f"{channel}: nobody knows {key}"
            elif channel and not self.placeholders(SOURCE, own) <= self.placeholders(SOURCE, key):
                yield f"{channel}: {key} wants more than it is given"


@dataclass(frozen=True)
class Wording:
    """The texts of one channel, for who looks at all that it says."""

    texts: Texts
    channel: str

    def say(self, locale: str, key: str, **values: object) -> str:
        return self.texts.say_in(self.channel, locale, key, **values)

    def has(self, key: str) -> bool:
        return self.texts.has(key)

    def placeholders(self, locale: str, key: str) -> frozenset[str]:
        return self.texts.placeholders(locale, self.texts.own_key(self.channel, locale, key))


def _read(locale: str, more: Sequence[Traversable] = ()) -> dict[str, str]:
    """Every table of `<locale>/*.toml` as dotted keys, below the file's name but for common; those
    of `<locale>/channels/` with `@` and the channel behind."""
    flat: dict[str, str] = {}
    folders = [resources.files(__package__), *more]
    files = (file for folder in folders for file in folder.joinpath(locale).iterdir())
    for file in sorted(files, key=lambda f: f.name):
        if file.name.endswith(".toml"):
            prefix = file.name.removesuffix(".toml")
            _flatten("" if prefix == "common" else prefix, _table(file), flat)
    for folder in folders:
        own = folder.joinpath(locale, "channels")
        for file in sorted(own.iterdir(), key=lambda f: f.name) if own.is_dir() else ():
            theirs: dict[str, str] = {}
            _flatten("", _table(file), theirs)
            channel = file.name.removesuffix(".toml")
            flat.update({f"{key}@{channel}": text for key, text in theirs.items()})
    return flat


def _table(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _flatten(prefix: str, value: Any, into: dict[str, str]) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _flatten(f"{prefix}.{name}" if prefix else name, inner, into)
    else:
        into[prefix] = str(value).strip("\n")
