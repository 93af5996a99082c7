"""Lists as one parameter of a statement: it is compiled once, whatever their length, and the
database walks through them by itself instead of once for each row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session as Records


def numbers(records: Records, values: Iterable[int]) -> Select[tuple[int]]:
    """These numbers, one in each row."""
    given = json.dumps(list(values))
    if records.get_bind().dialect.name == "postgresql":
        each: Any = func.jsonb_array_elements_text(cast(given, JSONB))
    else:
        each = func.json_each(given)
    value = each.table_valued("value", name="each").c.value
    return select(cast(value, BigInteger).label("number"))


def text_of(
    records: Records, texts: Mapping[int, str | None], number: ColumnElement[int]
) -> ColumnElement[str | None]:
    """The text that is given for a row's number, NULL where there is none."""
    given = json.dumps(texts)
    if records.get_bind().dialect.name == "postgresql":
        return cast(given, JSONB)[cast(number, String)].astext
    return func.json_extract(given, literal("$.") + cast(number, String))
