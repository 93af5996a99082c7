"""The three shapes that a part can have, as entries with a key each: one record, a list of records,
answers in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.console.content_fields import blank, checked
from config.content import Part

ONLY = "-"  # the key of the one entry of a record


def entries(part: Part, value: Any) -> dict[str, dict[str, Any]]:
    """What a part holds, entry by entry."""
    match part.shape:
        case "record":
            return {ONLY: value}
        case "list":
            return {str(entry[part.key]): entry for entry in value}
    first, *others = value.values()
    return {
        key: {"answer": {locale: told[key] for locale, told in value.items()}}
        for key in first
        if all(key in told for told in others)
    }


def pattern(part: Part, value: Any) -> dict[str, Any]:
    """An entry of this part with nothing in it: which fields there are."""
    return blank(next(iter(entries(part, value).values())))


def with_entry(
    part: Part, value: Any, key: str, record: Mapping[str, Any]
) -> tuple[Any, dict[str, str]]:
    """The part with one entry in other words (`key` "": one more), and what is wrong by field."""
    if part.kind is None:
        return _answered(value, key, record)
    entry, wrong = checked(part.kind, record)
    if wrong or part.shape == "record":
        return entry, wrong
    others = [str(each[part.key]) for each in value if str(each[part.key]) != key]
    if str(entry[part.key]) in others:
        return None, {part.key: "已经有了"}
    if not key:
        return [*value, entry], {}
    return [entry if str(each[part.key]) == key else each for each in value], {}


def without(part: Part, value: Any, key: str) -> Any:
    """The list without one entry."""
    return [each for each in value if str(each[part.key]) != key]


def differences(part: Part, before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    """What differs: the entry's key, the field, its value before and after (None: not there)."""
    old, new = entries(part, before), entries(part, after)
    found = []
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key, {}), new.get(key, {})
        for field in dict.fromkeys([*was, *now]):
            if was.get(field) != now.get(field):
                found.append((key, field, was.get(field), now.get(field)))
    return found


def _answered(value: Any, key: str, record: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
    told: Mapping[str, str] = record["answer"]
    wrong = {f"answer.{locale}": "必填" for locale, text in told.items() if not text}
    return {locale: {**value[locale], key: text} for locale, text in told.items()}, wrong
