"""One account at the platform and everything the platform keeps for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.simulator.chats import Chats
from bot.simulator.clock import ShiftedClock
from bot.simulator.credits import Credits
from bot.simulator.desk import Desk
from bot.simulator.habits import Habits
from bot.simulator.logins import Logins
from bot.simulator.media import MediaBox, Medium
from bot.simulator.menus import Menus
from bot.simulator.quotas import Quotas
from bot.simulator.rights import Rights
from bot.simulator.send_log import SendLog
from bot.simulator.settings import AccountConfig
from bot.simulator.store import Store
from bot.simulator.templates import Templates
from bot.simulator.tickets import Tickets
from bot.simulator.tokens import Tokens
from bot.simulator.windows import Windows


@dataclass(frozen=True, slots=True)
class Account:
    """The official account, or the mini program: users, media and tokens of its own."""

    config: AccountConfig
    clock: ShiftedClock
    store: Store
    chats: Chats
    windows: Windows
    media: MediaBox
    quotas: Quotas
    tokens: Tokens
    rights: Rights
    templates: Templates
    credits: Credits
    menus: Menus
    logins: Logins
    tickets: Tickets
    desk: Desk
    habits: Habits
    sent: SendLog
    refusals: dict[str, int]  # people whom nothing reaches, and the errcode that says why

    @property
    def name(self) -> str:
        """`wechat` or `wechat_mini`."""
        return self.config.name

    @property
    def is_mini(self) -> bool:
        return self.config.sort == "mini"

    def shown(self, name: str) -> dict[str, Any]:
        """All that the phone shows of one person's chat."""
        return {
            "users": self.chats.users(),
            "messages": self.chats.of(name),
            "follows": self.chats.follows(name),
            "menu": self.menus.get() or [],
            "desk": self.desk.of(name),
            "credits": self.credits.of(name),
        }


def open_account(
    config: AccountConfig,
    folder: Path,
    clock: ShiftedClock,
    *,
    token_seconds: int,
    mini_app_id: str = "",
) -> Account:
    """The account as it was left in `folder`. `mini_app_id`: the mini program linked with it."""
    store = Store(folder / "simulator.db")
    quotas = Quotas(store, clock)
    return Account(
        config=config,
        clock=clock,
        store=store,
        chats=Chats(store, clock),
        windows=Windows(store, clock),
        media=MediaBox(store, folder / "media", clock),
        quotas=quotas,
        tokens=Tokens(store, clock, quotas, token_seconds),
        rights=Rights(config.verified),
        templates=Templates(config.templates),
        credits=Credits(store),
        menus=Menus(store, mini_app_id),
        logins=Logins(store, clock, config.app_id, quotas),
        tickets=Tickets(store, clock),
        desk=Desk(store, clock),
        habits=Habits(),
        sent=SendLog(),
        refusals={},
    )


class Shown(Protocol):
    """An account of any platform, as the phones and the scripts that watch them see it."""

    @property
    def name(self) -> str: ...
    @property
    def store(self) -> Store: ...
    @property
    def chats(self) -> Chats: ...
    @property
    def media(self) -> MediaBox: ...

    def shown(self, name: str) -> dict[str, Any]:
        """All that the phone shows of one person's chat."""
        ...


class AllMedia:
    """The media of all accounts, for who looks at the phones and not through one account's API."""

    def __init__(self, accounts: Sequence[Shown]) -> None:
        self._accounts = accounts

    def get(self, media_id: str, *, expired_too: bool = False) -> Medium | None:
        """A file of any account, or None."""
        found = (account.media.get(media_id, expired_too=expired_too) for account in self._accounts)
        return next((medium for medium in found if medium), None)
