"""The form of a segment: what may be chosen, what was, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from bot.console.push.words import CHANNELS, LOCALES
from bot.console.words import STATES
from config.city import City
from models.application_states import State
from models.push.audience import Segment

BOUNDS: Mapping[str, str] = {
    "age_from": "年龄从",
    "age_until": "年龄到",
    "days_from": "满几天",
    "days_until": "不超过几天",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Values of which any may be chosen: value, word, whether it is chosen."""

    name: str
    label: str
    values: Sequence[tuple[str, str, bool]]


def groups_of(
    city: City, audience: Mapping[str, Any], districts: Sequence[str], channels: Sequence[str]
) -> list[Group]:
    """What whoever has these `districts` (none: all) may choose."""
    own = [d for d in city.districts if not districts or d.code in districts]
    codes = {d.code for d in own}
    offered: Sequence[tuple[str, str, Mapping[str, str]]] = (
        ("states", "申请办到哪一步", {s.value: STATES[s] for s in State if s is not State.DRAFT}),
        ("districts", "区县", {d.code: d.name for d in own}),
        ("banks", "银行", {b.code: b.short for b in city.banks}),
        ("branches", "领卡网点", {b.code: b.name for b in city.branches if b.district in codes}),
        ("locales", "语言", LOCALES),
        ("channels", "渠道", {c: CHANNELS.get(c, c) for c in channels}),
    )
    return [
        Group(
            name,
            label,
            [(value, word, value in audience.get(name, ())) for value, word in of.items()],
        )
        for name, label, of in offered
    ]


def read_segment(
    form: MultiDict[str, str], groups: Sequence[Group], districts: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The segment as JSON, and what is wrong by field. Who has districts and chooses none has
    chosen all of theirs."""
    audience: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for group in groups:
        offered = {value for value, _, _ in group.values}
        chosen = form.getlist(group.name)
        if not offered.issuperset(chosen):
            wrong[group.name] = "有一项不在您可以选的范围内。"
        audience[group.name] = [value for value in chosen if value in offered]
    audience["districts"] = audience["districts"] or list(districts)
    for name in BOUNDS:
        _read_bound(form.get(name, "").strip(), name, audience, wrong)
    _check_order(audience, wrong)
    if not wrong:
        try:
            Segment.read(audience)
        except ValidationError as fault:
            wrong |= {str(error["loc"][0]): "超出了可以填的范围。" for error in fault.errors()}
    return {name: value for name, value in audience.items() if value not in ([], None)}, wrong


def _read_bound(text: str, name: str, audience: dict[str, Any], wrong: dict[str, str]) -> None:
    if not text:
        return
    if text.isdecimal() and text.isascii() and len(text) <= 4:
        audience[name] = int(text)
    else:
        wrong[name] = "要填一个整数。"


def _check_order(audience: Mapping[str, Any], wrong: dict[str, str]) -> None:
    for what in ("age", "days"):
        first, last = audience.get(f"{what}_from"), audience.get(f"{what}_until")
        if first is not None and last is not None and first > last:
            wrong[f"{what}_until"] = "不能小于前面的数。"


def segment_in_words(city: City, audience: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What its people have in common, a line each."""
    if "reminder" in audience:
        return [("人群", "当天到期的人，陆续加进来；办了的不再提醒")]
    if "list" in audience:
        return [("名单", f"文件里的 {audience['list']} 人")]
    lines = [
        (group.label, "、".join(word for _, word, chosen in group.values if chosen))
        for group in groups_of(city, audience, (), audience.get("channels", ()))
        if any(chosen for _, _, chosen in group.values)
    ]
    for what, label, unit in (("age", "年龄", "岁"), ("days", "在这一步", "天")):
        first, last = audience.get(f"{what}_from"), audience.get(f"{what}_until")
        if first is not None or last is not None:
            lines.append((label, _range(first, last, unit)))
    return lines


def _range(first: int | None, last: int | None, unit: str) -> str:
    if last is None:
        return f"满 {first} {unit}"
    return f"{first} 到 {last} {unit}" if first is not None else f"不超过 {last} {unit}"
