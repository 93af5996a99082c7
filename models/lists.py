"""Lists as one parameter of a statement: it is compiled once, whatever their length, and the
database walks through them by itself instead of once for each row.

A list is given as JSON under the name of a parameter, see `listed` and `given`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session as Records


def dialect_of(records: Records) -> str:
    """`sqlite` or `postgresql`: statements with lists differ."""
    return records.get_bind().dialect.name


def listed(values: Iterable[int]) -> str:
    """The value of the parameter of `numbers`."""
    return json.dumps(list(values))


def numbers(dialect: str, name: str) -> Select[int]:
    """The numbers of the parameter `name`, one in each row."""
    given = bindparam(name, type_=String)
    if dialect == "postgresql":
        each: Any = func.jsonb_array_elements_text(cast(given, JSONB))
    else:
        each = func.json_each(given)
    value = each.table_valued("value", name="each").c.value
    return select(cast(value, BigInteger).label("number"))


def looked_up(texts: Mapping[int, str | None]) -> str:
    """The value of the parameter of `text_of`."""
    return json.dumps(texts)


def text_of(dialect: str, name: str, number: ColumnElement[int]) -> Any:
    """The text that the parameter `name` has for a row's number, NULL where it has none."""
    given = bindparam(name, type_=String)
    if dialect == "postgresql":
        return cast(given, JSONB)[cast(number, String)].astext
    return func.json_extract(given, literal("$.") + cast(number, String))
