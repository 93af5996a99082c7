"""Failures on demand: what scripts ask the offices and the platform's API to do wrong."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, jsonify, request

NAMES = ("identity", "portraits", "sms", "card_making", "bank", "records", "wechat", "alipay")
WORDS = ("timeout", "http_500", "refuse", "lost")
HANG_SECONDS = 60.0


class BadFault(ValueError):
    """A fault that nobody knows how to have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One office's failure. `lost`: the call is carried out, but its answer never arrives."""

    delay_ms: int = 0
    error: str | int | None = None
    times: int | None = None  # None: until cleared

    @classmethod
    def parse(cls, raw: Any) -> Fault:
        """Raises `BadFault`."""
        if not isinstance(raw, dict) or not set(raw) <= {"delay_ms", "error", "times"}:
            raise BadFault("a fault has delay_ms, error and times")
        fault = cls(raw.get("delay_ms") or 0, raw.get("error"), raw.get("times"))
        numbers = (fault.delay_ms, fault.times or 0)
        if any(not isinstance(n, int) or n < 0 for n in numbers):
            raise BadFault("delay_ms and times are whole numbers")
        if (
            fault.error is not None
            and not isinstance(fault.error, int)
            and fault.error not in WORDS
        ):
            raise BadFault(f"error is null, an errcode, or one of {', '.join(WORDS)}")
        return fault


class Faults:
    """The failures that are set at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: dict[str, Fault] = {}
        self._round = 0  # grows with every `replace`: who hangs is let go

    def replace(self, raw: Any) -> None:
        """Set exactly these; `{}` clears. Raises `BadFault`, and then nothing is changed."""
        if not isinstance(raw, dict) or not set(raw) <= set(NAMES):
            raise BadFault(f"faults are set for {', '.join(NAMES)}")
        parsed = {name: Fault.parse(fault) for name, fault in raw.items()}
        with self._lock:
            self._set = parsed
            self._round += 1

    def now(self) -> dict[str, dict[str, Any]]:
        """What is set, in the form that `replace` takes."""
        with self._lock:
            return {name: asdict(fault) for name, fault in self._set.items()}

    def take(self, name: str) -> Fault:
        """The fault for one call; a fault for n calls is used up by them."""
        with self._lock:
            fault = self._set.get(name, Fault())
            if fault.times is not None:
                if fault.times <= 1:
                    self._set.pop(name, None)
                else:
                    self._set[name] = Fault(fault.delay_ms, fault.error, fault.times - 1)
                if fault.times == 0:
                    return Fault()
            return fault

    def hang(self) -> None:
        """Keep a caller waiting until the faults are set anew, or for a minute."""
        until, seen = time.monotonic() + HANG_SECONDS, self._round
        while time.monotonic() < until and self._round == seen:
            time.sleep(0.05)

    def before(self, name: str) -> Fault:
        """Have the delay of this call's fault, and return the fault for the view to act on."""
        fault = self.take(name)
        time.sleep(fault.delay_ms / 1000)
        return fault

    def answer(self, name: str, fault: Fault) -> Response | None:
        """The failing answer in place of the real one, or None when the call is to go on."""
        if fault.error == "timeout":
            self.hang()
            return cut_off()
        if fault.error == "refuse":
            return cut_off()
        if fault.error == "http_500":
            return Response("<html>Internal Server Error</html>", 500, mimetype="text/html")
        if isinstance(fault.error, int):
            return _errcode(name, fault.error)
        return None


def _errcode(name: str, code: int) -> Response:
    if name == "wechat":
        return jsonify(errcode=code, errmsg="set by a script rid: simulator")
    answer = jsonify(error=code)
    answer.status_code = 400
    return answer


def cut_off() -> Response:
    """Close the caller's connection without an answer."""
    sock = request.environ.get("werkzeug.socket")
    if isinstance(sock, socket.socket):
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
