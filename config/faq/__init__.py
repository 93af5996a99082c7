"""Answers to what has no conversation of its own: one per intent and language, edited as text.

The files beside this one hold them; `{names}` are filled from the city's profile, so that no
fee, day or phone number is written in an answer.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from pathlib import Path

from config.city import City
from config.locales.facts import city_facts, closing_words, fee_words

LOCALES = ("zh_CN", "en")
SOURCE = "zh_CN"
_LONGEST = {"zh_CN": 300, "en": 700}  # characters of a filled answer
_HERE = Path(__file__).parent


class FaqFault(Exception):
    """An answer is missing, too long, or names a fact nobody knows; the message lists them all."""


class Faq:
    """The answers of every locale, filled with one city's facts."""

    def __init__(self, answers: Mapping[str, Mapping[str, str]]) -> None:
        self._answers = answers

    @classmethod
    def load(
        cls, city: City, folder: Path = _HERE, raw: Mapping[str, Mapping[str, str]] | None = None
    ) -> Faq:
        """The answers in `folder`, or those given as they are written there, by locale and intent.
        Raises `FaqFault`, OSError, tomllib.TOMLDecodeError."""
        raw = raw or as_written(folder)
        facts = {locale: faq_facts(city, locale) for locale in LOCALES}
        if faults := _unanswered(raw) or _unknown_facts(raw, facts):
            raise FaqFault("\n".join(faults))
        filled = {
            locale: {intent: text.format_map(facts[locale]) for intent, text in answers.items()}
            for locale, answers in raw.items()
        }
        if faults := _too_long(filled):
            raise FaqFault("\n".join(faults))
        return cls(filled)

    def answer(self, locale: str, intent: str) -> str:
        """The answer in the person's language, else in Chinese. KeyError: no such intent."""
        return self._answers.get(locale, self._answers[SOURCE])[intent]

    def intents(self) -> frozenset[str]:
        """The intents that have an answer."""
        return frozenset(self._answers[SOURCE])


def as_written(folder: Path = _HERE) -> dict[str, dict[str, str]]:
    """The answers with their `{names}`, by locale and intent."""
    texts = {locale: (folder / f"{locale}.toml").read_text("utf-8") for locale in LOCALES}
    return {locale: tomllib.loads(text) for locale, text in texts.items()}


def faq_facts(city: City, locale: str) -> dict[str, str]:
    """What an answer may name: the facts of every text, those of fees, photos and banks, and which
    branches close (a sentence, or nothing)."""
    english = locale == "en"
    return {
        **city_facts(city, locale),
        "fee_first": fee_words(city.fees.first, english),
        "fee_reissue": fee_words(city.fees.reissue, english),
        "fee_pickup": _fee_of_pickup(city, english),
        "correction_days": str(city.days.correction),
        "photo_days": str(city.days.photos),
        "closing": closing_words(city, english),
        "photo_megabytes": str(city.photo.max_bytes // (1024 * 1024)),
        "banks": ", ".join(b.name_en for b in city.banks)
        if english
        else "、".join(b.short for b in city.banks),
    }


def _fee_of_pickup(city: City, english: bool) -> str:
    """也不收费 is said behind the fee of the card: only where that is nothing as well."""
    words = fee_words(city.fees.pickup, english)
    if english or city.fees.pickup:
        return words
    return "不另收费" if city.fees.first else f"也{words}"


def _unanswered(raw: Mapping[str, Mapping[str, str]]) -> list[str]:
    source = raw[SOURCE].keys()
    return [
        f"{locale}: {'no answer to' if intent in source else 'nobody asks'} {intent}"
        for locale, answers in raw.items()
        for intent in sorted(source ^ answers.keys())
    ]


def _unknown_facts(
    raw: Mapping[str, Mapping[str, str]], facts: Mapping[str, Mapping[str, str]]
) -> list[str]:
    return [
        f"{locale}: {intent} names {{{name}}}, which nobody knows"
        for locale, answers in raw.items()
        for intent, text in answers.items()
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None and name not in facts[locale]
    ]


def _too_long(filled: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [
        f"{locale}: {intent} has {len(text)} characters, {_LONGEST[locale]} at most"
        for locale, answers in filled.items()
        for intent, text in answers.items()
        if len(text) > _LONGEST[locale]
    ]
