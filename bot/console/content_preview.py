"""What residents would read otherwise, as their phone shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from config.city import Branch
from config.locales import LOCALES
from config.reasons import Reason
from config.written import Written, read_written
from models.corrections import Wording
from models.returns import Finding

MOST = 12  # bubbles; a change of a bank's name touches everything
_TAIL = "0731"  # of nobody's acceptance number


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message: what it is about, and how it reads then; `locale` is its language."""

    about: str
    locale: str
    text: str


def preview(
    profile: Path | None, before: Mapping[str, Any], after: Mapping[str, Any], day: date
) -> tuple[list[Bubble], int]:
    """The messages that read otherwise with `after` on that day, at most `MOST` of them, and how
    many more there are."""
    old, new = read_written(profile, before), read_written(profile, after)
    found = [*_answers(old, new), *_branches(old, new, day), *_reasons(old, new, day)]
    return found[:MOST], max(0, len(found) - MOST)


def _answers(old: Written, new: Written) -> Iterator[Bubble]:
    for intent in sorted(new.faq.intents()):
        for locale in LOCALES:
            text = new.faq.answer(locale, intent)
            if intent not in old.faq.intents() or old.faq.answer(locale, intent) != text:
                yield Bubble(intent, locale, text)


def _branches(old: Written, new: Written, day: date) -> Iterator[Bubble]:
    known = {branch.code: branch for branch in old.city.branches}
    for branch in new.city.branches:
        was = known.get(branch.code)
        for locale in LOCALES:
            text = _bring(new, branch, locale)
            if was is None or _bring(old, was, locale) != text:
                yield Bubble(branch.code, locale, text)
            text = _closed(new, branch, locale, day)
            if text and (was is None or _closed(old, was, locale, day) != text):
                yield Bubble(branch.code, locale, text)


def _closed(written: Written, branch: Branch, locale: str, day: date) -> str:
    """What somebody hears who names a branch that closes; "" of one that does not."""
    if branch.closes_on is None:
        return ""
    english, instead = locale == "en", written.city.instead_of(branch, branch.closes_on)
    return written.texts.say(
        locale,
        "card.branch.closed",
        branch=branch.name_en if english else branch.name,
        day=written.texts.day(locale, branch.closes_on, day),
        place=instead.name_en if english else instead.name,
    )


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


def _reasons(old: Written, new: Written, day: date) -> Iterator[Bubble]:
    for code, reason in new.reasons.items():
        was = old.reasons.get(code)
        for locale in LOCALES:
            known = _told(old, was, locale, day) if was else ()
            told = _told(new, reason, locale, day)
            yield from (Bubble(code, locale, text) for text in told if text not in known)


def _told(written: Written, reason: Reason, locale: str, day: date) -> tuple[str, ...]:
    """What somebody hears whose application is refused for this; or is sent back, and then how to
    mend it."""
    wording = Wording(written.texts, locale, day, written.reasons)
    if reason.outcome == "refuse":
        return ("\n".join(wording.refusal([reason.code], day)),)
    found = (Finding(reason.code, ""),)
    until = day + timedelta(days=written.city.days.correction)
    message = wording.correction(found, found_on=day, correct_by=until, tail=_TAIL)
    return message.text, wording.remedies(found)
