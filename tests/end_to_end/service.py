"""The running service and the people who write to it by the independent player."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.redis_client import connect_redis
from models.applications import Application, applications_of, open_answers
from tests.end_to_end.platform_api import PlatformApi
from tests.end_to_end.player import Player, Webhook
from tests.rig import AES_KEY, APP_ID, TOKEN, Bot, running

CODE = "482915"
_people = count(1)


@dataclass
class Service:
    """Site, worker and offices of one test module; every test brings people of its own."""

    bot: Bot
    api: PlatformApi
    webhook: Webhook
    phones: Iterator[int] = field(default_factory=lambda: count(13900003000))

    def player(self) -> Player:
        """Somebody who has never written before."""
        return Player(self.webhook, self.api, f"oPlayer{next(_people):021d}")

    def phone(self) -> str:
        """A phone that no office has on file."""
        return str(next(self.phones))

    def key(self, player: Player) -> str:
        return f"wechat:{APP_ID}:{player.openid}"

    def applications(self, player: Player) -> list[Application]:
        """What this account handed in, the newest first."""
        with self.bot.database.reading() as records:
            found = applications_of(records, account=self.key(player))
            records.expunge_all()
        return found

    def answers(self, application: Application) -> dict[str, Any]:
        return open_answers(application, self.bot.keys)

    def rows(self, table: Any, *where: Any) -> list[Any]:
        """Rows of a table, detached."""
        with self.bot.database.reading() as records:
            found = list(records.scalars(select(table).where(*where)).all())
            records.expunge_all()
        return found

    @contextmanager
    def records(self) -> Iterator[Records]:
        with self.bot.database.writing() as records:
            yield records


@contextmanager
def serving(
    folder: Path, redis_url: str, mode: Literal["plain", "safe"] = "safe", **more: Any
) -> Iterator[Service]:
    """The whole service on an empty Redis and database, the player in the platform's place."""
    with closing(connect_redis(redis_url)) as client:
        client.flushall()
    more = {"codes": lambda: CODE, "linger": 0.0, **more}
    api = PlatformApi()
    try:
        with running(folder, redis_url, mode=mode, wechat_api_base=api.url, **more) as bot:
            webhook = Webhook(bot.site, APP_ID, TOKEN, AES_KEY, mode, bot.clock)
            yield Service(bot, api, webhook)
    finally:
        api.close()
