"""Emptying a mailbox by API message: one message a turn, at most once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.dialogue.messages import Reply
from bot.ports import SendError
from bot.turn.parts import Attempt, Parts
from bot.turn.result import Result
from bot.turn.transaction import LazyTransaction
from models.notices import add_chat, find_notice, mark_refused, mark_sent, mark_unknown

SECONDS = 3.0
_LEASE = timedelta(seconds=30)  # then housekeeping says that nobody knows

log = structlog.get_logger(__name__)


class Drain:
    """The turn of a DRAIN: the oldest letters as one message, outside any reply.

    It is a row that says `sending`, committed, before the call. Letters that the platform took,
    and those of which nobody knows, leave the mailbox; refused ones wait for the next visit.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def prepare(self, attempt: Attempt, transaction: LazyTransaction) -> Result:
        """Choose the letters and put their message into the transaction."""
        head, parts = attempt.head, self._parts
        nothing = Result(head.version, head.session)
        if not (attempt.own and head.mail):
            return nothing  # another's request: the mail leaves with its reply
        reply, taken = self._message([letter.reply for letter in head.mail], attempt)
        now = parts.now()
        notice = add_chat(
            transaction.records,
            parts.keys,
            account=str(head.update.account),
            payload=json.loads(reply.to_json()),
            now=now,
            notice_id=parts.sources.new_id(),
            state="sending",
            lease_until=now + _LEASE,
        )
        return replace(nothing, reply=reply, notice=notice, taken=taken)

    def send(self, attempt: Attempt, result: Result, *, adopted: bool) -> Result:
        """Send it, unless somebody may have done so before (`adopted`)."""
        if adopted or result.reply is None:
            refused = self._earlier(result.notice)
        else:
            refused = self._send(attempt, result.notice, result.reply)
        taken = 0 if refused else result.taken
        return replace(result, reply=None, taken=taken, refused=refused)

    def _message(self, mail: list[Reply], attempt: Attempt) -> tuple[Reply, int]:
        channel = self._parts.channels[attempt.head.update.account.channel]
        reply, taken = channel.fit(None, mail)
        return (reply, taken) if reply is not None and taken else (mail[0], 1)

    def _earlier(self, notice_id: str) -> str:
        with self._parts.database.writing() as records:
            notice = find_notice(records, notice_id)
            if notice is None:
                return ""
            if notice.state == "sending":
                mark_unknown(records, notice_id, "taken over")
            return notice.reason if notice.state == "refused" else ""

    def _send(self, attempt: Attempt, notice_id: str, reply: Reply) -> str:
        """Returns why the platform refused; empty when the letters have left."""
        parts, account = self._parts, attempt.head.update.account
        reason = ""
        parts.hook("before send")
        try:
            parts.channels[account.channel].send(account, reply, notice_id, SECONDS)
        except SendError as error:
            reason = error.reason
            log.info("mail not sent", notice=notice_id, reason=reason)
        parts.hook("after send")
        with parts.database.writing() as records:
            if not reason:
                mark_sent(records, notice_id, parts.now())
            elif reason == "unknown":
                mark_unknown(records, notice_id, reason)
            else:
                mark_refused(records, notice_id, reason)
        return "" if reason == "unknown" else reason
