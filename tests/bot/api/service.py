"""The running service with a mini program, and front ends for as many people as a test wants."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from sqlalchemy import select

from bot.dialogue.messages import AccountKey
from bot.redis_client import connect_redis
from bot.sessions import Entry, Transcripts
from models.access_tokens import AccessToken
from tests.end_to_end.program import Front
from tests.rig import Bot, wait_for

_people = itertools.count(1)


@dataclass
class Service:
    """`bot` is the rig: its simulator gives the codes, as WeChat does to the page."""

    bot: Bot
    names: dict[str, str] = field(default_factory=dict)  # openids by token

    def code_for(self, front: Front, phone: str) -> str:
        """Give the number at the phone question, and the code that is sent to it."""
        before = len(self.bot.sms(phone))
        front.say(phone)
        sent = wait_for(lambda: self.bot.sms(phone)[before:] or None)
        return str(sent[-1]["code"])

    def remember(self, openid: str, entry: Entry) -> None:
        """Add an entry to somebody's transcript, as the API does first of all."""
        client = connect_redis(self.bot.settings.redis_url)
        Transcripts(client, self.bot.keys).add(self.account(openid), entry)
        client.close()

    def account(self, openid: str) -> AccountKey:
        return AccountKey("mini_wechat", self.bot.settings.wechat_mini_app_id, openid)

    def code(self, openid: str, sort: str = "login", phone: str = "") -> str:
        """A code as the mini program's page gets it from WeChat."""
        where = f"{self.bot.simulator.url}/simulator/api/wechat_mini/users/{openid}/codes"
        answer = self.bot.http.post(where, json={"sort": sort, "phone": phone}, timeout=10)
        assert answer.ok, answer.text
        return str(answer.json()["code"])

    def front(self, openid: str = "") -> Front:
        """A person who has opened the mini program and is logged in."""
        who = openid or f"oProgram0000000000000000{next(_people):04d}"
        front = Front(self.bot.site)
        front.log_in(self.code(who))
        self.names[front.token] = who
        return front

    def openid(self, front: Front) -> str:
        return self.names[front.token]

    def tokens(self) -> list[AccessToken]:
        with self.bot.database.reading() as records:
            found = list(records.scalars(select(AccessToken)).all())
            records.expunge_all()
        return found
