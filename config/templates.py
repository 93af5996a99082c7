"""The notices of `templates.toml`: what each says on every road, filled for one person.

`Templates.load` refuses what has a hole, so that no rung of the ladder turns out to be missing
when somebody stands on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from config.city import City
from config.locales.facts import city_facts
from config.template_book import (
    LOCALES,
    Book,
    TemplateFault,
    Worded,
    Wording,
    WordingRung,
    read_book,
)
from config.template_faults import faults_of

__all__ = [
    "Sms",
    "TemplateFault",
    "Templates",
    "Wording",
    "WordingRung",
    "load_templates",
    "notice_for",
    "params_of",
    "worded",
]

SHIPPED = Path(__file__).with_name("templates.toml")
TAIL = 4  # digits of an acceptance number: enough to tell one's own apart


@dataclass(frozen=True, slots=True)
class Sms:
    """A text registered with the SMS office, by its id there, and what is filled in."""

    template: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Templates:
    """Every notice in every wording, for one city. KeyError for an unknown notice or a parameter
    that is not given."""

    book: Book
    city: City
    _facts: Mapping[str, Mapping[str, str]] = field(repr=False)

    @classmethod
    def load(cls, city: City, path: Path = SHIPPED) -> Templates:
        """The shipped wordings, or those in `path`. Raises `TemplateFault` when one is missing,
        too long for its field with this city's longest values, or wants what nobody fills in."""
        templates = cls(read_book(path), city, {name: city_facts(city, name) for name in LOCALES})
        if faults := faults_of(templates):
            raise TemplateFault("\n".join([f"{path.name} has {len(faults)} fault(s):", *faults]))
        return templates

    def of(self, name: str, worded: Worded) -> Templates:
        """The same with one notice alone, whose words stand elsewhere."""
        return replace(self, book=replace(self.book, notice={name: worded}))

    def names(self) -> tuple[str, ...]:
        """Every notice there is."""
        return tuple(self.book.notice)

    def wanted(self, rung: WordingRung) -> Mapping[str, Wording]:
        """What to apply for at the platform, by the names that the city's profile gives ids to."""
        return self.book.wordings(rung)

    def chat(self, name: str, locale: str, params: Mapping[str, str]) -> str:
        """The text of a message in the chat."""
        return self._fill(self.book.notice[name].chat, locale, params)

    def sms(self, name: str, locale: str, params: Mapping[str, str]) -> Sms:
        """The registered text and its parameters, in the person's language where there is one."""
        registered = self.city.sms_template(self.book.notice[name].sms, locale)
        known = self._values(name, locale, params)
        return Sms(registered.id, {wanted: known[wanted] for wanted in registered.params})

    def approved(self, rung: WordingRung, name: str) -> str | None:
        """The id under which this city's account has the notice's wording, or None."""
        return self.city.approved(rung).get(self.book.notice[name].wording)

    def filled(
        self, rung: WordingRung, name: str, locale: str, params: Mapping[str, str]
    ) -> dict[str, str]:
        """A value for each field of the notice's wording, by the field's key."""
        wording = self.book.wordings(rung)[self.book.notice[name].wording]
        known = self._values(name, locale, params)
        return {slot.key: slot.value.format_map(known) for slot in wording.fields}

    def _values(self, name: str, locale: str, params: Mapping[str, str]) -> dict[str, str]:
        notice = self.book.notice[name]
        return {
            **self._known(locale, params),
            "status": self._fill(notice.status, locale, params, brief=True),
            "note": self._fill(notice.note, locale, params, brief=True),
        }

    def _fill(
        self,
        texts: Mapping[str, str],
        locale: str,
        params: Mapping[str, str],
        *,
        brief: bool = False,
    ) -> str:
        text = texts[locale if locale in LOCALES else LOCALES[0]]
        return text.format_map(self._known(locale, params, brief=brief))

    def _known(
        self, locale: str, params: Mapping[str, str], *, brief: bool = False
    ) -> dict[str, str]:
        language = locale if locale in LOCALES else LOCALES[0]
        known = dict(self._facts[language])
        if "number" in params:
            known["tail"] = params["number"][-TAIL:]
        if "days" in params:
            known["left"] = self.book.left[language].say(params["days"], brief=brief)
        return {**known, **params}


def load_templates(city: City) -> Templates:
    """The shipped wordings, for this city. Raises `TemplateFault`."""
    return Templates.load(city)


def params_of(name: str) -> frozenset[str]:
    """What a notice must be given to fill its wordings. KeyError for an unknown one."""
    return frozenset(_shipped().notice[name].params)


def worded(name: str) -> Worded:
    """A notice as the file has it. KeyError for an unknown one."""
    return _shipped().notice[name]


def notice_for(state: str) -> str | None:
    """The notice that tells of an application's new state; None where nothing is told."""
    found = (name for name, notice in _shipped().notice.items() if state in notice.states)
    return next(found, None)


@cache
def _shipped() -> Book:
    return read_book(SHIPPED)
