"""Why a call of the webhook is refused. Each fault stands for one answer to the caller."""

from __future__ import annotations


class WebhookFault(Exception):
    """A call that is not answered by the bot. `reason` is one word for the counter; no content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadSignature(WebhookFault):
    """The caller has not shown that it is the platform: 403, without a reason."""


class TooLarge(WebhookFault):
    """The body is larger than any push of the platform: 413."""


class Unreadable(WebhookFault):
    """Signed by the platform, but refused: 200 `success`, so that it is not delivered again."""
