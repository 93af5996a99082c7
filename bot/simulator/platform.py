"""WeChat's side of the wire: what people send is pushed, what comes back is checked and shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from bot.simulator.account import Account
from bot.simulator.chats import Said, choices_in
from bot.simulator.console import echoes
from bot.simulator.crypto import PlatformCrypto
from bot.simulator.delivery import Delivered, deliver
from bot.simulator.desk import STAFF
from bot.simulator.later import Later
from bot.simulator.push import Fields, Push, PushWriter
from bot.simulator.reply import BadReply, PassiveReply, ReplyReader
from bot.simulator.sent import Sent
from bot.simulator.settings import SimulatorConfig
from bot.simulator.store import NOBODY
from bot.simulator.windows import OPENING_EVENTS

FAULT_TEXT = "该公众号提供的服务出现故障，请稍后再试"
MINI_FAULT_TEXT = "该小程序客服暂时无法提供服务，请稍后再试"
TRANSFER_TEXT = "已转接人工客服"
FIRST = {"official": "subscribe", "mini": "user_enter_tempsession"}
"""How a person comes into sight of an account."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a script hears: the update's id, how many deliveries it took, what the bot said."""

    update_id: str
    attempts: int
    messages: list[dict[str, Any]]


class WeChatPlatform:
    """Pushes to one account's webhook. Its methods may be called from many threads."""

    def __init__(self, config: SimulatorConfig, account: Account, later: Later) -> None:
        own = account.config
        crypto = PlatformCrypto(own.token, own.aes_key, own.app_id)
        self._config, self.account, self._later = config, account, later
        self._clock, self._chats, self._desk = account.clock, account.chats, account.desk
        self._writer, self._crypto = PushWriter(own, crypto), crypto
        self._reader = ReplyReader(
            crypto, own.mode, own.account, mini=account.is_mini, form=own.push_format
        )
        self._fault = MINI_FAULT_TEXT if account.is_mini else FAULT_TEXT
        self.webhook = config.webhook

    def send(self, openid: str, sent: Sent, linger: float | None = None) -> Outcome:
        """Push a message or event of this person; who is new follows or enters first.

        Returns when the platform is done with it and `linger` seconds (the configured ones) were
        left for API messages.
        """
        first = FIRST[self.account.config.sort]
        if not self._chats.is_known(openid) and sent.event != first:
            self._push(openid, _FIRST_CONTACT[first])
        row, update_id, attempts = self._push(openid, sent)
        time.sleep(self._config.linger_seconds if linger is None else linger)
        return Outcome(update_id, attempts, self._chats.answers(openid, row, update_id))

    def tell(self, openid: str, fields: Fields) -> None:
        """Push an event of the platform's own, soon; the person sees nothing of it."""
        self._later.do(lambda: self.report(openid, fields))

    def echoes(self) -> bool:
        """Whether the webhook answers as it must before the console takes its address."""
        url = f"{self.webhook}{self.account.config.path}"
        seconds = self._config.delivery_seconds
        return echoes(url, self._crypto, self._clock.signing(), seconds)

    def pushes(self) -> list[dict[str, Any]]:
        """What `tell` pushed and how the webhook answered: reply, success or fault."""
        return [dict(row) for row in self.account.store.rows("SELECT * FROM pushes ORDER BY id")]

    def _push(self, openid: str, sent: Sent) -> tuple[int, str, int]:
        kept = not sent.event and self.account.habits.desk_keeps and self._desk.of(openid)
        sender = sent.sender or openid
        self._note(openid, sent)
        row = self._chats.add(openid, Said("user", sent.kind, sent.text, media=sent.media))
        fields, update_id = self._addressed(sender, sent, row)
        if kept:
            return row, update_id, 0
        delivered = self._deliver(sender, fields)
        self._show(openid, sender, update_id, delivered)
        return row, update_id, delivered.attempts

    def _deliver(self, sender: str, fields: Fields) -> Delivered:
        def write() -> Push:
            return self._writer.write(fields, sender, self._clock.signing())

        first = write() if self.account.habits.repeats_alike else None
        return deliver(
            f"{self.webhook}{self.account.config.path}",
            lambda: first or write(),
            self._config.delivery_seconds,
        )

    def report(self, openid: str, fields: Fields) -> None:
        """Push an event of the platform's own, and wait for the answer."""
        whole = {**self._address(openid), **fields}
        delivered = self._deliver(openid, whole)
        try:
            answer = "reply" if self._read(delivered, openid) else "success"
        except BadReply:
            answer = "fault"
        self.account.store.write(
            "INSERT INTO pushes(openid, event, attempts, answer, at) VALUES(?, ?, ?, ?, ?)",
            openid,
            fields["Event"],
            delivered.attempts,
            answer,
            self._clock().isoformat(timespec="milliseconds"),
            seen_by=NOBODY,
        )

    # --- what a message changes ---

    def _note(self, openid: str, sent: Sent) -> None:
        """Whatever a person does changes what may be sent to them."""
        windows = self.account.windows
        if not sent.event:
            windows.open(openid, "event" if "bizmsgmenuid" in sent.fields else "message")
        if sent.event in OPENING_EVENTS:
            windows.open(openid, "event")
        if sent.event == "user_enter_tempsession":
            windows.open(openid, "enter")
        if sent.event in (*FIRST.values(), "unsubscribe"):
            self._chats.set_following(openid, sent.event != "unsubscribe")
        if sent.event == "unsubscribe":
            windows.close(openid)
        self._note_choices(openid, sent)
        self._note_desk(openid, sent)

    def _note_choices(self, openid: str, sent: Sent) -> None:
        for template, accepted in sent.choices:
            if accepted:
                self.account.credits.add(openid, template)
            elif sent.event == "subscribe_msg_change_event":
                self.account.credits.drop(openid, template)

    def _note_desk(self, openid: str, sent: Sent) -> None:
        """Who has the chat; the person's words keep a session alive."""
        if sent.event == "kf_create_session":
            self._desk.open(openid, _staff(sent.fields, "KfAccount"))
        elif sent.event == "kf_switch_session":
            self._desk.open(openid, _staff(sent.fields, "ToKfAccount"))
        elif sent.event == "kf_close_session":
            self._desk.close(openid)
        elif who := self._desk.of(openid):
            self._desk.open(openid, who)

    # --- addresses and answers ---

    def _address(self, sender: str) -> Fields:
        return {
            "ToUserName": self.account.config.account,
            "FromUserName": sender,
            "CreateTime": self._clock.signing(),
        }

    def _addressed(self, sender: str, sent: Sent, row: int) -> tuple[Fields, str]:
        fields = {**self._address(sender), **sent.fields}
        if sent.event:
            return fields, f"{sender}-{fields['CreateTime']}-{sent.event}"
        message_id = self._chats.message_id(row)
        return {**fields, "MsgId": message_id}, str(message_id)

    def _read(self, delivered: Delivered, openid: str) -> PassiveReply | None:
        if delivered.body is None:
            raise BadReply("no answer")
        return self._reader.read(delivered.body, openid)

    def _show(self, openid: str, sender: str, update_id: str, delivered: Delivered) -> None:
        """Put the passive reply into the chat, or the words for an account that is out of order."""
        try:
            reply = self._read(delivered, sender)
            if reply and reply.kind == "transfer":
                self._transfer(openid, reply, update_id)
            elif reply:
                self._chats.add(openid, self._said(reply, update_id))
        except BadReply:
            fault = Said("bot", "fault", self._fault, "passive", update_id=update_id)
            self._chats.add(openid, fault)

    def _transfer(self, openid: str, reply: PassiveReply, update_id: str) -> None:
        """Hand the chat to the desk; an account without one hands it to nobody."""
        if not self.account.rights.has("desk"):
            return
        who = reply.staff or STAFF[0]
        self._desk.open(openid, who)
        said = Said("bot", "transfer", TRANSFER_TEXT, "passive", update_id=update_id)
        self._chats.add(openid, said)
        account = f"{who}@{self.account.config.account}"
        self.tell(openid, {"MsgType": "event", "Event": "kf_create_session", "KfAccount": account})

    def _said(self, reply: PassiveReply, update_id: str) -> Said:
        medium = self.account.media.get(reply.media) if reply.media else None
        if reply.media and medium is None:
            raise BadReply(f"{reply.kind} of an unknown media id")
        if medium and medium.type == "image/gif":
            raise BadReply("a GIF, which no passive reply may be")
        options = choices_in(reply.text) if reply.kind == "text" else ()
        return Said(
            "bot", reply.kind, reply.text, "passive", options, reply.media, update_id, reply.card
        )


def _staff(fields: Fields, name: str) -> str:
    return str(fields.get(name, "")).partition("@")[0] or STAFF[0]


_FIRST_CONTACT = {
    "subscribe": Sent(
        {"MsgType": "event", "Event": "subscribe", "EventKey": ""},
        "event",
        "关注了公众号",
        event="subscribe",
    ),
    "user_enter_tempsession": Sent(
        {"MsgType": "event", "Event": "user_enter_tempsession", "SessionFrom": ""},
        "event",
        "打开了客服会话",
        event="user_enter_tempsession",
    ),
}
