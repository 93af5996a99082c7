"""Why a call of the application gateway is refused. Each fault stands for one answer."""

from __future__ import annotations


class GatewayFault(Exception):
    """A call that the bot does not answer. `reason` is one word for the counter; no content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadSignature(GatewayFault):
    """The caller has not shown that it is Alipay: 403, without a reason."""


class TooLarge(GatewayFault):
    """The body is larger than any message of the platform: 413."""


class Unreadable(GatewayFault):
    """Signed by Alipay, but refused: acknowledged, so that it is not delivered again."""
