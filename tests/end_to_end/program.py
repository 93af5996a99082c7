"""A mini program's front end as a script: it speaks the JSON API and shows what a person would see.

It knows what docs/mini-program.md says, and nothing of the service's own code.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

import requests

Json = dict[str, Any]


class Front:
    """One person's mini program. `said = front.say("同意")` gives what the chat answers, as text;
    `answers` counts what the person did."""

    def __init__(self, site: str, token: str = "") -> None:
        self.api, self.token = f"{site}/api/v1", token
        self.http = requests.Session()
        self.shown: list[Json] = []  # the messages of the last answer
        self.answers = 0
        self.seen = 0  # the `next` of the last answer

    # --- what a person does ----------------------------------------------------------------

    def log_in(self, code: str, platform: str = "wechat") -> None:
        body = {"code": code} if platform == "wechat" else {"auth_code": code}
        self.token = self.post(f"/sessions/{platform}", body, expect=201)["token"]

    def say(self, text: str) -> str:
        return self.turn(text=text)

    def click(self, key: str) -> str:
        return self.turn(click=key)

    def choose(self, number: str) -> str:
        """Tap a choice of the last message that has any."""
        choices = next(m["choices"] for m in reversed(self.shown) if m["choices"])
        return self.turn(choice=next(c["key"] for c in choices if c["number"] == number))

    def photo(self, picture: Path | bytes) -> str:
        return self.turn(photo=self.upload(picture))

    def upload(self, picture: Path | bytes) -> str:
        image = picture.read_bytes() if isinstance(picture, Path) else picture
        files = {"file": ("photo.jpg", image, "image/jpeg")}
        answer = self.http.post(f"{self.api}/photos", files=files, headers=self.bearer, timeout=30)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def place(
        self, label: str = "云州市城东区和平路18号", lat: float = 32.05, lng: float = 123.12
    ) -> str:
        return self.turn(place={"lat": lat, "lng": lng, "label": label})

    def turn(self, **body: Any) -> str:
        """Do one thing and hear the chat out: where the answer takes longer, by looking again."""
        self.answers += 1
        answer = self.call("POST", "/turns", json=body, key=new_key())
        assert answer.status_code in (200, 202), answer.text
        return self.heard(answer.json())

    def heard(self, told: Json) -> str:
        """The messages of an answer, as text."""
        messages, ends = told["messages"], time.monotonic() + 20
        self.seen = told["next"]
        while told["later"] and not any(m["asks"] or m["text"] for m in messages):
            assert time.monotonic() < ends, "the answer did not come"
            time.sleep(0.3)  # a front end asks once a second
            more = self.get(f"/messages?after={self.seen}")
            messages, self.seen = [*messages, *more["messages"]], more["next"]
        self.shown = [m for m in messages if m["by"] == "bot"]
        return "\n\n".join(as_text(message) for message in self.shown)

    # --- the wire -------------------------------------------------------------------------

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def call(self, method: str, path: str, *, key: str = "", **more: Any) -> requests.Response:
        headers = {**self.bearer, **({"Idempotency-Key": key} if key else {})}
        headers |= more.pop("headers", {})
        return self.http.request(
            method, f"{self.api}{path}", headers=headers, timeout=30, allow_redirects=False, **more
        )

    def get(self, path: str) -> Json:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def post(self, path: str, body: Json, *, expect: int = 200) -> Json:
        answer = self.call("POST", path, json=body, key=new_key())
        assert answer.status_code == expect, answer.text
        told: Json = answer.json() if answer.content else {}
        return told


def new_key() -> str:
    """An Idempotency-Key, as a front end draws one for each thing a person does."""
    return secrets.token_hex(16)


def as_text(message: Json) -> str:
    """A message as a person reads it: a picture as [图片], choices and actions below the text."""
    if message["picture"]:
        return "[图片]"
    actions = " · ".join(f"{a['text']} {a['label']}" for a in message["actions"])
    choices = [f"{c['number']} {c['label']}" for c in message["choices"]]
    lines = [message["text"], *choices, message["after"], actions]
    return "\n".join(line for line in lines if line)
