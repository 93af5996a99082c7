"""One notice, several roads: each claim tries one rung, and what it refuses the next may take.

The rules of claims and crashes are in `models.ladders`; what a rung says is in `config.templates`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey
from bot.ports import OfficeError, SendError
from bot.sessions import SessionsAway
from bot.work.desk import Tools
from bot.work.rungs import PLATFORM, Called, Rungs
from models.ladders import (
    CALLING,
    UNKNOWN,
    call_once,
    call_under_key,
    calling_since,
    end_parked,
    end_sent,
    end_unknown,
    left_rungs,
    try_again,
    try_next,
    with_step,
)
from models.notices import Notice, mark_refused

LEASE = timedelta(seconds=15)
ATTEMPTS = 6  # on one rung, over about a minute
STUMBLES = 20  # claims of one rung that came to no end at all: a fault of ours, a worker it kills
REMEMBERED = timedelta(minutes=10) - timedelta(seconds=30)
"""How long the platform knows a template message by its key. Source: developers.weixin.qq.com,
发送模板消息, client_msg_id."""

_FIRST_PAUSE = timedelta(seconds=1)
_UNMARKED = timedelta(minutes=1)
_PLATFORM_DAY = ZoneInfo("Asia/Shanghai")

log = structlog.get_logger(__name__)


class Ladder:
    """Sends notices of kind `ladder`. `owner` is the claims'; `hook` is for crash tests."""

    def __init__(self, tools: Tools, owner: str, hook: Callable[[str], None]) -> None:
        self._tools, self._owner, self._hook = tools, owner, hook
        self._rungs = Rungs(tools)

    def climb(self, notice: Notice) -> None:
        """Try the notice's next rung, or park it where there is none left."""
        if not self._rungs.readable(notice):
            log.error("notice unreadable", notice=notice.id)
            self._write(lambda records: mark_refused(records, notice.id, "unreadable"))
            return
        call = calling_since(notice)
        if call is None:
            self._tread(notice, self._next(notice))
        elif not self._may_repeat(notice, *call):
            self._in_doubt(notice, call[0])
        elif self._in_time(notice, call[0]):
            # Nothing but the receiver can say now whether it has come: it is asked again.
            self._try(notice, call[0], in_doubt=True)

    def _tread(self, notice: Notice, rung: str) -> None:
        if rung == "visit":
            self._park(notice)
        elif notice.attempts > STUMBLES:
            notice.steps = with_step(notice.steps, rung, "stumbled", self._now())
            self._leave(notice)
        elif self._in_time(notice, rung):
            self._try(notice, rung, in_doubt=False)

    def _may_repeat(self, notice: Notice, rung: str, since: datetime) -> bool:
        """Whether the receiver still knows a call by its key."""
        if self._rungs.once(notice, rung) or notice.attempts > STUMBLES:
            return False
        return rung != "template" or self._now() < since + REMEMBERED

    def _next(self, notice: Notice) -> str:
        """The first rung that has not been left; the reasons of those that cannot even be tried
        stand in the notice's steps."""
        left = left_rungs(notice)
        for rung in self._rungs.of(notice):
            if rung in left:
                continue
            refusal = self._rungs.refusal(notice, rung)
            if not refusal:
                return rung
            notice.steps = with_step(notice.steps, rung, refusal, self._now())
        return "visit"

    def _in_time(self, notice: Notice, rung: str) -> bool:
        """Wait for the account's pace. False: put off, for too many wait before it."""
        if rung not in PLATFORM:
            return True
        seconds = self._tools.pace.wait(AccountKey.parse(notice.account_key))
        if seconds:
            notice.attempts -= 1  # it was not tried
            self._again(notice, self._now() + timedelta(seconds=seconds), "pace")
        return not seconds

    def _try(self, notice: Notice, rung: str, *, in_doubt: bool) -> None:
        before = notice.steps
        if not self._begin(notice, rung):
            return
        self._hook("notice sending")
        called = self._call(notice, rung)
        if called.reason:
            log.warning("notice not taken", notice=notice.id, rung=rung, reason=called.reason)
            self._failed(notice, rung, called, None if in_doubt else before)
            return
        self._hook("notice sent")
        self._write(lambda records: end_sent(records, notice, self._now(), called.sent_as))

    def _begin(self, notice: Notice, rung: str) -> bool:
        """Commit that the call is made now. False: it may not be, or somebody else holds it."""
        now = self._now()
        notice.rung = rung
        if not calling_since(notice):
            notice.steps = with_step(notice.steps, rung, CALLING, now)
        say = call_once if self._rungs.once(notice, rung) else call_under_key
        with self._tools.database.writing() as records:
            if not say(records, notice, self._owner, now + LEASE):
                return False
            if self._rungs.pay(records, notice, rung):
                return True
            notice.steps = with_step(notice.steps, rung, "no credit", now)
            try_next(records, notice, self._owner, now)
            return False

    def _call(self, notice: Notice, rung: str) -> Called:
        account = AccountKey.parse(notice.account_key)
        if rung in PLATFORM and (seconds := self._tools.pace.keep(account)):
            return Called("transient", "transient pace", wait=timedelta(seconds=seconds))
        try:
            return Called(sent_as=self._rungs.send(notice, rung))
        except SendError as error:
            return Called(error.reason, str(error), wait=timedelta(seconds=error.wait))
        except OfficeError as error:
            reason = UNKNOWN if error.unknown else "transient" if error.retry else "permanent"
            return Called(reason, f"{reason} {error.reason}")

    def _failed(
        self, notice: Notice, rung: str, called: Called, before: list[list[str]] | None
    ) -> None:
        """`before`: the steps, if nothing of this call stays should it not have been carried out;
        None, if an earlier one may have been."""
        now, reason = self._now(), called.reason
        more = notice.attempts < ATTEMPTS
        later = now + max(self._pause(notice), called.wait)
        if reason == UNKNOWN and more and not self._rungs.once(notice, rung):
            self._again(notice, later, called.told)
        elif reason == "quota" or (reason == "transient" and more):
            notice.steps = notice.steps if before is None else before
            due = next_day(now) if reason == "quota" else later
            self._again(notice, due, called.told, lambda r: self._rungs.repay(r, notice, rung))
        elif reason == UNKNOWN or (reason == "transient" and before is None):
            self._in_doubt(notice, rung)
        else:
            notice.steps = with_step(notice.steps, rung, called.told, now)
            void = reason == "permanent"
            self._leave(notice, lambda r: self._rungs.repay(r, notice, rung, void=void))

    def _in_doubt(self, notice: Notice, rung: str) -> None:
        """Nobody knows whether it arrived: on to the next rung only where a double is better."""
        notice.steps = with_step(notice.steps, rung, UNKNOWN, self._now())
        if self._rungs.may_double(notice):
            self._leave(notice)
        else:
            self._write(lambda records: end_unknown(records, notice, self._owner))

    def _leave(self, notice: Notice, also: Callable[[Records], None] = lambda _: None) -> None:
        def change(records: Records) -> None:
            if try_next(records, notice, self._owner, self._now()):
                also(records)

        self._write(change)

    def _again(
        self,
        notice: Notice,
        due: datetime,
        reason: str,
        also: Callable[[Records], None] = lambda _: None,
    ) -> None:
        def change(records: Records) -> None:
            if try_again(records, notice, self._owner, due, reason):
                also(records)

        self._write(change)

    def _park(self, notice: Notice) -> None:
        """Marked before and after: whichever a death leaves out, the other is there; and a turn
        between the two, which finds nothing yet, clears only the first. Never parked without: who
        is known to Redis is not looked up in the records."""
        account = AccountKey.parse(notice.account_key)
        if not self._mark(account):
            self._again(notice, self._now() + _UNMARKED, "visit not marked")
            return
        self._hook("notice marked")
        self._write(lambda records: end_parked(records, notice, self._owner))
        self._hook("notice parked")
        self._mark(account)

    def _mark(self, account: AccountKey) -> bool:
        try:
            self._tools.marks.mark(account)
        except SessionsAway as away:
            log.warning("visit not marked", fault=str(away))
            return False
        return True

    def _pause(self, notice: Notice) -> timedelta:
        return _FIRST_PAUSE * int(2 ** (notice.attempts - 1))

    def _write(self, change: Callable[[Records], object]) -> None:
        with self._tools.database.writing() as records:
            change(records)

    def _now(self) -> datetime:
        return self._tools.sources.clock()


def next_day(now: datetime) -> datetime:
    """When the platform's daily quotas begin anew."""
    day = now.astimezone(_PLATFORM_DAY).date() + timedelta(days=1)
    return datetime.combine(day, time(), _PLATFORM_DAY)
