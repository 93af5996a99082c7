"""Forms for what a part holds: a field for each value, and back again.

A value is what the profile's file would hold, as JSON: a text, a number, a truth, a list (a line
each), a text in two languages (a field each), a list of records (a line each, its values parted by
|).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

_WORDS = tomllib.loads(Path(__file__).with_name("content_words.toml").read_text("utf-8"))
LABELS: Mapping[str, str] = _WORDS["labels"]
HEADS: Mapping[str, Sequence[str]] = _WORDS["heads"]
_SAID: Mapping[str, str] = _WORDS["faults"]
Kind = Literal["line", "lines", "check"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: `name` is what comes back, `text` what stands in it now."""

    name: str
    label: str
    kind: Kind
    text: str = ""


def label_of(name: str) -> str:
    """What staff read for a field: 名称 for name, 要补什么（中文） for need.zh_CN."""
    of, _, inner = name.partition(".")
    label = LABELS.get(of, of)
    return f"{label}（{LABELS.get(inner, inner)}）" if inner else label


def fields_of(record: Mapping[str, Any]) -> Iterator[Field]:
    """The fields of one record."""
    for name, value in record.items():
        label = label_of(name)
        match value:
            case bool():
                yield Field(name, label, "check", "on" if value else "")
            case list():
                yield Field(name, label, "lines", "\n".join(_line(each) for each in value))
            case Mapping():
                for inner, text in value.items():
                    place = f"{name}.{inner}"
                    yield Field(place, label_of(place), "lines", text)
            case _:
                yield Field(name, label, "line", "" if value is None else str(value))


def read_record(pattern: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """What was filled in, in the shape of `pattern`, not yet checked."""
    record: dict[str, Any] = {}
    for name, value in pattern.items():
        match value:
            case bool():
                record[name] = form.get(name) == "on"
            case list():
                lines = [line.strip() for line in form.get(name, "").splitlines() if line.strip()]
                record[name] = [_value(line, value) for line in lines]
            case Mapping():
                record[name] = {inner: _typed(form, f"{name}.{inner}") for inner in value}
            case _:
                record[name] = _typed(form, name)
    return record


def checked(kind: type[Any], record: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
    """The record as it would be kept, and what is wrong by field; one of them is empty."""
    adapter = TypeAdapter(kind)
    try:
        return adapter.dump_python(adapter.validate_python(record), mode="json"), {}
    except ValidationError as fault:
        return None, {_place(e["loc"]): _SAID.get(e["type"], e["msg"]) for e in fault.errors()}


def blank(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the same shape with nothing in it."""
    empty: dict[str, Any] = {}
    for name, value in record.items():
        match value:
            case bool():
                empty[name] = False
            case list():
                empty[name] = []
            case Mapping():
                empty[name] = dict.fromkeys(value, "")
            case _:
                empty[name] = ""
    return empty


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location[:2] if not isinstance(part, int))


def _typed(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()


def _line(value: Any) -> str:
    return " | ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)


def _value(line: str, like: Sequence[Any]) -> Any:
    """One line of a list: a record where the others are records."""
    if like and isinstance(like[0], Mapping):
        return dict(zip(like[0], (part.strip() for part in line.split("|")), strict=False))
    return line
