"""`/gateway.do` and `/chat/multimedia.do`: whose call it is, whether it may be made, what it says.

Everything is answered with 200.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from bot.simulator.alipay.account import NAME, AlipayAccount
from bot.simulator.alipay.answers import Writer
from bot.simulator.alipay.asked import Asked, Raw, check, raw
from bot.simulator.alipay.checks import CERTIFY, page_of
from bot.simulator.alipay.media import DOWNLOADS, fetched
from bot.simulator.alipay.methods import METHODS, SENDS
from bot.simulator.alipay.refusals import Refusal, asked_for, business, invalid
from bot.simulator.errcodes import ApiFault
from bot.simulator.faults import Fault, Faults, after

LIMITED = {45009: "isv.app-call-limited", 45011: "isv.method-call-limited"}
Node = Mapping[str, Any]
Work = Callable[[AlipayAccount, Asked], Response | Node]


def gateway(accounts: Sequence[AlipayAccount], faults: Faults) -> Blueprint:
    """The blueprint under `/alipay`; a stranger is answered as the first app would be."""
    views = Blueprint("alipay_gateway", __name__, url_prefix="/alipay")

    @views.route("/gateway.do", methods=["GET", "POST"])
    def serve() -> ResponseReturnValue:
        return _served(accounts, faults, _carried_out)

    @views.route("/chat/multimedia.do", methods=["GET", "POST"])
    def media() -> ResponseReturnValue:
        return _served(accounts, faults, _fetched)

    return views


def _served(accounts: Sequence[AlipayAccount], faults: Faults, work: Work) -> Response:
    given = raw(request)
    called = [one for one in accounts if one.config.app_id == given.word("app_id")]
    account = next(iter([*called, *accounts]))
    if given.word("method") in SENDS:
        account.sent.arrived()
    fault = faults.before(NAME, given.word("method"))
    if not asked_for(fault.error) and (failing := faults.answer(NAME, fault)):
        return failing
    return after(fault, _answer(account, given, fault, work))


def _answer(account: AlipayAccount, given: Raw, fault: Fault, work: Work) -> Response:
    writer = Writer(account, given)
    if fault.error == "gbk":
        return writer.garbled(asked_for(20000) or business("SYSTEM_ERROR"))
    if fault.error == "redirect":
        return _moved()
    try:
        asked = check(account, given)
    except Refusal as refusal:
        return writer.unsigned(refusal)
    try:
        done = _admitted(account, asked, fault, work)
    except Refusal as refusal:
        return writer.refusal(refusal)
    if isinstance(done, Response):
        return done
    if fault.error in ("unsigned", "wrong_sign"):
        return writer.stripped(done) if fault.error == "unsigned" else writer.spoilt(done)
    return writer.answer(done, encrypted=asked.encrypted)


def _admitted(account: AlipayAccount, asked: Asked, fault: Fault, work: Work) -> Response | Node:
    """Raises `Refusal`."""
    if refusal := asked_for(fault.error):
        raise refusal
    account.rights.check(asked.method)
    try:
        account.quotas.take(asked.method)
    except ApiFault as limit:
        raise Refusal("40005", LIMITED[limit.errcode]) from limit
    return work(account, asked)


def _carried_out(account: AlipayAccount, asked: Asked) -> Response | Node:
    if asked.method == CERTIFY:
        return page_of(account, asked)
    method = METHODS.get(asked.method)
    if method is None:
        raise invalid("method")
    return method(account, asked)


def _fetched(account: AlipayAccount, asked: Asked) -> Response | Node:
    if asked.method not in DOWNLOADS:
        raise invalid("method")
    return fetched(account, asked)


def _moved() -> Response:
    """A way to somewhere else, which a caller with signed parameters must not go."""
    return Response(status=302, headers={"Location": f"{request.host_url}simulator/elsewhere"})
