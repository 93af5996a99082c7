"""A file of acceptance numbers or phones, read: which column holds them, and each of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.console.sheets import UnreadableFile, rows_of
from models.phones import PhoneFault, normalise_phone
from models.push.listed import Kind, Typed

MAX_ROWS = 50_000
LONGEST = 64  # characters of a cell that are looked at
HEADS: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("受理号", "受理编号", "受理号码", "受理单号", "申请号", "申请编号", "业务编号", "编号",
         "number", "acceptance number", "application number", "application"), "number"),
    **dict.fromkeys(
        ("手机", "手机号", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "移动电话",
         "phone", "phone number", "mobile", "tel", "telephone"), "phone"),
}  # fmt: skip
"""What people call the two columns."""


def read_list(content: bytes) -> list[Typed]:
    """Every row that holds something; of a row with both, the number counts. Raises
    UnreadableFile."""
    rows = rows_of(content, MAX_ROWS)
    first = next(rows, [])
    columns = _columns(first)
    typed = list(_typed(enumerate(rows, 2), columns)) if columns else list(_bare(first, rows))
    if not typed:
        raise UnreadableFile("没有数据")
    return typed


def _columns(heads: Sequence[str]) -> dict[Kind, int]:
    known = [HEADS.get(" ".join(head.split()).casefold().strip("*：:")) for head in heads]
    return {kind: known.index(kind) for kind in ("number", "phone") if kind in known}


def _typed(rows: Iterator[tuple[int, list[str]]], columns: Mapping[Kind, int]) -> Iterator[Typed]:
    for row, cells in rows:
        for kind, at in columns.items():
            text = cells[at].strip()[:LONGEST] if at < len(cells) else ""
            if text:
                yield Typed(row, text, kind)
                break


def _bare(first: Sequence[str], rows: Iterator[list[str]]) -> Iterator[Typed]:
    """A single column without a head, told by its first row."""
    text = first[0].strip() if len(first) == 1 else ""
    kind: Kind = "phone" if _is_phone(text) else "number"
    if kind == "number" and not (text[-10:].isdecimal() and len(text) > 10):
        raise UnreadableFile("第一行要有列名：受理号，或者手机号")
    yield Typed(1, text[:LONGEST], kind)
    yield from _typed(enumerate(rows, 2), {kind: 0})


def _is_phone(text: str) -> bool:
    try:
        normalise_phone(text)
    except PhoneFault:
        return False
    return True
