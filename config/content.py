"""What staff may change without touching a file: the parts, and what each holds now."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from config.calendar import Calendar
from config.city import SHIPPED, CityFault
from config.city_parts import Bank, Branch, Counter, Days, Fees, Human
from config.faq import FaqFault, as_written
from config.locales import LocaleFault
from config.reasons import Reason, ReasonFault, file_of, load_reasons
from config.template_book import TemplateFault
from config.written import read_written

Shape = Literal["record", "list", "answers"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `kind` is what a record, or each entry of a list, must be; `key` names an entry."""

    name: str
    label: str
    shape: Shape
    kind: type[Any] | None = None
    key: str = ""


PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part("banks", "银行", "list", Bank, "code"),
        Part("branches", "网点", "list", Branch, "code"),
        Part("counters", "窗口", "list", Counter, "name"),
        Part("human", "人工服务时间", "record", Human),
        Part("fees", "费用", "record", Fees),
        Part("days", "天数", "record", Days),
        Part("calendar", "工作日历", "record", Calendar),
        Part("faq", "常见问题", "answers"),
        Part("reasons", "退回和不予受理的理由", "list", Reason, "code"),
    )
}


class ContentFault(Exception):
    """The words do not fit each other; `faults` says why, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def present(profile: Path | None, changes: Mapping[str, Any], part: Part) -> Any:
    """What a part holds, as JSON: as it was changed, else as the files say."""
    if part.name in changes:
        return changes[part.name]
    if part.name == "faq":
        return as_written()
    if part.name == "reasons":
        listed = list(load_reasons(file_of(profile)).values())
        return TypeAdapter(list[Reason]).dump_python(listed, mode="json")
    found = tomllib.loads((profile or SHIPPED).read_text("utf-8"))[part.name]
    adapter = _adapter(part)
    return adapter.dump_python(adapter.validate_python(found), mode="json")


def as_file(
    profile: Path | None, changes: Mapping[str, Any], part: Part
) -> tuple[str, dict[str, Any]]:
    """The file in which a part would stand, with everything that holds today: its name, its table.
    Written where the files are, it makes the changes needless."""
    if part.name == "reasons":
        return "reasons.toml", {"reasons": present(profile, changes, part)}
    if part.name == "faq":
        return "faq.toml", present(profile, changes, part)
    table = tomllib.loads((profile or SHIPPED).read_text("utf-8"))
    for name in changes.keys() & PARTS.keys() - {"reasons", "faq"}:
        table[name] = _typed(PARTS[name], changes[name])
    return "city.toml", table


def _typed(part: Part, value: Any) -> Any:
    """With days and times as such, which JSON does not know, and without what is not set, which a
    file does not know."""
    adapter = _adapter(part)
    return _listed(adapter.dump_python(adapter.validate_python(value)))


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _listed(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, frozenset | set):
        return sorted(value)
    return [_listed(inner) for inner in value] if isinstance(value, list | tuple) else value


def _adapter(part: Part) -> TypeAdapter[Any]:
    kind: Any = part.kind
    return TypeAdapter(list[kind] if part.shape == "list" else kind)


def check(profile: Path | None, changes: Mapping[str, Any]) -> None:
    """Whether the service would start with these changes. Raises `ContentFault`."""
    try:
        read_written(profile, changes)
    except CityFault as fault:
        raise ContentFault(fault.faults) from None
    except (FaqFault, LocaleFault, ReasonFault, TemplateFault) as fault:
        raise ContentFault(str(fault).splitlines()) from None
