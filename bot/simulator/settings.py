"""What a simulator must know to play the platform and the offices: `SimulatorConfig`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.simulator.alipay.settings import AlipayConfig
from bot.simulator.card_making.settings import CardMakingConfig
from bot.simulator.templates import Template

HERE = Path(__file__).parent
Mode = Literal["plain", "compatible", "safe"]
Format = Literal["xml", "json"]
Sort = Literal["official", "mini"]

# Of the shipped, invented city: GCJ-02 degrees in the open sea.
PLACES = (
    ("云州市城东区和平路18号", 32.05, 123.12),
    ("云州市城东区人民路1号", 32.06, 123.13),
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One account at the platform: the official account, or the mini program beside it."""

    sort: Sort
    path: str  # pushes go to {webhook}{path}
    account: str  # its own name on the wire, gh_…
    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)  # of its webhook
    aes_key: str = field(repr=False)  # 43 characters, as the platform's console shows it
    mode: Mode = "safe"
    push_format: Format = "xml"
    templates: Sequence[Template] = ()
    verified: bool = True

    @property
    def name(self) -> str:
        """What scripts call it, in addresses and faults."""
        return "wechat_mini" if self.sort == "mini" else "wechat"


MINI_PATH, MINI_ACCOUNT = "/wechat/mini", "gh_f6e5d4c3b2a1"


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Addresses, keys and places of one simulator. Secrets stay out of `repr`."""

    webhook: str  # the service's address; pushes go to {webhook}/wechat
    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)  # the account's webhook token
    aes_key: str = field(repr=False)  # 43 characters, as the platform's console shows it
    office_key: str = field(repr=False)  # what the offices' requests are signed with
    folder: Path = field(repr=False)  # chats, SMS and media are kept here
    mode: Mode = "safe"
    push_format: Format = "xml"
    templates: Sequence[Template] = ()  # what the official account has
    verified: bool = True
    mini: AccountConfig | None = None  # the mini program beside it
    alipay: AlipayConfig | None = None  # the app at Alipay
    alipay_mini: AlipayConfig | None = None  # the mini program there, as an app of its own
    card_making: CardMakingConfig | None = None  # the offices that make cards
    simulator_token: str = field(default="", repr=False)  # empty: loopback only
    sms_templates: Mapping[str, str] = field(default_factory=dict)  # registered id → its text
    residents: Path = HERE / "residents.toml"
    pictures: Path = HERE / "pictures"
    account: str = "gh_a1b2c3d4e5f6"  # the official account's own name on the wire
    title: str = "云州社保卡"  # the account's name on the phone
    places: Sequence[tuple[str, float, float]] = PLACES  # what the page offers to send
    clock: Callable[[], datetime] = _now  # aware
    pass_time: Callable[[timedelta], None] | None = None
    """Moves the clock that the service reads too; None: the simulator's own alone is shifted."""
    delivery_seconds: float = 5.0  # how long one delivery may take
    linger_seconds: float = 0.3  # what a script waits for API messages after the reply
    token_seconds: int = 7200

    @property
    def official(self) -> AccountConfig:
        """The official account."""
        return AccountConfig(
            sort="official",
            path="/wechat",
            account=self.account,
            app_id=self.app_id,
            app_secret=self.app_secret,
            token=self.token,
            aes_key=self.aes_key,
            mode=self.mode,
            push_format=self.push_format,
            templates=self.templates,
            verified=self.verified,
        )
