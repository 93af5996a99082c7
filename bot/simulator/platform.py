"""WeChat's side of the wire: what people send is pushed, what comes back is checked and shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from bot.simulator.chats import Chats, Said, choices_in
from bot.simulator.clock import ShiftedClock
from bot.simulator.crypto import PlatformCrypto
from bot.simulator.delivery import Delivered, deliver
from bot.simulator.media import MediaBox
from bot.simulator.push import Fields, PushWriter
from bot.simulator.reply import BadReply, PassiveReply, ReplyReader
from bot.simulator.sent import Sent
from bot.simulator.settings import SimulatorConfig
from bot.simulator.windows import OPENING_EVENTS, Windows

FAULT_TEXT = "该公众号提供的服务出现故障，请稍后再试"
TRANSFER_TEXT = "已转接人工客服"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a script hears: the update's id, how many deliveries it took, what the bot said."""

    update_id: str
    attempts: int
    messages: list[dict[str, Any]]


class WeChatPlatform:
    """Pushes to one account's webhook. Its methods may be called from many threads."""

    def __init__(
        self,
        config: SimulatorConfig,
        clock: ShiftedClock,
        chats: Chats,
        windows: Windows,
        media: MediaBox,
    ) -> None:
        crypto = PlatformCrypto(config.token, config.aes_key, config.app_id)
        self._config, self._clock = config, clock
        self._chats, self._windows, self._media = chats, windows, media
        self._writer = PushWriter(config, crypto)
        self._reader = ReplyReader(crypto, config.mode, config.account)
        self.webhook = config.webhook

    def send(self, openid: str, sent: Sent, linger: float | None = None) -> Outcome:
        """Push a message or event of this person; who is new follows first.

        Returns when the platform is done with it and `linger` seconds (the configured ones) were
        left for API messages.
        """
        if not self._chats.is_known(openid) and sent.event != "subscribe":
            self._push(openid, _SUBSCRIBE)
        row, update_id, attempts = self._push(openid, sent)
        time.sleep(self._config.linger_seconds if linger is None else linger)
        return Outcome(update_id, attempts, self._chats.answers(openid, row, update_id))

    def _push(self, openid: str, sent: Sent) -> tuple[int, str, int]:
        self._note(openid, sent)
        row = self._chats.add(openid, Said("user", sent.kind, sent.text, media=sent.media))
        fields, update_id = self._addressed(openid, sent, row)
        delivered = deliver(
            f"{self.webhook}/wechat",
            lambda: self._writer.write(fields, openid, self._clock.signing()),
            self._config.delivery_seconds,
        )
        self._show(openid, update_id, delivered)
        return row, update_id, delivered.attempts

    def _note(self, openid: str, sent: Sent) -> None:
        """Whatever a person does changes what may be sent to them."""
        if not sent.event:
            self._windows.open(openid, "message")
        if sent.event in OPENING_EVENTS:
            self._windows.open(openid, "event")
        if sent.event in ("subscribe", "unsubscribe"):
            self._chats.set_following(openid, sent.event == "subscribe")
        if sent.event == "unsubscribe":
            self._windows.close(openid)

    def _addressed(self, openid: str, sent: Sent, row: int) -> tuple[Fields, str]:
        at = self._clock.signing()
        fields = {
            "ToUserName": self._config.account,
            "FromUserName": openid,
            "CreateTime": at,
            **sent.fields,
        }
        if sent.event:
            return fields, f"{openid}-{at}-{sent.event}"
        message_id = self._chats.message_id(row)
        return {**fields, "MsgId": message_id}, str(message_id)

    def _show(self, openid: str, update_id: str, delivered: Delivered) -> None:
        """Put the passive reply into the chat, or the words for an account that is out of order."""
        try:
            if delivered.body is None:
                raise BadReply("no answer")
            reply = self._reader.read(delivered.body, openid)
            if reply:
                self._chats.add(openid, self._said(reply, update_id))
        except BadReply:
            fault = Said("bot", "fault", FAULT_TEXT, "passive", update_id=update_id)
            self._chats.add(openid, fault)

    def _said(self, reply: PassiveReply, update_id: str) -> Said:
        if reply.kind == "image" and self._media.get(reply.media) is None:
            raise BadReply("an image of an unknown media id")
        text = TRANSFER_TEXT if reply.kind == "transfer" else reply.text
        options = choices_in(text) if reply.kind == "text" else ()
        return Said("bot", reply.kind, text, "passive", options, reply.media, update_id)


_SUBSCRIBE = Sent(
    {"MsgType": "event", "Event": "subscribe", "EventKey": ""},
    "event",
    "关注了公众号",
    event="subscribe",
)
