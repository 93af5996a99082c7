"""Failures on demand: what scripts ask the offices and the platform's API to do wrong."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

from flask import Response, jsonify, request

PLATFORMS = ("wechat", "wechat_mini")
ALIPAY = "alipay"
NAMES = (
    *("identity", "portraits", "sms", "card_making", "bank", "records"),
    *(*PLATFORMS, ALIPAY),
)
WORDS = ("timeout", "http_500", "http_502", "refuse", "html", "empty", "cut", "lost")
ALIPAY_WORDS = ("unsigned", "wrong_sign", "gbk", "redirect")
"""Of Alipay's gateway alone: a success that nobody signed, or somebody else; an error in GBK; a
way to somewhere else."""

_SUB_CODE = re.compile(r"[2-4]\d{4} [\w.-]{1,64}", re.ASCII)
RESULTS = ("success", "failed:user block", "failed: system failed", "failed:freq limit")
DEAD = "dead"
HANG_SECONDS = 60.0


class BadFault(ValueError):
    """A fault that nobody knows how to have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure of an office or the platform.

    `lost`: the call is carried out, but its answer never arrives; `cut`: of its answer the first
    half arrives. Of the platform alone: `calls` narrows a fault to these (`message/custom/send`),
    `result` is what becomes of template and subscription messages that were accepted.
    """

    delay_ms: int = 0
    error: str | int | None = None
    times: int | None = None  # None: until cleared
    calls: tuple[str, ...] = ()  # empty: every call
    result: str = ""

    @classmethod
    def parse(cls, raw: Any, more: Collection[str] = ()) -> Fault:
        """`more`: words for errors beside everybody's. Raises `BadFault`."""
        names = {field.name for field in fields(cls)}
        if not isinstance(raw, dict) or not set(raw) <= names:
            raise BadFault(f"a fault has {', '.join(sorted(names))}")
        fault = cls(raw.get("delay_ms") or 0, raw.get("error"), raw.get("times"))
        numbers = (fault.delay_ms, fault.times or 0)
        if any(not isinstance(n, int) or n < 0 for n in numbers):
            raise BadFault("delay_ms and times are whole numbers")
        words = (*WORDS, *more)
        if not isinstance(fault.error, int | None) and fault.error not in words:
            raise BadFault(f"error is null, an errcode, or one of {', '.join(words)}")
        return replace(fault, calls=_calls(raw), result=_result(raw))

    def told(self) -> dict[str, Any]:
        """The form that `parse` takes, without what is not set."""
        told: dict[str, Any] = {"delay_ms": self.delay_ms, "error": self.error, "times": self.times}
        if self.calls:
            told["calls"] = list(self.calls)
        return {**told, "result": self.result} if self.result else told

    def used_once(self) -> Fault | None:
        """What is left of it after one more call; None when nothing is."""
        if self.times is None:
            return self
        return replace(self, times=self.times - 1) if self.times > 1 else None


def _calls(raw: Mapping[str, Any]) -> tuple[str, ...]:
    calls = raw.get("calls") or ()
    if not isinstance(calls, list | tuple) or not all(isinstance(call, str) for call in calls):
        raise BadFault("calls is a list of calls such as message/custom/send")
    return tuple(call.removeprefix("/cgi-bin/").removeprefix("/") for call in calls)


def _result(raw: Mapping[str, Any]) -> str:
    result = raw.get("result") or ""
    if result and result not in RESULTS:
        raise BadFault(f"result is one of {', '.join(RESULTS)}")
    return str(result)


class Faults:
    """The failures that are set at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: dict[str, list[Fault]] = {}
        self._round = 0  # grows with every `replace`: who hangs is let go

    def replace(self, raw: Any) -> frozenset[str]:
        """Set exactly these; `{}` clears. Raises `BadFault`, and then nothing is changed.

        The platform may have a list of faults, of which a call has the first that fits it.
        Returns the accounts whose tokens are to die now (`"token": "dead"`).
        """
        if not isinstance(raw, dict) or not set(raw) <= set(NAMES):
            raise BadFault(f"faults are set for {', '.join(NAMES)}")
        parsed = {name: _parsed(name, asked) for name, asked in raw.items()}
        with self._lock:
            self._set = {name: faults for name, (faults, _) in parsed.items() if faults}
            self._round += 1
        return frozenset(name for name, (_, dead) in parsed.items() if dead)

    def now(self) -> dict[str, Any]:
        """What is set, in the form that `replace` takes."""
        with self._lock:
            return {
                name: faults[0].told() if len(faults) == 1 else [fault.told() for fault in faults]
                for name, faults in self._set.items()
            }

    def take(self, name: str, call: str = "") -> Fault:
        """The fault for one call; a fault for n calls is used up by them."""
        with self._lock:
            faults = self._set.get(name, [])
            for place, fault in enumerate(faults):
                if not fault.calls or call in fault.calls:
                    left = fault.used_once()
                    faults[place : place + 1] = [left] if left else []
                    if not faults:
                        del self._set[name]
                    return Fault() if fault.times == 0 else fault
            return Fault()

    def hang(self) -> None:
        """Keep a caller waiting until the faults are set anew, or for a minute."""
        until, seen = time.monotonic() + HANG_SECONDS, self._round
        while time.monotonic() < until and self._round == seen:
            time.sleep(0.05)

    def before(self, name: str, call: str = "") -> Fault:
        """Have the delay of this call's fault, and return the fault for the view to act on."""
        fault = self.take(name, call)
        time.sleep(fault.delay_ms / 1000)
        return fault

    def answer(self, name: str, fault: Fault) -> Response | None:
        """The failing answer in place of the real one, or None when the call is to go on.

        Alipay's codes are answered by its gateway itself.
        """
        if fault.error == "timeout":
            self.hang()
            return cut_off()
        if fault.error == "refuse":
            return cut_off()
        if fault.error in _PAGES:
            status, page = _PAGES[fault.error]
            return Response(page, status, mimetype="text/html")
        if isinstance(fault.error, int):
            return _errcode(name, fault.error)
        return None


_PAGES: dict[str | int | None, tuple[int, str]] = {
    "http_500": (500, "<html>Internal Server Error</html>"),
    "http_502": (502, "<html><h1>502 Bad Gateway</h1></html>"),
    "html": (200, "<html><body>系统繁忙，请稍后再试</body></html>"),
    "empty": (200, ""),
}


def after(fault: Fault, answer: Response) -> Response:
    """The answer of a call that was carried out, as much of it as arrives."""
    if fault.error == "lost":
        return cut_off()
    if fault.error == "cut":
        whole = answer.get_data()
        answer.set_data(whole[: len(whole) // 2])
    return answer


def _parsed(name: str, asked: Any) -> tuple[list[Fault], bool]:
    """The faults of one name, and whether its tokens die. Raises `BadFault`."""
    platform = name in PLATFORMS
    if not isinstance(asked, dict):
        if not (platform or name == ALIPAY) or not isinstance(asked, list) or not asked:
            raise BadFault("a fault is an object; of the platforms, also a list of them")
        return [_one(name, one) for one in asked], False
    rest = dict(asked)
    token = rest.pop("token", None)
    if token not in (None, DEAD) or (token and not platform):
        raise BadFault(f"token, of wechat and wechat_mini alone, is null or {DEAD}")
    return ([_one(name, rest)] if rest or not token else []), token == DEAD


def _one(name: str, raw: Any) -> Fault:
    if name == ALIPAY:
        return _of_alipay(raw)
    fault = Fault.parse(raw)
    if name not in PLATFORMS and (fault.calls or fault.result):
        raise BadFault("only the platforms have calls, and wechat and wechat_mini results")
    return fault


def _of_alipay(raw: Any) -> Fault:
    """A code may have its sub_code beside it: `40004 USER_TEMPLATE_ILLEGAL`."""
    error = raw.get("error") if isinstance(raw, dict) else None
    own = (error,) if isinstance(error, str) and _SUB_CODE.fullmatch(error) else ()
    fault = Fault.parse(raw, (*ALIPAY_WORDS, *own))
    if fault.result:
        raise BadFault("only wechat and wechat_mini have results")
    return fault


def _errcode(name: str, code: int) -> Response:
    if name in PLATFORMS:
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
