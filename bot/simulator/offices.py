"""The outside offices over HTTP: identity, portraits, card making, SMS. Every request is signed.

`X-Office-Signature` is the hexadecimal HMAC-SHA256, under the offices' key, of
`{X-Office-Time}.{method}.{path}.` followed by the body; a time over 300 s off is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Request, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from bot.simulator.clock import ShiftedClock
from bot.simulator.faults import Faults, after
from bot.simulator.residents import Register
from bot.simulator.sms import SmsOffice, SmsRefused

FRESH_SECONDS = 300
Office = Callable[[dict[str, Any]], ResponseReturnValue]


class BadOfficeCall(Exception):
    """A request that the office refuses with this status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Gate:
    """Checks the signature of every request to the offices."""

    def __init__(self, key: str, clock: ShiftedClock) -> None:
        self._key, self._clock = key.encode(), clock

    def check(self, asked: Request) -> dict[str, Any]:
        """The request's JSON object. Raises `BadOfficeCall`: 401 unsigned or stale, 400 no JSON."""
        self.check_bytes(asked)
        fields = asked.get_json(force=True, silent=True)
        if not isinstance(fields, dict):
            raise BadOfficeCall(400, "body")
        return fields

    def check_bytes(self, asked: Request) -> bytes:
        """The request's body as it is. Raises `BadOfficeCall`: 401 unsigned or stale."""
        stamp, body = asked.headers.get("X-Office-Time", ""), asked.get_data()
        signed = f"{stamp}.{asked.method}.{asked.path}.".encode() + body
        right = hmac.new(self._key, signed, hashlib.sha256).hexdigest()
        given = asked.headers.get("X-Office-Signature", "")
        if not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
            raise BadOfficeCall(401, "signature")
        if not stamp.isascii() or not stamp.isdigit() or not self._is_fresh(int(stamp)):
            raise BadOfficeCall(401, "time")
        return body

    def _is_fresh(self, stamp: int) -> bool:
        """By the machine's clock, or by the simulator's where a test set both to another day."""
        return any(
            abs(now - stamp) <= FRESH_SECONDS for now in (time.time(), self._clock.signing())
        )


def offices(gate: Gate, register: Register, sms: SmsOffice, faults: Faults) -> Blueprint:
    """The blueprint under `/offices`."""
    views = Blueprint("offices", __name__, url_prefix="/offices")

    def serve(name: str, path: str, office: Office) -> None:
        def view() -> ResponseReturnValue:
            fault = faults.before(name)
            if failing := faults.answer(name, fault):
                return failing
            return after(fault, make_response(office(gate.check(request))))

        views.add_url_rule(f"/{name}/v1/{path}", f"{name}_{path}", view, methods=["POST"])

    @views.errorhandler(BadOfficeCall)
    def refused(error: BadOfficeCall) -> ResponseReturnValue:
        return jsonify(error=error.reason), error.status

    for (name, path), office in _desks(register, sms).items():
        serve(name, path, office)
    return views


def _desks(register: Register, sms: SmsOffice) -> dict[tuple[str, str], Office]:
    def identity(asked: dict[str, Any]) -> ResponseReturnValue:
        name, number = _texts(asked, "name", "id_number")
        return jsonify(result=register.check(name, number))

    def phone(asked: dict[str, Any]) -> ResponseReturnValue:
        number, given = _texts(asked, "id_number", "phone")
        person = register.find(number)
        return jsonify(on_file=bool(person and given and person.phone_on_file == given))

    def portrait(asked: dict[str, Any]) -> ResponseReturnValue:
        image = register.portrait(*_texts(asked, "name", "id_number"))
        if image is None:
            return jsonify(error="none"), 404
        return Response(image, mimetype="image/jpeg")

    def eligibility(asked: dict[str, Any]) -> ResponseReturnValue:
        name, number = _texts(asked, "name", "id_number")
        person = register.find(number)
        known = person if person and person.name == name else None
        return jsonify(
            insured=bool(known and known.insured),
            has_card=bool(known and known.has_card),
            open_application=bool(known and known.open_application),
        )

    def send(asked: dict[str, Any]) -> ResponseReturnValue:
        to, template, key = _texts(asked, "phone", "template", "key")
        params = asked.get("params")
        if not isinstance(params, dict) or not all(isinstance(v, str) for v in params.values()):
            raise BadOfficeCall(400, "params")
        try:
            return jsonify(id=sms.send(to, template, params, key))
        except SmsRefused as error:
            raise BadOfficeCall(400, str(error)) from error

    return {
        ("identity", "check"): identity,
        ("identity", "phone"): phone,
        ("portraits", "portrait"): portrait,
        ("card_making", "eligibility"): eligibility,
        ("sms", "send"): send,
    }


def _texts(asked: dict[str, Any], *names: str) -> list[str]:
    values = [asked.get(name) for name in names]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(names):
        raise BadOfficeCall(400, "fields")
    return texts
