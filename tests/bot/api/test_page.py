"""docs/mini-program.md: every call that it shows is made, in its order, and answered so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.bot.api.service import Service
from tests.end_to_end.program import Front, new_key
from tests.end_to_end.walks import BACK, FRONT, picture_read_before
from tests.rig import PICTURES, running, wait_for

PAGE = Path(__file__).parents[3] / "docs" / "mini-program.md"
PHONE = "13900001234"
_BLOCK = re.compile(r"```(http|json|jpeg)(?: (\d{3}))?\n(.*?)```", re.DOTALL)
_NAME = re.compile(r"\{\{([\w ]+)\}\}")


@dataclass(frozen=True)
class Call:
    """One call of the page, and what it is answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str


def calls() -> Iterator[Call]:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    for (kind, _, asked), (_, status, answer) in zip(blocks[::2], blocks[1::2], strict=True):
        assert kind == "http" and status, asked
        head, _, body = asked.strip().partition("\n\n")
        first, *lines = head.split("\n")
        method, path = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        yield Call(method, path, headers, body, int(status), answer.strip())


class Reading:
    """Goes through the page; `known` are the names that stand for something."""

    def __init__(self, front: Front, given: dict[str, Callable[[], str]]) -> None:
        self.front, self.given = front, given
        self.known: dict[str, str] = {}

    def filled(self, text: str) -> str:
        return _NAME.sub(lambda found: self._value(found[1]), text)

    def _value(self, name: str) -> str:
        if name == "new key":
            return new_key()
        if name in self.given and name not in self.known:
            self.known[name] = self.given[name]()
        return self.known[name]

    def make(self, call: Call) -> requests.Response:
        headers = {name: self.filled(value) for name, value in call.headers.items()}
        more: dict[str, Any] = {}
        if headers.get("Content-Type") == "multipart/form-data":
            del headers["Content-Type"]
            field, _, name = call.body.partition("=@")
            more["files"] = {field: (name, (PICTURES / name).read_bytes(), "image/jpeg")}
        elif call.body:
            more["data"] = self.filled(call.body).encode()
        return self.front.call(call.method, self.filled(call.path), headers=headers, **more)

    def compare(self, shown: Any, told: Any, where: str) -> None:
        """Everything that the page shows is there; a name that is new stands for what is told."""
        if isinstance(shown, dict):
            for name, value in shown.items():
                assert name in told, f"{where}.{name}"
                self.compare(value, told[name], f"{where}.{name}")
        elif isinstance(shown, list):
            assert len(told) >= len(shown), where
            for number, value in enumerate(shown):
                self.compare(value, told[number], f"{where}[{number}]")
        elif isinstance(shown, str) and (found := _NAME.search(shown)):
            before, name, after = shown[: found.start()], found[1], shown[found.end() :]
            assert told.startswith(before) and told.endswith(after), where
            value = told[len(before) : len(told) - len(after)]
            assert self.known.setdefault(name, value) == value, where
        else:
            assert shown == told, where


def test_the_calls_of_the_page_go_as_shown(tmp_path: Path, redis_url: str) -> None:
    picture_read_before(FRONT, BACK)
    with running(tmp_path, redis_url, mini=True, alipay=True, linger=0.05) as bot:
        service, openid, alipay = (
            Service(bot),
            "oReadsThePage",
            f"{bot.simulator.url}/simulator/api/alipay",
        )

        def from_alipay(what: str, name: str, **body: str) -> Callable[[], str]:
            address = f"{alipay}/users/zhang_san/{what}"
            return lambda: str(bot.http.post(address, json=body, timeout=10).json()[name])

        sealed: dict[str, str] = {}

        def phone_of_alipay(name: str) -> str:
            if not sealed:
                address = f"{alipay}/users/zhang_san/phone"
                sealed.update(bot.http.post(address, json={"phone": PHONE}, timeout=10).json())
            return sealed[name]

        reading = Reading(
            Front(bot.site),
            {
                "wechat_code": lambda: service.code(openid),
                "alipay_code": from_alipay("auth_code", "code", scope="auth_base"),
                "wechat_phone_code": lambda: service.code(openid, "phone", PHONE),
                "alipay_phone": lambda: phone_of_alipay("response"),
                "alipay_phone_sign": lambda: phone_of_alipay("sign"),
                "sms_code": lambda: str(
                    wait_for(lambda: [m["code"] for m in bot.sms(PHONE)] or None)[-1]
                ),
            },
        )
        made = set()
        for call in calls():
            answer = reading.make(call)
            where = f"{call.method} {call.path}"
            assert answer.status_code == call.status, f"{where}: {answer.text}"
            if call.answer:
                reading.compare(json.loads(call.answer), answer.json(), where)
            made.add(f"{call.method} {call.path}")
    assert {"POST /sessions/wechat", "POST /sessions/alipay", "POST /phone/alipay"} <= made
    assert len(made) >= 14
