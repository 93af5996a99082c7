"""The desks over HTTP, as `docs/handover.md` has it: `/offices/card_making`, `/offices/bank`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from bot.simulator.card_making.desk import Desk, OtherContent
from bot.simulator.card_making.ledger import Ledger
from bot.simulator.card_making.package import BadPackage
from bot.simulator.card_making.replies import Replies
from bot.simulator.faults import Faults, after
from bot.simulator.offices import BadOfficeCall, Gate

View = Callable[[], ResponseReturnValue]
PREFIXES = {"province": "card_making", "bank": "bank"}
"""What a desk is called in addresses and faults."""


def wire(
    desk: Desk,
    ledger: Ledger,
    replies: Replies,
    gate: Gate,
    faults: Faults,
    clock: Callable[[], datetime],
) -> Blueprint:
    """One desk's five addresses."""
    office = PREFIXES[desk.name]
    views = Blueprint(f"{office}_wire", __name__, url_prefix=f"/offices/{office}/v1")

    @views.errorhandler(BadOfficeCall)
    def refused(error: BadOfficeCall) -> ResponseReturnValue:
        return jsonify(error=error.reason), error.status

    for path, view in _views(desk, ledger, replies, gate, clock).items():
        _serve(views, office, path, view, faults)
    return views


def _serve(views: Blueprint, office: str, path: str, view: View, faults: Faults) -> None:
    def answered() -> ResponseReturnValue:
        fault = faults.before(office)
        if failing := faults.answer(office, fault):
            return failing
        return after(fault, make_response(view()))

    views.add_url_rule(f"/{path}", path.replace("/", "_"), answered, methods=["POST"])


def _views(
    desk: Desk, ledger: Ledger, replies: Replies, gate: Gate, clock: Callable[[], datetime]
) -> Mapping[str, View]:
    def batches() -> ResponseReturnValue:
        body = gate.check_bytes(request)
        try:
            return jsonify(state=desk.take(body))
        except BadPackage as error:
            return jsonify(error=error.code, text=error.text), 400
        except OtherContent:
            return jsonify(error="other_content"), 409

    def find() -> ResponseReturnValue:
        known = ledger.batch(desk.name, _text(gate.check(request), "batch"))
        if known is None:
            return jsonify(state="unknown")
        return jsonify(state="taken", count=known["count"], digest=known["digest"])

    def listed() -> ResponseReturnValue:
        after = _text(gate.check(request), "after")
        if after and not (after.isascii() and after.isdigit() and len(after) < 19):
            raise BadOfficeCall(400, "after")
        rows = ledger.replies(desk.name, int(after or 0))
        files = [{"name": r["name"], "size": r["size"], "cursor": str(r["id"])} for r in rows]
        return jsonify(files=files)

    def get() -> ResponseReturnValue:
        name = _text(gate.check(request), "name")
        with ledger.changing():
            body = replies.fetched(desk.name, name)
        if body is None:
            return jsonify(error="unknown"), 404
        return Response(body, mimetype="application/octet-stream")

    def report() -> ResponseReturnValue:
        asked = gate.check(request)
        faults = asked.get("faults")
        if not isinstance(faults, list):
            raise BadOfficeCall(400, "faults")
        at = clock().isoformat(timespec="seconds")
        ledger.add_report(desk.name, _text(asked, "name"), faults, at)
        return jsonify({})

    return {
        "batches": batches,
        "batches/find": find,
        "replies": listed,
        "replies/get": get,
        "replies/report": report,
    }


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise BadOfficeCall(400, name)
    return value
