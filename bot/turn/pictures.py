"""A picture that goes with a reply: sent once by API message before the reply, else a link."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.dialogue.messages import Link, Picture, Reply
from bot.ports import SendError
from bot.turn.parts import Attempt, Parts
from bot.turn.result import Result, Unsettled
from bot.turn.transaction import LazyTransaction
from models.documents import open_document
from models.notices import (
    add_picture,
    find_notice,
    make_link,
    mark_refused,
    mark_sent,
    mark_unknown,
)
from models.sealing import SealError

SECONDS = 1.5  # the one call a turn makes
_LEAST_SECONDS = 0.3  # with less, do not begin: the link is surer

log = structlog.get_logger(__name__)


class Pictures:
    """Sends the picture of a reply at most once, or puts a one-use link of ten minutes there."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def prepare(self, attempt: Attempt, transaction: LazyTransaction, result: Result) -> Result:
        """Put the picture into the turn's own transaction, already `sending`."""
        if result.reply is None or result.reply.picture is None:
            return result
        picture, parts = result.reply.picture, self._parts
        by_link = parts.city.portrait_in_chat == "link"
        now = parts.now()
        notice = add_picture(
            transaction.records,
            parts.keys,
            account=str(attempt.head.update.account),
            document_id=picture.document,
            payload={"watermark": picture.watermark},
            now=now,
            notice_id=parts.sources.new_id(),
            state="parked" if by_link else "sending",
        )
        if not by_link:
            return replace(result, notice=notice)
        token = make_link(transaction.records, notice, now)
        return replace(result, reply=_linked(result.reply, token))

    def show(self, attempt: Attempt, result: Result, *, adopted: bool) -> Result:
        """Send it, unless somebody may have done so before (`adopted`)."""
        reply = result.reply
        if reply is None or reply.picture is None:
            return result
        if adopted:
            sent = self._was_sent(result.notice)
        else:
            sent = self._send(attempt, result.notice, reply.picture)
        if sent:
            return replace(result, reply=replace(reply, picture=None))
        with self._parts.database.writing() as records:
            token = make_link(records, result.notice, self._parts.now())
        return replace(result, reply=_linked(reply, token))

    def _was_sent(self, notice_id: str) -> bool:
        with self._parts.database.writing() as records:
            notice = find_notice(records, notice_id)
            if notice is not None and notice.state == "sending":
                mark_unknown(records, notice_id, "taken over")
            return notice is not None and notice.state == "sent"

    def _send(self, attempt: Attempt, notice_id: str, picture: Picture) -> bool:
        if attempt.lease_left() <= 0:
            raise Unsettled  # somebody may be showing a link already
        refusal = self._call(attempt, notice_id, picture)
        self._parts.hook("after picture")
        with self._parts.database.writing() as records:
            if not refusal:
                mark_sent(records, notice_id, self._parts.now())
            elif refusal == "unknown":
                mark_unknown(records, notice_id, refusal)
            else:
                mark_refused(records, notice_id, refusal)
        return not refusal

    def _call(self, attempt: Attempt, notice_id: str, picture: Picture) -> str:
        """Make the call. Returns why it was not taken; empty when it was."""
        parts, account = self._parts, attempt.head.update.account
        try:
            with parts.database.reading() as records:
                image = open_document(records, parts.keys, parts.objects, picture.document)
        except (KeyError, SealError, OSError) as error:
            log.error("picture missing", document=picture.document, fault=type(error).__name__)
            return "missing"
        if picture.watermark:
            image = parts.watermark(image, picture.watermark)
        seconds = min(attempt.budget.at_most(SECONDS), attempt.lease_left())
        if seconds < _LEAST_SECONDS:
            return "late"
        parts.hook("before picture")
        try:
            parts.channels[account.channel].send_picture(account, image, notice_id, seconds)
        except SendError as error:
            log.info("picture refused", notice=notice_id, reason=error.reason)
            return error.reason
        return ""


def _linked(reply: Reply, token: str) -> Reply:
    caption = reply.picture.caption if reply.picture else ""
    link = Link(f"/picture/{token}", caption)
    return replace(reply, picture=None, links=(*reply.links, link))
