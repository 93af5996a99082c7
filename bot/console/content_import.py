"""Entries out of a spreadsheet (xlsx or CSV): all of it, or what is wrong with it row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.console.content_fields import HEADS, checked, label_of, read_record
from bot.console.sheets import UnreadableFile, rows_of

MAX_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Imported:
    """The entries, or the faults: (row, what is wrong); where there is a fault nothing is taken."""

    entries: list[Any]
    faults: list[tuple[int, str]]


def read_entries(content: bytes, kind: type[Any], key: str, pattern: Mapping[str, Any]) -> Imported:
    """Entries like `pattern`, one to a row below a row of heads (our names, or what people call
    them). Raises UnreadableFile."""
    rows = rows_of(content, MAX_ROWS)
    names = _names(next(rows, []), pattern)
    entries, faults, seen = [], [], dict[str, int]()
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        given = {name: cell for name, cell in zip(names, row, strict=False) if name}
        entry, wrong = checked(kind, read_record(pattern, _lines(given, pattern)))
        faults += [(number, f"{label_of(name)}：{why}") for name, why in wrong.items()]
        if entry is None:
            continue
        if (earlier := seen.setdefault(str(entry[key]), number)) != number:
            faults.append((number, f"{label_of(key)}与第 {earlier} 行相同"))
        entries.append(entry)
    if not entries and not faults:
        faults.append((1, "没有数据"))
    return Imported([] if faults else entries, faults)


def _lines(given: Mapping[str, str], pattern: Mapping[str, Any]) -> dict[str, str]:
    """A cell that holds a list has its entries parted by commas."""
    return {
        name: cell.replace("，", "\n").replace(",", "\n").replace("、", "\n")
        if isinstance(pattern.get(name), list)
        else cell
        for name, cell in given.items()
    }


def _names(heads: Sequence[str], pattern: Mapping[str, Any]) -> list[str]:
    columns = list(_columns(pattern))
    known = {}
    for name in columns:
        for word in (name, label_of(name), *HEADS.get(name, ())):
            known[word.casefold()] = name
    names = [known.get(head.strip().casefold(), "") for head in heads]
    missing = [n for n in columns if n not in names and not isinstance(pattern.get(n), list)]
    if missing:
        raise UnreadableFile("缺少列：" + "、".join(map(label_of, missing)))
    return names


def _columns(pattern: Mapping[str, Any]) -> Iterator[str]:
    """One for each field of the form; a text in two languages has two."""
    for name, value in pattern.items():
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name
