"""Alipay's side of the conversation: what people do is pushed until it is heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.acks import NoAck, acknowledged, activated
from bot.simulator.alipay.acts import Act, followed
from bot.simulator.alipay.ant import AntMessage
from bot.simulator.alipay.people import Person
from bot.simulator.alipay.windows import Act as Opener
from bot.simulator.alipay.wire import CHECK, NOTIFY, Wire, in_json
from bot.simulator.chats import Said
from bot.simulator.delivery import NoAnswer, post
from bot.simulator.platform import Outcome
from bot.simulator.push import Push

DELIVERIES = 3
"""Of the life account's messages; the platform publishes neither number nor pauses."""

ANT_DELIVERIES = 8
"""Of From-Ant messages, in about 25 hours at the real platform; here without a pause."""

_OPENERS: dict[str, Opener] = {"follow": "follow", "click": "click", "enter": "enter"}


@dataclass(frozen=True, slots=True)
class Heard:
    """How a push was answered, after so many deliveries. `taken`: as it must be."""

    taken: bool
    attempts: int
    answer: bytes


class AlipayPlatform:
    """Pushes to the app's gateway address. Its methods may be called from many threads."""

    def __init__(
        self, account: AlipayAccount, webhook: str, delivery_seconds: float, linger_seconds: float
    ) -> None:
        self.account, self.webhook = account, webhook
        self._seconds, self._linger = delivery_seconds, linger_seconds
        self._wire = Wire(account.config.platform_key)

    def send(self, person: Person, act: Act) -> Outcome:
        """What this person does; who is new follows first. Returns when an answer has come, or
        the platform's patience is at its end."""
        chats = self.account.chats
        new = not chats.is_known(person.name) and not self.account.is_mini
        if new and act.event not in ("follow", "unfollow"):
            self._push(person, followed())
        row, update_id, attempts = self._push(person, act)
        self._wait(person, row, act)
        return Outcome(update_id, attempts, chats.answers(person.name, row, update_id))

    def verify(self, *, well_signed: bool = True) -> dict[str, Any]:
        """The console's check of the gateway's address."""
        event = {"MsgType": "event", "EventType": "verifygw"}
        empty = dict.fromkeys(("ActionParam", "AgreementId", "AccountNo", "FromUserId"), "")
        fields = {**self._heads(), **event, **empty}
        habits = self.account.habits
        push = self._wire.message(CHECK, fields, habits.charset, habits.sign_type)
        if not well_signed:
            push = Push("", push.body.replace(b"&sign=", b"&sign=AAAA"), push.content_type)
        key = self.account.config.app_key
        heard = self._delivered(push, lambda body: activated(key, body), 1)
        return {"ok": heard.taken, "answer": heard.answer.decode("gb18030", "replace")}

    def ant(self, message: AntMessage) -> Heard:
        """A From-Ant message, delivered until it is answered `success`."""
        form = {
            **message.heads(self.account.clock.signing()),
            "app_id": self.account.config.app_id,
            "biz_content": message.content(self.account.config.aes_key),
            "sign_type": self.account.habits.sign_type,
            "charset": "UTF-8",
        }
        push = self._wire.ant(form, message.rule)
        return self._delivered(push, lambda b: b.strip().lower() == b"success", ANT_DELIVERIES)

    # --- one push ---

    def _push(self, person: Person, act: Act) -> tuple[int, str, int]:
        self._note(person, act)
        row = self.account.chats.add(person.name, Said("user", act.kind, act.text, media=act.media))
        if not act.fields:
            return row, "", 0
        message_id = str(self.account.chats.message_id(row)) if not act.event else ""
        fields = self._addressed(person, act, message_id)
        habits = self.account.habits
        push = self._wire.message(NOTIFY, fields, habits.charset, habits.sign_type)
        heard = self._delivered(push, self._is_ack, DELIVERIES)
        return row, message_id or f"{person.name}-{act.event}-{row}", heard.attempts

    def _note(self, person: Person, act: Act) -> None:
        """Whatever a person does changes what may be sent to them."""
        if act.event in ("follow", "unfollow"):
            self.account.chats.set_following(person.name, act.event == "follow")
        if act.event == "unfollow":
            self.account.windows.close(person.name)
        if act.fields and not act.event:
            self.account.windows.open(person.name, "message")
        if opener := _OPENERS.get(act.event):
            self.account.windows.open(person.name, opener)
        for template, accepted in act.choices:
            if accepted:
                self.account.credits.add(person.name, template)

    def _heads(self) -> dict[str, Any]:
        return {
            "AppId": self.account.config.app_id,
            "CreateTime": int(self.account.clock.signing() * 1000),
        }

    def _addressed(self, person: Person, act: Act, message_id: str) -> dict[str, Any]:
        names = {"FromUserId": person.old_id}
        if self.account.habits.ids != "open_id":
            names["FromAlipayUserId"] = person.user_id
        if self.account.habits.ids != "user_id":
            names["FromOpenId"] = person.open_id
        told = in_json({"logon_id": "139***00", "user_name": "**"})
        number = {"MsgId": message_id} if message_id else {}
        return {**self._heads(), **names, "UserInfo": told, **number, **act.fields}

    def _is_ack(self, body: bytes) -> bool:
        config, strict = self.account.config, self.account.habits.strict_ack
        acknowledged(config.app_key, body, app_id=config.app_id, strict=strict)
        return True

    def _delivered(self, push: Push, taken: Callable[[bytes], bool], most: int) -> Heard:
        """Deliver the same bytes until they are answered as they must be."""
        answer = b""
        for attempt in range(1, most + 1):
            begun = time.monotonic()
            try:
                answer = post(f"{self.webhook}{self.account.config.path}", push, self._seconds)
                if taken(answer):
                    return Heard(True, attempt, answer)
            except NoAck:
                continue
            except NoAnswer as fault:
                if not fault.reached and attempt < most:
                    time.sleep(max(0.0, self._seconds - (time.monotonic() - begun)) / most)
        return Heard(False, most, answer)

    def _wait(self, person: Person, row: int, act: Act) -> None:
        """Every answer comes by a call of the app: wait for the first one, and for what follows."""
        hopeless = not act.fields or act.event == "unfollow"
        until = time.monotonic() + (0.0 if hopeless else self.account.config.patience_seconds)
        store, seen, count = self.account.store, -1, 0
        while True:
            count, before = len(self.account.chats.answers(person.name, row, "")), count
            if count > before:
                until = time.monotonic() + self._linger
            if (left := until - time.monotonic()) <= 0:
                return
            seen = store.wait(seen, left)
