"""Background work is claimed by one, at most until its lease ends, and counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Records

from models.database import Database
from models.jobs import (
    Job,
    add_job,
    claim_jobs,
    count_report,
    extend_job,
    fail_job,
    finish_job,
    forget_jobs,
    postpone_job,
)
from tests.models.making import ACCOUNT, DAY, KEYS, MINUTE, NOW, SECOND, new_id

LEASE = 30.0
LEASE_END = NOW + timedelta(seconds=LEASE)


def _add(records: Records, *, now: datetime = NOW) -> str:
    return add_job(
        records,
        KEYS,
        name="read_id_photo",
        account=ACCOUNT,
        payload={"photo": "1", "name": "陈国强"},
        answers="m1",
        now=now,
        job_id=new_id(),
    )


def _claim(
    database: Database, now: datetime = NOW, owner: str = "worker 1", limit: int = 10
) -> list[Job]:
    with database.writing() as records:
        return claim_jobs(records, now, LEASE, limit, owner)


def test_a_claimed_job_brings_its_payload_and_whom_it_answers(database: Database) -> None:
    with database.writing() as records:
        job_id = _add(records)
    (job,) = _claim(database)
    assert (job.id, job.name, job.answers, job.attempts) == (job_id, "read_id_photo", "m1", 1)
    assert (job.state, job.owner, job.lease_until) == ("claimed", "worker 1", LEASE_END)
    assert job.open_payload(KEYS) == {"photo": "1", "name": "陈国强"}
    assert "陈国强".encode() not in job.payload


def test_a_claimed_job_is_not_claimed_again_before_its_lease_ends(database: Database) -> None:
    with database.writing() as records:
        _add(records)
    assert len(_claim(database)) == 1
    assert _claim(database, LEASE_END - SECOND, "worker 2") == []
    (again,) = _claim(database, LEASE_END, "worker 2")
    assert (again.owner, again.attempts) == ("worker 2", 2)


def test_who_lost_the_claim_changes_nothing(database: Database) -> None:
    with database.writing() as records:
        job_id = _add(records)
    _claim(database)
    _claim(database, LEASE_END, "worker 2")
    with database.writing() as records:
        assert not finish_job(records, job_id, "worker 1")
        assert not fail_job(records, job_id, "worker 1")
        assert not postpone_job(records, job_id, "worker 1", NOW)
        assert not extend_job(records, job_id, "worker 1", NOW)
        assert count_report(records, job_id, "worker 1") is None
        assert finish_job(records, job_id, "worker 2")
    with database.reading() as records:
        assert records.get_one(Job, job_id).state == "done"


def test_a_finished_or_failed_job_never_comes_back(database: Database) -> None:
    with database.writing() as records:
        done, failed = _add(records), _add(records)
    _claim(database)
    with database.writing() as records:
        assert finish_job(records, done, "worker 1")
        assert fail_job(records, failed, "worker 1")
    assert _claim(database, NOW + DAY) == []


def test_a_postponed_job_comes_back_when_it_is_due(database: Database) -> None:
    with database.writing() as records:
        job_id = _add(records)
    _claim(database)
    with database.writing() as records:
        assert postpone_job(records, job_id, "worker 1", NOW + MINUTE)
    assert _claim(database, NOW + MINUTE - SECOND) == []
    (again,) = _claim(database, NOW + MINUTE)
    assert again.attempts == 2


def test_an_extended_claim_holds_longer(database: Database) -> None:
    with database.writing() as records:
        job_id = _add(records)
    _claim(database)
    with database.writing() as records:
        assert extend_job(records, job_id, "worker 1", NOW + DAY)
    assert _claim(database, LEASE_END, "worker 2") == []


def test_results_are_numbered_from_one(database: Database) -> None:
    with database.writing() as records:
        job_id = _add(records)
    _claim(database)
    with database.writing() as records:
        told = [count_report(records, job_id, "worker 1") for _ in range(3)]
    assert told == [1, 2, 3]


def test_what_waits_longest_is_claimed_first_up_to_the_limit(database: Database) -> None:
    with database.writing() as records:
        ids = [_add(records, now=NOW - n * MINUTE) for n in range(5)]
    assert [job.id for job in _claim(database, limit=2)] == [ids[4], ids[3]]
    assert [job.id for job in _claim(database, limit=9)] == [ids[2], ids[1], ids[0]]


def test_many_workers_never_claim_the_same_job(database: Database) -> None:
    with database.writing() as records:
        for _ in range(60):
            _add(records)

    def work(number: int) -> list[str]:
        taken: list[str] = []
        for _ in range(12):
            taken += [job.id for job in _claim(database, owner=f"worker {number}", limit=3)]
        return taken

    with ThreadPoolExecutor(6) as threads:
        claimed = [job for taken in threads.map(work, range(6)) for job in taken]
    assert len(claimed) == len(set(claimed)) == 60


def test_ended_jobs_are_forgotten_and_open_ones_kept(database: Database) -> None:
    with database.writing() as records:
        _add(records)
        done = _add(records)
    _claim(database)
    with database.writing() as records:
        finish_job(records, done, "worker 1")
        assert forget_jobs(records, NOW + SECOND) == 1
        assert records.get(Job, done) is None


def test_who_takes_some_names_only_leaves_the_others(database: Database) -> None:
    with database.writing() as records:
        job_id = _add(records)
    with database.writing() as records:
        assert claim_jobs(records, NOW, LEASE, 10, "worker 1", only=["check_person"]) == []
        assert claim_jobs(records, NOW, LEASE, 10, "worker 1", only=[]) == []
        assert claim_jobs(records, NOW, LEASE, 10, "worker 1", but=["read_id_photo"]) == []
    with database.writing() as records:
        (job,) = claim_jobs(records, NOW, LEASE, 10, "worker 1", but=["check_person"])
    assert job.id == job_id
