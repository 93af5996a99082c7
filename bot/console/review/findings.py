"""Choosing coded reasons by number: which there are, grouped by what they are about, and what was
chosen on the page, with the rectangles drawn on the pictures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.console.review.fields import label_of
from config.reasons import Reason
from models.returns import Finding, Rectangle

Outcome = Literal["return", "refuse"]

GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("照片", frozenset({"portrait"})),
    ("证件照片", frozenset({"id_photos"})),
    (
        "本人信息",
        frozenset({
            "name", "id_number", "sex", "birth_date", "id_type", "ethnicity", "id_address",
            "valid_until",
        }),
    ),
    (
        "联系、住址和工作",
        frozenset({"phone", "lives_at", "district", "work", "employer", "household"}),
    ),
    ("银行和领卡", frozenset({"bank", "branch", "delivery"})),
)  # fmt: skip
"""By the first digit of a number; 7, 8, 9 and 0 are for the pictures. What is in none is 其他."""
OTHER = "其他"
_SECOND = "1234567890"


class FindingFault(Exception):
    """What was chosen on the page cannot be read; nothing is decided. The message says it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One reason about one answer. `key` is what is typed; empty beyond the tenth of a group."""

    key: str
    code: str
    field: str
    label: str

    @property
    def value(self) -> str:
        return f"{self.code}:{self.field}"

    @property
    def is_picture(self) -> bool:
        """Whether a rectangle can show it."""
        return self.field in ("portrait", "id_photos")


@dataclass(frozen=True, slots=True)
class Group:
    """Reasons about one kind of answer, under one first digit."""

    key: str
    label: str
    options: Sequence[Option]


def groups_of(reasons: Mapping[str, Reason], outcome: Outcome) -> list[Group]:
    """Every reason with this outcome, once for each answer it may be about."""
    found: dict[int, list[tuple[Reason, str]]] = {}
    for reason in reasons.values():
        if reason.outcome == outcome:
            for field in reason.fields:
                found.setdefault(_group(field), []).append((reason, field))
    return [
        Group(str(number), _title(number), _options(number, found[number]))
        for number in sorted(found)
    ]


def _group(field: str) -> int:
    numbers = (n for n, (_, fields) in enumerate(GROUPS, 1) if field in fields)
    return next(numbers, len(GROUPS) + 1)


def _title(number: int) -> str:
    return GROUPS[number - 1][0] if number <= len(GROUPS) else OTHER


def _options(number: int, pairs: Sequence[tuple[Reason, str]]) -> list[Option]:
    keys = [f"{number}{second}" for second in _SECOND]
    keys += [""] * max(0, len(pairs) - len(keys))
    return [
        Option(key, reason.code, field, _label(reason, field))
        for key, (reason, field) in zip(keys, pairs, strict=False)
    ]


def _label(reason: Reason, field: str) -> str:
    return reason.label if len(reason.fields) == 1 else f"{reason.label}（{label_of(field)}）"


def read_findings(
    chosen: Iterable[str], marks: Iterable[str], reasons: Mapping[str, Reason], outcome: Outcome
) -> list[Finding]:
    """What the page sent: `CODE:field` each, and `CODE:field:document:left,top,width,height` for
    each rectangle, in shares of the picture. Raises FindingFault."""
    rectangles = dict(map(_mark, marks))
    return [
        _finding(value, rectangles.get(value), reasons, outcome) for value in dict.fromkeys(chosen)
    ]


def _finding(
    value: str,
    mark: tuple[str, Rectangle] | None,
    reasons: Mapping[str, Reason],
    outcome: Outcome,
) -> Finding:
    code, _, field = value.partition(":")
    reason = reasons.get(code)
    if reason is None or reason.outcome != outcome or field not in reason.fields:
        raise FindingFault("有一条原因不在清单里，请重新选。")
    document, rectangle = mark or ("", None)
    return Finding(code, field, document, rectangle)


def _mark(text: str) -> tuple[str, tuple[str, Rectangle]]:
    try:
        code, field, document, figures = text.split(":")
        left, top, width, height = (round(float(figure), 4) for figure in figures.split(","))
    except ValueError:
        raise FindingFault("图上的框没有收全，请重新框。") from None
    inside = left >= 0 and top >= 0 and left + width <= 1.001 and top + height <= 1.001
    if not (inside and width > 0 and height > 0):
        raise FindingFault("图上的框超出了图片，请重新框。")
    return f"{code}:{field}", (document, (left, top, width, height))


def marked(findings: Collection[Finding]) -> dict[str, str]:
    """The rectangles that were drawn, as the page sends them, by `CODE:field`."""
    return {
        f"{f.code}:{f.field}": ":".join(
            (f.code, f.field, f.document, ",".join(f"{n:g}" for n in f.rectangle))
        )
        for f in findings
        if f.rectangle
    }
