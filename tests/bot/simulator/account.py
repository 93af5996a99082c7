"""The account's own side: it fetches tokens, and calls the platform over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.bot.simulator.webhook import APP_ID

SECRET = "the-secret-of-the-tests"
JPEG = b"\xff\xd8\xff\xe0 a picture"
PAGES = ("sns/", "wxa")


@dataclass
class Account:
    """An account, calling the platform."""

    url: str
    token: str = ""
    app_id: str = APP_ID
    secret: str = SECRET

    def asked(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """What a call for a token holds."""
        known = {"appid": self.app_id, "secret": self.secret}
        return {"grant_type": "client_credential", **known, **change}

    def fetch(self, **change: Any) -> dict[str, Any]:
        """A token of the plain line."""
        answer: dict[str, Any] = requests.get(
            f"{self.url}/cgi-bin/token", params=self.asked(change), timeout=5
        ).json()
        return answer

    def stable(self, **change: Any) -> dict[str, Any]:
        """A token of the stable line."""
        answer: dict[str, Any] = requests.post(
            f"{self.url}/cgi-bin/stable_token", json=self.asked(change), timeout=5
        ).json()
        return answer

    def renew(self) -> None:
        """Take the stable token of now."""
        self.token = self.stable()["access_token"]

    def address(self, path: str) -> str:
        """The whole address of a call."""
        return f"{self.url}/{path}" if path.startswith(PAGES) else f"{self.url}/cgi-bin/{path}"

    def call(self, path: str, body: bytes, **more: Any) -> int:
        """POST, the errcode."""
        params = {"access_token": self.token, **more}
        answer = requests.post(self.address(path), body, params=params, timeout=5)
        return int(answer.json()["errcode"])

    def post(self, path: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """POST this JSON as raw UTF-8, the answer."""
        body = json.dumps(message, ensure_ascii=False).encode()
        params = {"access_token": self.token}
        told: dict[str, Any] = requests.post(
            self.address(path), body, params=params, timeout=5
        ).json()
        return told

    def get(self, path: str, **params: str) -> dict[str, Any]:
        """GET, the answer."""
        given = {"access_token": self.token, **params}
        told: dict[str, Any] = requests.get(self.address(path), params=given, timeout=5).json()
        return told

    def send(self, openid: str, **message: Any) -> int:
        """Send a customer-service message, the errcode."""
        body = {"touser": openid, "msgtype": next(iter(message)), **message}
        return self.call("message/custom/send", json.dumps(body, ensure_ascii=False).encode())

    def text(self, openid: str, content: Any = "您好") -> int:
        """Send a text, the errcode."""
        return self.send(openid, text={"content": content})

    def upload(self, body: bytes, kind: str = "image") -> dict[str, Any]:
        """Upload a medium."""
        answer: dict[str, Any] = requests.post(
            f"{self.url}/cgi-bin/media/upload",
            params={"access_token": self.token, "type": kind},
            files={"media": ("a.jpg", body)},
            timeout=5,
        ).json()
        return answer
