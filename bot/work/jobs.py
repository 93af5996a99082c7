"""The lane `jobs`: run what a turn asked for, and take its result to the conversation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.dialogue.messages import AccountKey, Kind, Update
from bot.ports import JobSpec, OfficeError
from bot.turn import Turns
from bot.work.desk import JobDesk, Tools
from bot.work.keeping import ClaimKeeper
from bot.work.lane import Work
from models.jobs import Job, claim_jobs, fail_job, finish_job, postpone_job
from models.sealing import SealError

LEASE_SECONDS = 5.0
_UNAVAILABLE = "unavailable"
_ABOUT = ("draft", "photo")  # what a result is about, by the payload's own words
_FIRST_PAUSE = timedelta(seconds=0.5)  # doubled at each further attempt
_DELIVERY_SECONDS = 20.0  # Redis away: how long a result is held before the job is run again
_DELIVERY_NAP = 0.2

log = structlog.get_logger(__name__)


class Jobs:
    """Claims jobs one by one. A job runs at least once; its results are taken exactly once.

    Result `n` of a job is the update `job:<id>:<n>`, the last `job:<id>:end`: told again after a
    crash it is known already. The job's row ends only when its last result was taken.
    """

    def __init__(
        self,
        tools: Tools,
        specs: Mapping[str, JobSpec],
        turns: Turns,
        keeper: ClaimKeeper,
        owner: str,
        hook: Callable[[str], None],
        lease_seconds: float = LEASE_SECONDS,
        *,
        heavy: bool = False,
    ) -> None:
        """`heavy`: run the jobs that compute, and none of those that wait for somebody."""
        computing = [name for name, spec in specs.items() if spec.heavy]
        self._mine = {"only": computing} if heavy else {"but": computing}
        self._tools = tools
        self._specs = specs
        self._turns = turns
        self._keeper = keeper
        self._owner = owner
        self._hook = hook
        self._lease = lease_seconds

    def claim(self) -> Work | None:
        """The job that waits longest, as work to do."""
        with self._tools.database.writing() as records:
            claimed = claim_jobs(records, self._now(), self._lease, 1, self._owner, **self._mine)
        self._hook("job claimed")
        return (lambda: self._do(claimed[0])) if claimed else None

    def _do(self, job: Job) -> None:
        spec = self._specs.get(job.name)
        limit = spec.limit if spec else self._lease
        with self._keeper.keeping(job.id, limit + _DELIVERY_SECONDS):
            data = self._run(job, spec)
            if data is None:
                return
            self._hook("job ran")
            if not self._tell(job, "end", data):
                self._postpone(job, _FIRST_PAUSE)
                return
            self._hook("job told")
            failed = data.get("error") == _UNAVAILABLE
            with self._tools.database.writing() as records:
                (fail_job if failed else finish_job)(records, job.id, self._owner)

    def _run(self, job: Job, spec: JobSpec | None) -> Mapping[str, Any] | None:
        """The result's data; None when the job was put off."""
        if spec is None or job.attempts > spec.attempts:
            log.error("job given up", job=job.id, name=job.name, attempts=job.attempts)
            return self._unavailable(job)
        desk = JobDesk(
            job.id,
            AccountKey.parse(job.account_key),
            job.open_payload(self._tools.keys),
            self._tools,
            lambda number, data: self._report(job, number, data),
        )
        try:
            return spec.run(desk)
        except OfficeError as error:
            log.warning("job refused", job=job.id, office=error.office, reason=error.reason)
            again = error.retry
        except Exception as fault:
            log.error("job failed", job=job.id, name=job.name, fault=type(fault).__name__)
            again = True
        if not again or job.attempts >= spec.attempts:
            return self._unavailable(job)
        self._postpone(job, _FIRST_PAUSE * 2 ** (job.attempts - 1))
        return None

    def _unavailable(self, job: Job) -> Mapping[str, Any]:
        """The data of a job that came to nothing, with what it was about: an error of a draft that
        was given up meanwhile must not touch the next one."""
        try:
            payload = job.open_payload(self._tools.keys)
        except SealError:
            payload = {}
        return {"error": _UNAVAILABLE} | {name: payload[name] for name in _ABOUT if name in payload}

    def _report(self, job: Job, number: int, data: Mapping[str, Any]) -> None:
        if not self._tell(job, str(number), data):
            raise OfficeError("sessions", "away", retry=True)

    def _tell(self, job: Job, number: str, data: Mapping[str, Any]) -> bool:
        update = Update(
            id=f"job:{job.id}:{number}",
            account=AccountKey.parse(job.account_key),
            kind=Kind.RESULT,
            at=self._now(),
            key=job.name,
            data=data,
            answers=job.answers,
        )
        end = time.monotonic() + _DELIVERY_SECONDS
        while not self._turns.deliver(update):
            if time.monotonic() > end:
                return False
            time.sleep(_DELIVERY_NAP)
        return True

    def _postpone(self, job: Job, pause: timedelta) -> None:
        with self._tools.database.writing() as records:
            postpone_job(records, job.id, self._owner, self._now() + pause)

    def _now(self) -> datetime:
        return self._tools.sources.clock()
