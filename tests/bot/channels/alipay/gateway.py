"""The site with an Alipay application: real Redis and records, and a client that only remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.app import create_app
from bot.assembly import Assembly
from bot.channels.alipay.channel import AlipayChannel
from bot.channels.alipay.identities import Recipient
from bot.dialogue.messages import AccountKey
from bot.ports import Channel, Filled, SendError
from tests.bot.channels.alipay.sender import (
    APP_ID,
    USER,
    Sender,
    private_pem,
    public_line,
    rsa_holds,
)
from tests.fresh_records import make_records
from tests.rig import Clock, rig_settings, sources


@dataclass
class Remembering:
    """In the client's place: what was said, and to whom."""

    texts: list[tuple[Recipient, str]] = field(default_factory=list)

    def send_text(self, to: Recipient, text: str, timeout: float) -> None:
        self.texts.append((to, text))

    def send_template(self, to: Recipient, message: Filled, url: str, timeout: float) -> str:
        raise SendError("account", "no templates here")

    def fetch_image(self, media_id: str, limit: int, timeout: float) -> bytes:
        raise SendError("permanent", "no pictures here")


class Parts(Assembly):
    """The service's own, but for the client."""

    @cached_property
    def remembering(self) -> Remembering:
        return Remembering()

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        made = AlipayChannel(
            self.remembering, self.alipay_identities, self.settings.public_url, applies=False
        )
        return {**super().channels, made.name: made}


class Gateway:
    """The site, its clock, who calls it, and clients without a browser."""

    def __init__(self, folder: Path, redis_url: str, **settings: Any) -> None:
        self.clock = Clock()
        keys = {
            "alipay_app_id": APP_ID,
            "alipay_private_key": private_pem("ours"),
            "alipay_public_key": public_line("alipays"),
        }
        url = f"sqlite:///{folder / 'records.db'}"
        given = rig_settings(folder, redis_url, url, **{**keys, **settings})
        make_records(given.database)
        self.app = create_app(given, sources(self.clock), assembly=Parts)
        self.parts: Parts = self.app.extensions["shebaoka"]
        self.client = self.app.test_client()
        self.sender = Sender(self.clock)

    def post(self, body: bytes, **more: Any) -> Any:
        kind = "application/x-www-form-urlencoded;charset=GBK"
        return self.app.test_client().post("/alipay", data=body, content_type=kind, **more)

    def acknowledged(self, body: bytes, user: str = USER) -> bool:
        """Whether the message gets its signed acknowledgement."""
        answer = self.post(body)
        assert answer.status_code == 200
        inner, _, rest = answer.data.partition(b"<response>")[2].partition(b"</response>")
        signature = rest.partition(b"<sign>")[2].partition(b"</sign>")[0].decode()
        told = f"<ToUserId><![CDATA[{user}]]></ToUserId><AppId><![CDATA[{APP_ID}]]></AppId>"
        return told.encode() in inner and rsa_holds("ours", inner, signature)

    def mail(self, user: str = USER) -> list[str]:
        """What the worker would send now."""
        before = len(self.parts.remembering.texts)
        while self.parts.turns.drain(AccountKey("alipay", APP_ID, user), uuid4().hex).left:
            pass
        return [text for _, text in self.parts.remembering.texts[before:]]

    def close(self) -> None:
        self.parts.close()
