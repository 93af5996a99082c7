"""A person whose WeChat keeps delivering while the demo is killed under it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from bot.demo.keys import FILE
from config.city import load_city
from config.locales import Texts
from config.settings import Settings, load_settings
from tests.bot.demo.running import RunningDemo
from tests.end_to_end.platform_api import PlatformApi
from tests.end_to_end.player import WAIT_WORDS, Player, Webhook

PATIENCE = 90.0  # seconds: a restart of everything, on a machine that has more to do
APOLOGY = Texts.load(load_city()).say("zh_CN", "apology")


@dataclass(frozen=True)
class Heard:
    """A message and the passive answer to it, as it was first given."""

    message: dict[str, str] = field(repr=False)
    said: str

    @property
    def again(self) -> set[str]:
        """What a later delivery may be answered: the same; silence, when the answer was mailed."""
        return {self.said, ""} if self.said.startswith(WAIT_WORDS) else {self.said}


class LastingPlayer(Player):
    """Delivers until answered, waits for what comes late, says again what had an apology."""

    def __init__(self, webhook: Webhook, api: PlatformApi, openid: str) -> None:
        super().__init__(webhook, api, openid)
        self.heard: list[Heard] = []

    def push(self, message: dict[str, str]) -> str:
        """The first answer, with as many deliveries as it takes."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return super().push(message)
            except requests.RequestException:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def deliver(self, message: dict[str, str]) -> str:
        end = time.monotonic() + PATIENCE
        before = len(self.api.sent.get(self.openid, []))
        while (said := self.push(message)) == APOLOGY and time.monotonic() < end:
            time.sleep(0.3)
            message = {**message, "MsgId": self.message("text")["MsgId"]}
        self.heard.append(Heard(message, said))
        if said and not said.startswith(WAIT_WORDS):
            return said
        late = self.api.wait_for_message(self.openid, before, PATIENCE)
        return "\n".join(m["text"]["content"] for m in late if m["msgtype"] == "text")


def settings_of(demo: RunningDemo) -> Settings:
    """What the demo's file tells scripts."""
    return load_settings(demo.folder / FILE)


def player_of(demo: RunningDemo, api: PlatformApi, openid: str) -> LastingPlayer:
    """Somebody who writes to this demo over the platform that `api` stands for."""
    settings = settings_of(demo)
    webhook = Webhook(
        demo.url,
        settings.wechat_app_id,
        settings.wechat_token,
        settings.wechat_aes_key,
        "safe",
        lambda: datetime.now(UTC),
    )
    return LastingPlayer(webhook, api, openid)
