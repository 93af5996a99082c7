"""The records of staff, changed by several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from models.database import Database
from models.staff import Role, Staff
from models.staff_records import StaffFault, disable, hold_everybody
from tests.models.making import NOW, new_id


def test_two_administrators_who_remove_each_other_do_it_one_by_one(
    postgres_database: Database,
) -> None:
    database, ids, both = postgres_database, [new_id(), new_id()], Barrier(2, timeout=10)
    with database.writing() as records:
        for one in ids:
            records.add(
                Staff(
                    id=one, login=one, name="张工", roles=[Role.ADMINISTRATOR.value],
                    districts=[], password_hash="", created_at=NOW,
                )
            )  # fmt: skip

    def remove(mine: str, theirs: str) -> str:
        try:
            with database.writing() as records:
                both.wait()
                hold_everybody(records)
                disable(records, records.get_one(Staff, theirs), by=f"staff:{mine}")
            return "done"
        except StaffFault:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(remove, ids, reversed(ids)))
    assert sorted(ended) == ["done", "refused"]
