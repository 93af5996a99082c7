"""What the platform's console does when an address is typed into it: the echo.

Source: developers.weixin.qq.com, 接入指南.
"""

from __future__ import annotations

import secrets
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from bot.simulator.crypto import PlatformCrypto


def echoes(url: str, crypto: PlatformCrypto, now: int, seconds: float) -> bool:
    """Whether the webhook gives the echo back, and nothing else."""
    echo, nonce = str(secrets.randbelow(10**19)), str(secrets.randbelow(10**10))
    signature = crypto.signature(str(now), nonce)
    query = {"signature": signature, "timestamp": now, "nonce": nonce, "echostr": echo}
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", f"{parts.path}?{urlencode(query)}")
        answer = connection.getresponse()
        return answer.status == 200 and answer.read(64) == echo.encode()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
