"""The offices at work: what a line that was taken becomes, day by day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.simulator.card_making.ledger import Ledger, Plan, Work
from bot.simulator.card_making.line import reply_line
from bot.simulator.card_making.road import BANK, FAILED, PROVINCE, ROAD, Step


class Offices:
    """Moves works on. Every call stands inside of `Ledger.changing`."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock

    def days(self, step: str) -> int:
        """How long a step takes, as a script has set it or by itself."""
        return int(self._ledger.fact("speeds", {}).get(step, ROAD[step].days))

    # --- taking -------------------------------------------------------------------------

    def take(self, desk: str, batch: str, asked: dict[str, str]) -> None:
        """A line of a batch, by `application`, `name`, `bank`, `outlet`, `mailed`. The bank
        opens an account for a card whose way began at the province; the province begins one anew,
        or goes on with one that failed."""
        if desk == BANK:
            self._open_account(batch, asked)
        else:
            self._begin(batch, asked)

    def _begin(self, batch: str, asked: dict[str, str]) -> None:
        before = self._ledger.newest(asked["application"])
        again = before if before and before.word == FAILED else None
        step = again.step if again and again.step != "bank" else "province"
        work = {
            "application": asked["application"],
            "batch": batch,
            "name": asked["name"],
            "bank": asked["bank"],
            "outlet": asked["outlet"],
            "mailed": int(bool(asked["mailed"])),
            "step": step,
            "left": self.days(step),
            "account": again.account if again else "",
        }
        self._ledger.add_work(work)
        if again:
            self._ledger.change_work(again, word="sent again")
        if step == "province":
            self._say(PROVINCE, "PROVINCE", "TAKEN", self._newest(work["application"]))

    def _open_account(self, batch: str, asked: dict[str, str]) -> None:
        work = self._ledger.newest(asked["application"])
        if work is None:
            stranger = Work(0, asked["application"], batch)
            self._say(BANK, "BANK", "FAIL", stranger, "B09", "省厅没有这笔制卡任务")
            return
        where = {"bank": asked["bank"], "outlet": asked["outlet"]}
        if work.step == "bank" and work.word != FAILED:
            self._ledger.count(work.application, "accounts")  # asked twice, opened twice
        self._ledger.change_work(work, step="bank", left=self.days("bank"), word="", **where)

    def _newest(self, application: object) -> Work:
        work = self._ledger.newest(str(application))
        assert work is not None  # noqa: S101 - it was just written
        return work

    # --- moving on ----------------------------------------------------------------------

    def pass_day(self) -> None:
        """A day later: whatever has been long enough where it is goes on."""
        for work in self._ledger.under_way():
            self._ledger.change_work(work, left=work.left - 1)
        self.settle()

    def settle(self) -> None:
        """Finish every step that has no days left; a step of no days follows at once."""
        while due := self._ledger.under_way(0):
            for work in due:
                self._finish(work, ROAD[work.step])

    def _finish(self, work: Work, step: Step) -> None:
        plan = self._ledger.take_plan(work.application, work.step) or self._by_share(work, step)
        if plan is None:
            self._succeed(work, step)
            return
        self._say(step.desk, step.stage, step.bad, work, plan.code, plan.text)
        self._ledger.change_work(work, word=FAILED, left=0)

    def _succeed(self, work: Work, step: Step) -> None:
        new: dict[str, Any] = self._made(work)
        then = "posting" if step.then == "branch" and work.mailed else step.then
        if then in ROAD:
            self._ledger.change_work(work, step=then, left=self.days(then), **new)
        else:
            self._ledger.change_work(work, word=then, left=0, **new)
        self._say(step.desk, step.stage, step.good, replace(work, **new))

    def _made(self, work: Work) -> dict[str, str]:
        """What comes into the world at the end of a step, and is counted."""
        match work.step:
            case "bank":
                self._ledger.count(work.application, "accounts")
                return {"account": _digits(work, "account")}
            case "factory":
                self._ledger.count(work.application, "cards")
                return {"card": _digits(work, "card")}
            case "posting":
                return {"ems": f"EA{_digits(work, 'ems')}{_digits(work, 'ems2')}5CN"}
        return {}

    def _by_share(self, work: Work, step: Step) -> Plan | None:
        """A part of all fails by the step's share, the same ones in every run."""
        share = float(self._ledger.fact("shares", {}).get(work.step, 0))
        chance = int(_hash(work, f"{work.step}.{work.id}.{work.bank}")[:8], 16) / 0x1_0000_0000
        return Plan(work.application, work.step, step.code, step.text) if chance < share else None

    # --- by hand ------------------------------------------------------------------------

    def tell(self, desk: str, stage: str, result: str, application: str) -> bool:
        """A line that no step writes: collected, enabled. False: there is no such card."""
        work = self._ledger.newest(application)
        if work is None:
            return False
        self._say(desk, stage, result, work)
        return True

    def _say(
        self, desk: str, stage: str, result: str, work: Work, code: str = "", text: str = ""
    ) -> None:
        line = reply_line(work, stage, result, code, text, self._clock())
        self._ledger.add_line(desk, stage, line)


def _digits(work: Work, what: str) -> str:
    return f"{int(_hash(work, what)[:8], 16) % 10_000:04d}"


def _hash(work: Work, what: str) -> str:
    return hashlib.sha256(f"{work.application}.{what}".encode()).hexdigest()
