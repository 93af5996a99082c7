"""What residents would read otherwise, as their phone shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.city import Branch
from config.locales import LOCALES
from config.reasons import Reason
from config.written import Written, read_written

MOST = 12  # bubbles; a change of a bank's name touches everything


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message: what it is about, and how it reads then; `locale` is its language."""

    about: str
    locale: str
    text: str


def preview(
    profile: Path | None, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Bubble]:
    """The messages that read otherwise with `after`, at most `MOST` of them."""
    old, new = read_written(profile, before), read_written(profile, after)
    found = [*_answers(old, new), *_branches(old, new), *_reasons(old, new)]
    return found[:MOST]


def _answers(old: Written, new: Written) -> Iterator[Bubble]:
    for intent in sorted(new.faq.intents()):
        for locale in LOCALES:
            text = new.faq.answer(locale, intent)
            if intent not in old.faq.intents() or old.faq.answer(locale, intent) != text:
                yield Bubble(intent, locale, text)


def _branches(old: Written, new: Written) -> Iterator[Bubble]:
    known = {branch.code: branch for branch in old.city.branches}
    for branch in new.city.branches:
        if known.get(branch.code) != branch:
            for locale in LOCALES:
                yield Bubble(branch.code, locale, _bring(new, branch, locale))


def _bring(written: Written, branch: Branch, locale: str) -> str:
    english = locale == "en"
    return written.texts.say(
        locale,
        "progress.bring",
        place=branch.name_en if english else branch.name,
        address=branch.address_en if english else branch.address,
        hours=branch.hours_en if english else branch.hours,
        phone=branch.phone,
    )


def _reasons(old: Written, new: Written) -> Iterator[Bubble]:
    for code, reason in new.reasons.items():
        if old.reasons.get(code) != reason:
            for locale in LOCALES:
                yield Bubble(code, locale, _sentences(reason, locale))


def _sentences(reason: Reason, locale: Any) -> str:
    return "\n".join(
        sentence[locale] for sentence in (reason.need, reason.fact, reason.rule, reason.remedy)
    )
