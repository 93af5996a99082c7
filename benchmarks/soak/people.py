"""People whose WeChat delivers as the platform does: five seconds, three times, sometimes twice."""

from __future__ import annotations

import json
import random
import re
import time
from collections import defaultdict
from typing import Any

import requests

from benchmarks.soak.auditor import PATIENCE, SEEN
from benchmarks.soak.journal import Journal
from tests.end_to_end.platform_api import PlatformApi
from tests.end_to_end.player import SECONDS, Player, Webhook
from tests.rig import PICTURES

DELIVERIES = 3
AGAIN, IMPATIENT = 0.1, 0.05  # shares of messages delivered once more, or broken off at once
PAUSE_SECONDS = 2.0  # before who heard an apology writes again
LATE_SECONDS = 12.0  # that a person waits for an answer by API message
MODES = ("plain", "chance", "chance", "ticket", "job")
ACCEPTED = re.compile(r"受理号(?: |尾号)([A-Z0-9]+)")  # told at the end, or by the progress later


class JournalApi(PlatformApi):
    """The platform's API; what it takes becomes a line of the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        super().__init__()
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who called is dead

    def _send(self, message: dict[str, Any]) -> tuple[str, bytes]:
        answer = super()._send(message)
        if message["msgtype"] == "text" and json.loads(answer[1])["errcode"] == 0:
            text = message["text"]["content"]
            self._journal.note("message", person=message["touser"], text=text)
        return answer


class Person(Player):
    """One person, whose chance is drawn from a seed."""

    def __init__(
        self, webhook: Webhook, api: PlatformApi, openid: str, seed: int, journal: Journal
    ) -> None:
        super().__init__(webhook, api, openid)
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.journal = journal
        self._seconds = SECONDS
        self._attempts: dict[str, int] = defaultdict(int)

    @property
    def _session(self) -> requests.Session:
        """A connection for each delivery, which ends in its time."""
        session = _Once(self._seconds)
        session.headers["Connection"] = "close"
        return session

    def converse(self, messages: int) -> None:
        """Every message, each after the last one's end."""
        for number in range(1, messages + 1):
            self.tell(number, self.random.choice(MODES))

    def tell(self, number: int, mode: str) -> str | None:
        """One message with the platform's redeliveries; the passive answer, if any came."""
        message = self.message("text", Content=f"soak {number} {mode}")
        if self.random.random() < IMPATIENT:
            self._deliver(number, message, seconds=0.05)
        before = len(self.api.sent.get(self.openid, []))
        answer = self._until_answered(number, message)
        if answer == "" or (answer or "").endswith(PATIENCE):
            self._wait_for(f"<{number}.", before)
        elif mode != "seen" and f"<{number}." not in (answer or ""):
            time.sleep(PAUSE_SECONDS)
        if self.random.random() < AGAIN:
            self._deliver(number, message)
        return answer

    def ask(self, times: int = 10) -> None:
        """What the conversation remembers; asked anew until it is told."""
        for _ in range(times):
            answer = self.tell(0, "seen")
            if answer and SEEN in answer:
                return
            time.sleep(1)

    def _until_answered(self, number: int, message: dict[str, str]) -> str | None:
        for attempt in range(DELIVERIES):
            began = time.monotonic()
            answer = self._deliver(number, message)
            if answer is not None:
                return answer
            if attempt + 1 < DELIVERIES:
                time.sleep(max(0.0, SECONDS - (time.monotonic() - began)))
        return None

    def _deliver(
        self, number: int, message: dict[str, str], seconds: float = SECONDS
    ) -> str | None:
        self._seconds = seconds
        try:
            answer: str | None = self.push(message)
        except (requests.RequestException, AssertionError):
            answer = None  # a status other than 200 is none to the platform either
        update = message["MsgId"]
        self._attempts[update] += 1
        self.journal.note(
            "delivery",
            person=self.openid,
            number=number,
            update=update,
            attempt=self._attempts[update],
            answer=answer,
        )
        return answer

    def _wait_for(self, token: str, before: int) -> None:
        until = time.monotonic() + LATE_SECONDS
        while (left := until - time.monotonic()) > 0:
            sent = self.api.wait_for_message(self.openid, before, left)
            texts = [m["text"]["content"] for m in sent if m["msgtype"] == "text"]
            if any(token in text for text in texts):
                return
            before += len(sent)


class _Once(requests.Session):
    """The whole answer within these seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.trust_env = False
        self._within = seconds

    def post(self, url: Any, **more: Any) -> requests.Response:  # type: ignore[override]
        with self:
            return super().post(url, **{**more, "timeout": self._within})


# --- the card form ----------------------------------------------------------------------------

QUESTIONS = (
    ("第1步/共6步", "同意"),
    ("请发身份证人像面", "手输"),
    ("请发姓名和身份证号", "陈国强 119999199003070019"),
    ("请发身份证上的民族", "汉"),
    ("有效期的最后一天", "长期"),
    ("请发您的手机号", "PHONE"),
    ("请输入短信里的6位数字", "CODE"),
    ("请输入您在", "城东区人民路1号"),
    ("您现在的工作情况", "2"),
    ("领卡网点：\n", "1"),
    ("用这张", "1"),
    ("请发一张", "PHOTO"),
    ("最后看一遍", "确认"),
)
"""What the bot asks, and what is said to it; of several in one message the last one counts."""


class Applicant(Person):
    """Walks the real card form, answering what is asked; the number at its end is the record."""

    def __init__(self, *given: Any, phone: str, sms: str) -> None:
        super().__init__(*given)
        self.phone, self._sms = phone, sms

    def apply(self, messages: int = 200) -> None:
        """Until the application is accepted, or `messages` have been said."""
        heard = self._say(self.message("text", Content="办卡"))
        for _ in range(messages):
            if told := ACCEPTED.search(heard):
                self.journal.note("card", person=self.openid, accepted=told[1])
                return
            heard = self._say(self._reply_to(heard))
        self.journal.note("card", person=self.openid, accepted=f"none; last heard: {heard}")

    def _reply_to(self, heard: str) -> dict[str, str]:
        asked = [(heard.rfind(question), said) for question, said in QUESTIONS]
        place, said = max(asked)
        if place < 0:  # an apology, or silence: where were we?
            time.sleep(PAUSE_SECONDS)
            return self.message("text", Content="继续")
        if said == "PHOTO":
            return self.picture(PICTURES / "portrait_chen_guoqiang.jpg")
        filled = {"PHONE": self.phone, "CODE": self._code() if said == "CODE" else ""}
        return self.message("text", Content=filled.get(said, said))

    def _code(self) -> str:
        """The newest code on the phone, once there is one."""
        for _ in range(100):
            told = requests.get(f"{self._sms}/{self.phone}", timeout=5).json()["messages"]
            if told:
                return str(told[-1]["code"] or "重发")
            time.sleep(0.2)
        return "重发"

    def _say(self, message: dict[str, str]) -> str:
        before = len(self.api.sent.get(self.openid, []))
        answer = self._until_answered(0, message)
        if answer and not answer.startswith(PATIENCE):
            return answer
        late = self.api.wait_for_message(self.openid, before, LATE_SECONDS)
        return "\n".join(m["text"]["content"] for m in late if m["msgtype"] == "text")
