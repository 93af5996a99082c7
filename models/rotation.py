"""Changing keys on line: re-seal what older data keys sealed, say what still uses a key, re-index.

Photos are not touched: only their own keys, which lie sealed in `documents`, are wrapped anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, delete, func, select, tuple_, update
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.drafts import DraftRow
from models.notices import Notice
from models.one_time_codes import OneTimeCode
from models.people import Person, id_index, phone_index
from models.records import Record, Sealed, place
from models.sealing import Keyring, SealError
from models.tables import METADATA

BATCH = 200


class KeyInUse(Exception):
    """A data key that must stay: `count` values are still sealed under `version`."""

    def __init__(self, version: int, count: int) -> None:
        super().__init__(f"{count} values are still sealed under version {version}")
        self.version, self.count = version, count


class Column(NamedTuple):
    """One sealed column, and the columns that name its row in `place`."""

    table: Table
    name: str
    row: tuple[str, ...]


def sealed_columns() -> Iterator[Column]:
    """Every sealed column of every table."""
    named = {m.local_table: getattr(m.class_, "__sealed_by__", ()) for m in Record.registry.mappers}
    for table in METADATA.sorted_tables:
        row = tuple(named.get(table, ())) or tuple(c.name for c in table.primary_key)
        for column in table.columns:
            if isinstance(column.type, Sealed):
                yield Column(table, column.name, row)


def rotate(database: Database, keys: Keyring) -> dict[str, int]:
    """Re-seal under the newest key what an older one sealed; safe while the service runs.

    Each row is compared before it is set, so that a value written meanwhile is never overwritten.
    Returns the number of values by `table.column`, and under `failed` how many did not open.
    """
    counts: Counter[str] = Counter()
    for column in sealed_columns():
        after: tuple[Any, ...] = ()
        while rows := _older_rows(database, keys, column, after):
            _reseal_batch(database, keys, column, rows, counts)
            after = tuple(rows[-1][name] for name in column.row)
    return dict(counts)


def versions_in_use(database: Database) -> dict[int, int]:
    """How many values each data key seals in the database, by key version; 0: not sealed."""
    counts: Counter[int] = Counter()
    with database.reading() as records:
        for column in sealed_columns():
            head = func.substr(column.table.c[column.name], 1, Keyring.PREFIX_BYTES)
            present = column.table.c[column.name].is_not(None)
            for prefix, count in records.execute(
                select(head, func.count()).where(present).group_by(head)
            ):
                counts[_version(prefix)] += count
    return dict(counts)


def retire(database: Database, version: int, elsewhere: Mapping[int, int] | None = None) -> None:
    """Say that a data key may be taken out of the settings. Raises KeyInUse when it may not.

    `elsewhere` counts what other stores hold by version, such as the sessions in Redis.
    """
    count = versions_in_use(database).get(version, 0) + (elsewhere or {}).get(version, 0)
    if count:
        raise KeyInUse(version, count)


def reindex(database: Database, keys: Keyring, renewed: Keyring) -> int:
    """Put every blind index under the key of `renewed`; only while nothing else runs.

    Two indexes of one number would both pass the UNIQUE: hence one transaction, in a maintenance
    window. Of what is short-lived the index is dropped: sent codes, by whom a
    draft is, to which phone a notice went. Returns the number of people.
    """
    count, last = 0, ""
    with database.writing() as records:
        while people := _people_after(records, last):
            for person in people:
                person.id_index = id_index(renewed, person.open_id_number(keys))
                phone = person.open_phone(keys)
                person.phone_index = phone_index(renewed, phone) if phone else None
            count, last = count + len(people), people[-1].id
            records.flush()
            records.expunge_all()
        records.execute(delete(OneTimeCode))
        records.execute(update(DraftRow).values(person_index=None))
        records.execute(update(Notice).values(phone_index=None))
    return count


def _people_after(records: Records, last: str) -> Sequence[Person]:
    batch = select(Person).where(Person.id > last).order_by(Person.id).limit(BATCH)
    return records.scalars(batch).all()


def _version(prefix: bytes) -> int:
    try:
        return Keyring.version_of_prefix(prefix)
    except SealError:
        return 0


def _older_rows(
    database: Database, keys: Keyring, column: Column, after: tuple[Any, ...]
) -> list[Mapping[str, Any]]:
    value = column.table.c[column.name]
    order = [column.table.c[name] for name in column.row]
    older = and_(
        value.is_not(None), func.substr(value, 1, Keyring.PREFIX_BYTES) != keys.newest_prefix
    )
    batch = select(*order, value.label("sealed_value")).where(older).order_by(*order).limit(BATCH)
    if after:
        batch = batch.where(tuple_(*order) > after)
    with database.reading() as records:
        return [dict(row._mapping) for row in records.execute(batch)]


def _reseal_batch(
    database: Database,
    keys: Keyring,
    column: Column,
    rows: list[Mapping[str, Any]],
    counts: Counter[str],
) -> None:
    value = column.table.c[column.name]
    with database.writing() as records:
        for row in rows:
            names = [row[name] for name in column.row]
            where = place(column.table.name, column.name, *map(str, names))
            try:
                renewed = keys.seal(keys.open(row["sealed_value"], where), where)
            except SealError:
                counts["failed"] += 1
                continue
            same = [column.table.c[n] == v for n, v in zip(column.row, names, strict=True)]
            change = update(column.table).where(*same, value == row["sealed_value"])
            done = records.execute(change.values({column.name: renewed}).returning(*same[:1]))
            counts[f"{column.table.name}.{column.name}"] += len(done.all())
