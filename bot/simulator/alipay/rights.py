"""What the app may call: a script takes methods away and gives them back."""

from __future__ import annotations

from collections.abc import Iterable

from bot.simulator.alipay.refusals import Refusal


class Rights:
    """By default everything is opened but the fields of `user.info.share` that need approval."""

    def __init__(self) -> None:
        self.without: frozenset[str] = frozenset()
        self.tells_identity = False

    def set(self, without: Iterable[str], *, tells_identity: bool) -> None:
        """`without`: methods that were not opened for this app."""
        self.without, self.tells_identity = frozenset(without), tells_identity

    def check(self, method: str) -> None:
        """Raises `Refusal` 40006 for a method that was not opened."""
        if method in self.without:
            raise Refusal("40006", "isv.insufficient-isv-permissions")
