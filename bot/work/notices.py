"""The lane `notices`: send what the outbox holds, a person's in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Reply
from bot.ports import OfficeError, SendError
from bot.work.desk import Tools
from bot.work.ladder import Ladder, next_day
from bot.work.lane import Work
from models.notices import (
    Notice,
    claim_notices,
    mark_refused,
    mark_sending,
    mark_sent,
    mark_unknown,
    park,
    postpone_notice,
)
from models.records import json_bytes

LEASE_SECONDS = 15.0
CALL_SECONDS = 5.0
ATTEMPTS = 6  # over about a minute: an SMS code lives ten
_FIRST_PAUSE = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class Notices:
    """Claims notices one by one and sends each at most once.

    An SMS is repeated after a time-out or a crash, because its office de-duplicates by the
    notice's id. A chat message is marked `sending` before the call and never repeated. What may
    take several roads is the ladder's.
    """

    def __init__(self, tools: Tools, owner: str, hook: Callable[[str], None]) -> None:
        self._tools = tools
        self._owner = owner
        self._hook = hook
        self._ladder = Ladder(tools, owner, hook)

    def claim(self) -> Work | None:
        """The notice that waits longest, as work to do."""
        with self._tools.database.writing() as records:
            claimed = claim_notices(records, self._now(), LEASE_SECONDS, 1, self._owner)
        self._hook("notice claimed")
        return (lambda: self._do(claimed[0])) if claimed else None

    def _do(self, notice: Notice) -> None:
        if notice.kind == "ladder":
            self._ladder.climb(notice)
            return
        payload = notice.open_payload(self._tools.keys)
        if notice.kind == "sms":
            self._send_sms(notice, payload)
        else:
            self._send_chat(notice, payload)

    def _send_sms(self, notice: Notice, payload: Mapping[str, Any]) -> None:
        try:
            self._tools.offices.sms.send(
                payload["phone"], payload["template"], payload["params"], notice.id, CALL_SECONDS
            )
        except OfficeError as error:
            self._sms_failed(notice, error)
            return
        self._hook("notice sent")
        self._write(lambda records: mark_sent(records, notice.id, self._now()))

    def _sms_failed(self, notice: Notice, error: OfficeError) -> None:
        log.warning("sms not taken", notice=notice.id, reason=error.reason)
        if (error.retry or error.unknown) and notice.attempts < ATTEMPTS:
            self._later(notice, error.reason)
        elif error.unknown:
            self._write(lambda records: mark_unknown(records, notice.id, error.reason))
        else:
            self._write(lambda records: mark_refused(records, notice.id, error.reason))

    def _send_chat(self, notice: Notice, payload: Mapping[str, Any]) -> None:
        account = AccountKey.parse(notice.account_key)
        if seconds := self._tools.pace.wait(account):
            due = self._now() + timedelta(seconds=seconds)
            self._write(lambda records: postpone_notice(records, notice.id, due, "pace"))
            return
        until = self._now() + timedelta(seconds=LEASE_SECONDS)
        with self._tools.database.writing() as records:
            if not mark_sending(records, notice.id, self._owner, until):
                return
        self._hook("notice sending")
        reply = Reply.from_json(json_bytes(payload))
        try:
            if seconds := self._tools.pace.keep(account):
                raise SendError("transient", "pace", wait=seconds)
            self._tools.channels[account.channel].send(account, reply, notice.id, CALL_SECONDS)
        except SendError as error:
            self._chat_failed(notice, error)
            return
        self._hook("notice sent")
        self._write(lambda records: mark_sent(records, notice.id, self._now()))

    def _chat_failed(self, notice: Notice, error: SendError) -> None:
        log.warning("chat notice not taken", notice=notice.id, reason=error.reason)
        if error.reason == "transient" and notice.attempts < ATTEMPTS:
            self._later(notice, error.reason, error.wait)
        elif error.reason == "quota":
            due = next_day(self._now())
            self._write(lambda records: postpone_notice(records, notice.id, due, error.reason))
        elif error.reason == "window":
            self._write(lambda records: park(records, notice.id, error.reason))
        elif error.reason == "unknown":
            self._write(lambda records: mark_unknown(records, notice.id, error.reason))
        else:
            self._write(lambda records: mark_refused(records, notice.id, error.reason))

    def _later(self, notice: Notice, reason: str, wait: float = 0.0) -> None:
        pause = max(_FIRST_PAUSE * 2 ** (notice.attempts - 1), timedelta(seconds=wait))
        due = self._now() + pause
        self._write(lambda records: postpone_notice(records, notice.id, due, reason))

    def _write(self, change: Callable[[Records], object]) -> None:
        with self._tools.database.writing() as records:
            change(records)

    def _now(self) -> datetime:
        return self._tools.sources.clock()
