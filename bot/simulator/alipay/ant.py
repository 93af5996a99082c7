"""What the open platform reports of an app: the fields of a From-Ant message.

Source: opendocs.alipay.com, 消息服务 From 蚂蚁, and a captured message (version 1.1, nine fields).
Its older cousins, which name a `notify_type`, stand in captured messages alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.simulator.alipay.aes import encrypt
from bot.simulator.alipay.wire import in_json
from bot.simulator.quotas import BEIJING

WITHDRAWN = "alipay.open.auth.userauth.cancelled"


@dataclass(frozen=True, slots=True)
class AntMessage:
    """One message. `rule` is V1 (`sign_type` is not signed) or V2; `sealed`: with the app's AES
    key; `legacy`: of the older family."""

    method: str
    biz: Mapping[str, Any]
    rule: Literal["V1", "V2"] = "V1"
    sealed: bool = False
    legacy: bool = False

    def heads(self, seconds: int) -> dict[str, str]:
        """What names it and its time (Unix)."""
        number = {"notify_id": secrets.token_hex(16)}
        if not self.legacy:
            stamp = str(seconds * 1000)
            return {**number, "utc_timestamp": stamp, "msg_method": self.method, "version": "1.1"}
        at = datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        return {**number, "notify_time": at, "notify_type": self.method, "version": "1.0"}

    def content(self, aes_key: bytes) -> str:
        """What it holds."""
        text = in_json(self.biz)
        return encrypt(aes_key, text.encode()) if self.sealed else text
