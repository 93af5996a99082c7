"""Calls to the simulated offices, signed by code of the tests' own."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import requests

from tests.bot.simulator.conftest import OFFICE_KEY


def signed(
    path: str, body: bytes, at: float | None = None, key: str = OFFICE_KEY
) -> dict[str, str]:
    """The two headers of a request."""
    stamp = str(int(time.time() if at is None else at))
    text = f"{stamp}.POST.{path}.".encode() + body
    signature = hmac.new(key.encode(), text, hashlib.sha256).hexdigest()
    return {"X-Office-Time": stamp, "X-Office-Signature": signature}


def ask(url: str, path: str, **fields: Any) -> requests.Response:
    """A signed question to an office."""
    body = json.dumps(fields).encode()
    return requests.post(url + path, body, headers=signed(path, body), timeout=5)
