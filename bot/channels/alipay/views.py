"""The application gateway as a Flask blueprint: POST takes a message and acknowledges it.

Nothing goes out to anybody in the request: the platform wants its acknowledgement, and every answer
is a message of its own. Only a bad signature and an oversized body are refused by a status; what is
signed is acknowledged, for anything else is delivered again. A duty that could not be taken is not.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.channels.alipay.ant import KNOWN, AntMessage
from bot.channels.alipay.codec import AlipayCodec, Inbound, is_activation
from bot.channels.alipay.faults import BadSignature, GatewayFault, TooLarge, Unreadable
from bot.channels.alipay.form import MOST_BYTES
from bot.channels.alipay.leaves import Leaves
from bot.channels.alipay.replies import FAIL, SUCCESS, Answer, Answers
from bot.channels.alipay.updates import Account, name_of
from bot.channels.alipay.verification import Family
from bot.dialogue.messages import UNHEARD, AccountKey, Kind, Reply, Update
from models.platform_ids import PlatformName

_UNASKED = UNHEARD | {Kind.ENTER}
"""What nobody waits for an answer to: that it failed is not told."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What the gateway calls of the service.

    `take` answers an update: what it still says goes by `late`, `apology` when it raises. `owe`
    takes a duty, False when it may be lost. `account` finds whose ids these are, `concerned` those
    accounts of an application that there are under some ids. `count` hears in one word what was
    refused, `count_unread` the name of what says nothing to us.
    """

    take: Callable[[Update], Reply | None]
    owe: Callable[[Update], bool]
    account: Account
    concerned: Callable[[str, Sequence[PlatformName]], Sequence[AccountKey]]
    late: Callable[[AccountKey, Reply], None]
    apology: str
    clock: Callable[[], datetime]
    count: Callable[[str], None] = lambda reason: None
    count_unread: Callable[[str], None] = lambda name: None


def alipay_views(
    codec: AlipayCodec, answers: Mapping[str, Answers], service: Service, *, path: str = "/alipay"
) -> Blueprint:
    """The gateway at `path`, with and without a slash at its end. `answers` are by application."""
    gateway = _Gateway(codec, answers, service)
    views = Blueprint("alipay", __name__)
    views.post(path, strict_slashes=False)(gateway.receive)
    views.register_error_handler(GatewayFault, gateway.refuse)
    views.register_error_handler(RequestEntityTooLarge, lambda _: gateway.refuse(TooLarge("size")))
    return views


@dataclass(frozen=True, slots=True)
class _Gateway:
    codec: AlipayCodec
    answers: Mapping[str, Answers]
    service: Service

    def receive(self) -> Response:
        request.max_content_length = MOST_BYTES
        inbound = self.codec.open(request.get_data(cache=False))
        try:
            app_id = self.codec.check(inbound)
        except BadSignature as fault:
            if not inbound.is_check:
                raise
            self.service.count(fault.reason)
            return _response(next(iter(self.answers.values())).not_activated(inbound.charset))
        if inbound.family is Family.LIFE:
            return _response(self._life(inbound, app_id))
        return _response(self._ant(inbound, app_id))

    # --- the life account ---------------------------------------------------------------

    def _life(self, inbound: Inbound, app_id: str) -> Answer:
        answers = self.answers[app_id]
        try:
            leaves = self.codec.leaves(inbound, app_id)
        except Unreadable as fault:
            if not inbound.is_check:
                raise
            self.service.count(fault.reason)
            return answers.not_activated(inbound.charset)
        if is_activation(inbound, leaves):
            return answers.activated(inbound.charset, inbound.sign_type)
        try:
            self._handle(leaves)
        except Unreadable as fault:
            self.service.count(fault.reason)
        sender, at = self.codec.sender(leaves), self.service.clock()
        return answers.acknowledged(sender, at, inbound.charset, inbound.sign_type)

    def _handle(self, leaves: Leaves) -> None:
        """Raises Unreadable."""
        update = self.codec.update(leaves, self.service.account)
        if update is None or update.kind is Kind.OTHER:
            self.service.count_unread(name_of(leaves))
        if update is None:
            self.service.count("acknowledged")
            return
        try:
            reply = self.service.take(update)
        except Exception as fault:
            self._failed(update.id, fault)
            reply = Reply(self.service.apology)
        if reply is not None and update.kind not in _UNASKED:
            self.service.late(update.account, reply)

    # --- the open platform --------------------------------------------------------------

    def _ant(self, inbound: Inbound, app_id: str) -> Answer:
        try:
            message = self.codec.ant(inbound, app_id)
        except Unreadable as fault:
            # What may be a duty is delivered again, and seen in the counter.
            self.service.count(fault.reason)
            return SUCCESS if fault.reason in ("stale", "app") else FAIL
        if not message.is_duty:
            self.service.count_unread(message.method if message.method in KNOWN else "other")
            self.service.count("acknowledged")
            return SUCCESS
        return SUCCESS if self._owes(message) else FAIL

    def _owes(self, message: AntMessage) -> bool:
        """Whether the deletion was taken, by every account that it means: there may be none."""
        if not message.names:
            self.service.count("account")
            return False
        try:
            accounts = self.service.concerned(message.app_id, message.names)
            taken = [self.service.owe(_withdrawn(message, who, self._now())) for who in accounts]
        except Exception as fault:
            self._failed(message.id, fault)
            return False
        return all(taken)

    def _now(self) -> datetime:
        return self.service.clock()

    # --- what is refused ----------------------------------------------------------------

    def _failed(self, update_id: str, fault: Exception) -> None:
        """Class and place only: the message of an exception may quote what the person wrote."""
        *_, last = traceback.extract_tb(fault.__traceback__)
        _log.error(
            "alipay.turn_failed",
            update=update_id,
            fault=type(fault).__name__,
            at=f"{last.filename}:{last.lineno}",
        )
        self.service.count("failed")

    def refuse(self, fault: GatewayFault) -> Response:
        self.service.count(fault.reason)
        if isinstance(fault, BadSignature):
            return Response(status=403)
        return Response(status=413) if isinstance(fault, TooLarge) else _response(SUCCESS)


def _withdrawn(message: AntMessage, account: AccountKey, now: datetime) -> Update:
    """What an authorisation gave is to be deleted as if the account were closed. It counts from
    now: a delivery may come a day after the withdrawal, and is a duty for a day from then."""
    told = {"what": "cancellation", "scopes": list(message.scopes)}
    return Update(message.id, account, Kind.REVOKED, now, data=told)


def _response(answer: Answer) -> Response:
    return Response(answer.body, content_type=answer.media_type)
