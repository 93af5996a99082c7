"""The app at Alipay and everything the platform keeps for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.simulator.alipay.habits import Habits
from bot.simulator.alipay.menus import Menus
from bot.simulator.alipay.people import People
from bot.simulator.alipay.rights import Rights
from bot.simulator.alipay.settings import AlipayConfig, AlipayTemplate, TemplateSort
from bot.simulator.alipay.windows import Windows
from bot.simulator.chats import Chats
from bot.simulator.clock import ShiftedClock
from bot.simulator.credits import Credits
from bot.simulator.media import MediaBox
from bot.simulator.quotas import Quotas
from bot.simulator.send_log import SendLog
from bot.simulator.store import Store

NAME = "alipay"
_TABLES = """
CREATE TABLE IF NOT EXISTS alipay_people(
  name TEXT PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, open_id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS alipay_grants(
  token TEXT PRIMARY KEY, refresh TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  scope TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS alipay_checks(
  id TEXT PRIMARY KEY, order_no TEXT NOT NULL UNIQUE, asked TEXT NOT NULL,
  return_url TEXT NOT NULL, at REAL NOT NULL, passed TEXT NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class AlipayAccount:
    """One app, with the life account and the mini program or with the latter alone: people,
    chats, menu, grants."""

    config: AlipayConfig
    clock: ShiftedClock
    store: Store
    chats: Chats
    people: People
    windows: Windows
    media: MediaBox
    credits: Credits
    quotas: Quotas
    rights: Rights
    menus: Menus
    habits: Habits
    sent: SendLog

    @property
    def name(self) -> str:
        """What scripts call it, in addresses; faults are the platform's, `alipay`."""
        return self.config.name

    @property
    def is_mini(self) -> bool:
        """Whether there is no life account, but a mini program alone."""
        return self.config.name == "alipay_mini"

    def template(self, id: object, sort: TemplateSort) -> AlipayTemplate | None:
        """The app's template of this id."""
        own = self.config.templates
        return next((t for t in own if t.id == id and t.sort == sort), None)

    def shown(self, name: str) -> dict[str, Any]:
        """All that the phone shows of one person's chat."""
        return {
            "users": self.chats.users(),
            "messages": self.chats.of(name),
            "follows": self.chats.follows(name),
            "menu": self.menus.get() or [],
            "desk": "",
            "credits": self.credits.of(name),
        }


def open_alipay(config: AlipayConfig, folder: Path, clock: ShiftedClock) -> AlipayAccount:
    """The app as it was left in `folder`."""
    store = Store(folder / "simulator.db")
    for table in _TABLES.split(";"):
        store.write(table)
    return AlipayAccount(
        config=config,
        clock=clock,
        store=store,
        chats=Chats(store, clock),
        people=People(store, config.app_id if config.name == "alipay_mini" else ""),
        windows=Windows(store, clock),
        media=MediaBox(store, folder / "media", clock),
        credits=Credits(store),
        quotas=Quotas(store, clock, daily={}, per_minute={}),
        rights=Rights(),
        menus=Menus(store),
        habits=Habits(charset=config.charset, ids=config.ids),
        sent=SendLog(),
    )
