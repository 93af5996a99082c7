"""The circuit breaker: a platform that takes nothing any more pauses a campaign, with the reason.

The bounds on what is counted in the records are `models.push.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.push.ports import Result

REFUSALS = 10
"""In a row because of our account or our message: the next will be refused as well."""
FAILURES, FAILING_SECONDS = 50, 20.0
"""In a row without an answer, and for how long: shorter than that is worth trying again, and the
retries of those who are in it bridge it."""


@dataclass(slots=True)
class _Run:
    kind: str
    length: int
    since: float


class Breaker:
    """Counts by road and credential. Moments are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], _Run] = {}

    def note(self, credential: str, road: str, result: Result, now: float) -> str:
        """One call ended. Returns why the campaign is to pause, "" where it need not."""
        kind = _KINDS.get(result.reason, "")
        run = self._runs.get((credential, road))
        if not kind:
            self._runs.pop((credential, road), None)
            return ""
        if run is None or run.kind != kind:
            run = self._runs[credential, road] = _Run(kind, 0, now)
        run.length += 1
        if not _is_over(run, now):
            return ""
        del self._runs[credential, road]
        return f"{road} {result.reason} {result.detail}".strip()


_KINDS = {"account": "refused", "bug": "refused", "transient": "failed", "unknown": "failed"}


def _is_over(run: _Run, now: float) -> bool:
    if run.kind == "refused":
        return run.length >= REFUSALS
    return run.length >= FAILURES and now - run.since >= FAILING_SECONDS
