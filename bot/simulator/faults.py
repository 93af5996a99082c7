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

from bot.simulator.mix import BadMix, Mix
from bot.simulator.receipts import BadReceipts, Coming

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
    half arrives. `mix` draws the error of each call. Of the platform alone: `calls` narrows a fault
    to these (`message/custom/send`), `result` is what becomes of template and subscription messages
    that were accepted.
    """

    delay_ms: int = 0
    error: str | int | None = None
    times: int | None = None  # None: until cleared
    calls: tuple[str, ...] = ()  # empty: every call
    result: str = ""
    mix: Mix | None = None

    @classmethod
    def parse(cls, raw: Any, more: Collection[str] = ()) -> Fault:
        """`more`: words for errors beside everybody's. Raises `BadFault`."""
        names = {*(field.name for field in fields(cls)), "seed"}
        if not isinstance(raw, dict) or not set(raw) <= names:
            raise BadFault(f"a fault has {', '.join(sorted(names))}")
        fault = cls(raw.get("delay_ms") or 0, raw.get("error"), raw.get("times"))
        numbers = (fault.delay_ms, fault.times or 0)
        if any(not isinstance(n, int) or n < 0 for n in numbers):
            raise BadFault("delay_ms and times are whole numbers")
        words = (*WORDS, *more)
        if not isinstance(fault.error, int | None) and fault.error not in words:
            raise BadFault(f"error is null, an errcode, or one of {', '.join(words)}")
        mix = _mix(raw, words)
        if mix and fault.error is not None:
            raise BadFault("a fault has an error or a mix of them")
        return replace(fault, calls=_calls(raw), result=_result(raw), mix=mix)

    def told(self) -> dict[str, Any]:
        """The form that `parse` takes, without what is not set."""
        told: dict[str, Any] = {"delay_ms": self.delay_ms, "error": self.error, "times": self.times}
        if self.mix:
            del told["error"]
            told |= self.mix.told()
        if self.calls:
            told["calls"] = list(self.calls)
        return {**told, "result": self.result} if self.result else told

    def drawn(self) -> Fault:
        """As one call has it. Not for two threads at once."""
        return replace(self, error=self.mix.draw(), mix=None) if self.mix else self

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


def _mix(raw: Mapping[str, Any], words: Collection[str]) -> Mix | None:
    try:
        return Mix.parse(raw.get("mix"), raw.get("seed"), words)
    except BadMix as bad:
        raise BadFault(str(bad)) from bad


def _result(raw: Mapping[str, Any]) -> str:
    result = raw.get("result") or ""
    if result and result not in RESULTS:
        raise BadFault(f"result is one of {', '.join(RESULTS)}")
    return str(result)


class Faults:
    """The failures that are set at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._anew = threading.Condition(self._lock)
        self._set: dict[str, list[Fault]] = {}
        self._coming: dict[str, Coming] = {}
        self._round = 0  # grows with every `replace`: who hangs is let go

    def replace(self, raw: Any) -> frozenset[str]:
        """Set exactly these; `{}` clears. Raises `BadFault`, and then nothing is changed.

        The platform may have a list of faults, of which a call has the first that fits it.
        Returns the accounts whose tokens are to die now (`"token": "dead"`).
        """
        if not isinstance(raw, dict) or not set(raw) <= set(NAMES):
            raise BadFault(f"faults are set for {', '.join(NAMES)}")
        parsed = {name: _parsed(name, asked) for name, asked in raw.items()}
        with self._anew:
            self._set = {name: one.faults for name, one in parsed.items() if one.faults}
            self._coming = {name: one.coming for name, one in parsed.items() if one.coming}
            self._round += 1
            self._anew.notify_all()
        return frozenset(name for name, one in parsed.items() if one.dead)

    def coming(self, name: str) -> Coming:
        """How the results of an account's messages come at the moment."""
        return self._coming.get(name, _USUAL)

    def now(self) -> dict[str, Any]:
        """What is set, in the form that `replace` takes."""
        with self._lock:
            told: dict[str, Any] = {
                name: faults[0].told() if len(faults) == 1 else [fault.told() for fault in faults]
                for name, faults in self._set.items()
            }
            for name, coming in self._coming.items():
                receipts = {"receipts": coming.told()}
                if isinstance(told.get(name), list):
                    told[name].append(receipts)
                else:
                    told[name] = {**told.get(name, {}), **receipts}
            return told

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
                    return Fault() if fault.times == 0 else fault.drawn()
            return Fault()

    def hang(self) -> None:
        """Keep a caller waiting until the faults are set anew, or for a minute."""
        with self._anew:
            seen = self._round
            self._anew.wait_for(lambda: self._round != seen, HANG_SECONDS)

    def before(self, name: str, call: str = "") -> Fault:
        """Have the delay of this call's fault, and return the fault for the view to act on."""
        fault = self.take(name, call)
        if fault.delay_ms:
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


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What is asked for one name. `dead`: its tokens die."""

    faults: list[Fault]
    coming: Coming | None = None
    dead: bool = False


_USUAL = Coming()


def _parsed(name: str, asked: Any) -> _Parsed:
    """Raises `BadFault`."""
    platform = name in PLATFORMS
    if not isinstance(asked, dict):
        if not (platform or name == ALIPAY) or not isinstance(asked, list) or not asked:
            raise BadFault("a fault is an object; of the platforms, also a list of them")
        receipts = [_receipts(name, one["receipts"]) for one in asked if _is_receipts(one)]
        several = [_one(name, one) for one in asked if not _is_receipts(one)]
        return _Parsed(several, receipts[-1] if receipts else None)
    rest = dict(asked)
    token = rest.pop("token", None)
    if token not in (None, DEAD) or (token and not platform):
        raise BadFault(f"token, of wechat and wechat_mini alone, is null or {DEAD}")
    coming = _receipts(name, rest.pop("receipts")) if "receipts" in rest else None
    faults = [_one(name, rest)] if rest or not (token or coming) else []
    return _Parsed(faults, coming, token == DEAD)


def _is_receipts(one: Any) -> bool:
    return isinstance(one, dict) and set(one) == {"receipts"}


def _receipts(name: str, raw: Any) -> Coming:
    if name not in PLATFORMS:
        raise BadFault("only wechat and wechat_mini push receipts")
    try:
        return Coming.parse(raw)
    except BadReceipts as bad:
        raise BadFault(str(bad)) from bad


def _one(name: str, raw: Any) -> Fault:
    if name == ALIPAY:
        return _of_alipay(raw)
    fault = Fault.parse(raw)
    if name not in PLATFORMS and (fault.calls or fault.result):
        raise BadFault("only the platforms have calls, and wechat and wechat_mini results")
    return fault


def _of_alipay(raw: Any) -> Fault:
    """A code may have its sub_code beside it: `40004 USER_TEMPLATE_ILLEGAL`."""
    asked = raw if isinstance(raw, dict) else {}
    mix = asked.get("mix")
    errors = (asked.get("error"), *(mix if isinstance(mix, dict) else ()))
    own = [each for each in errors if isinstance(each, str) and _SUB_CODE.fullmatch(each)]
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
