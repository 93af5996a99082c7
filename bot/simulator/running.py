"""What of a simulator goes on between requests, and must be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.simulator.alipay.platform import AlipayPlatform
from bot.simulator.card_making.ledger import Ledger
from bot.simulator.later import Later
from bot.simulator.platform import WeChatPlatform
from bot.simulator.receipts import Receipts
from bot.simulator.settings import SimulatorConfig


@dataclass(frozen=True, slots=True)
class Running:
    """The platforms of all accounts, their files, and what they push by themselves."""

    config: SimulatorConfig
    platforms: Sequence[WeChatPlatform]
    later: Later
    alipay: Sequence[AlipayPlatform] = ()
    ledgers: Sequence[Ledger] = ()
    receipts: Sequence[Receipts] = ()

    def point_at(self, webhook: str) -> None:
        """Push to this service from now on."""
        for end in self._ends():
            end.webhook = webhook

    def stop(self) -> None:
        """Push nothing any more and close the files."""
        for held in self.receipts:
            held.stop()
        self.later.stop()
        for end in self._ends():
            end.account.store.close()
        for ledger in self.ledgers:
            ledger.close()

    def _ends(self) -> list[WeChatPlatform | AlipayPlatform]:
        return [*self.platforms, *self.alipay]
