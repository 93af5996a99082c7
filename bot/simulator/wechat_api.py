"""The platform's API over HTTP: whose call it is, its faults, rights and quotas, its errcodes.

Errors are 200 with an errcode.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from bot.simulator.account import Account
from bot.simulator.calls import AS_TEXT, PLAIN, ROUTES, SENDS, Desks, Route
from bot.simulator.errcodes import ApiFault
from bot.simulator.faults import Fault, Faults, after


def wechat_api(desks: Sequence[Desks], faults: Faults) -> Blueprint:
    """The blueprint of all accounts' calls; the first account is also asked by strangers."""
    views = Blueprint("wechat_api", __name__)

    def serve(route: Route) -> None:
        def view() -> ResponseReturnValue:
            mine = _whose(desks, route)
            if route.path in SENDS:
                mine.account.sent.arrived()
            fault = faults.before(mine.account.name, route.path)
            if _hits(fault, route) and (failing := faults.answer(mine.account.name, fault)):
                return failing
            return after(fault, _answer(mine, route, fault))

        name = route.path.replace("/", "_")
        views.add_url_rule(route.address, name, view, methods=[route.method])

    for route in ROUTES:
        serve(route)
    return views


def _whose(desks: Sequence[Desks], route: Route) -> Desks:
    """Whose call this is, by its token, or by the app id where none is needed."""
    able = [mine for mine in desks if mine.account.config.sort in route.sorts]
    if route.needs_token:
        token = request.args.get("access_token", "")
        found = [mine for mine in desks if token and mine.account.tokens.knows(token)]
    else:
        app_id = request.args.get("appid") or _body().get("appid")
        found = [mine for mine in able if mine.account.config.app_id == app_id]
    return next(iter([*found, *able]), desks[0])


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True) if request.method == "POST" else None
    return body if isinstance(body, dict) else {}


def _hits(fault: Fault, route: Route) -> bool:
    """An errcode for every call is none for the tokens': it would hide behind them."""
    return route.needs_token or bool(fault.calls) or not isinstance(fault.error, int)


def _answer(mine: Desks, route: Route, fault: Fault) -> Response:
    try:
        _admit(mine.account, route)
        answer = make_response(route.call(replace(mine, result=fault.result or "success"), request))
    except ApiFault as error:
        rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        answer = jsonify(errcode=error.errcode, errmsg=f"{error.meaning} rid: {rid}")
    return _dressed(answer, route.path)


def _admit(account: Account, route: Route) -> None:
    """Raises `ApiFault` unless this account may make this call now."""
    if route.needs_token:
        account.tokens.check(request.args.get("access_token", ""))
    if account.config.sort not in route.sorts:
        raise ApiFault(48001)
    account.rights.check(route.path)
    if route.needs_token:
        account.quotas.take(route.path)


def _dressed(answer: Response, path: str) -> Response:
    """The answer in the clothes that this call's answers wear."""
    if path in AS_TEXT:
        told = json.loads(answer.get_data())
        answer.set_data(json.dumps({**told, "errcode": str(told["errcode"])}, ensure_ascii=False))
    if path in PLAIN:
        answer.mimetype = "text/plain"
    return answer
