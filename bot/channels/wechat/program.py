"""The WeChat mini program whose pages our JSON API feeds, as the turn and the worker see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.channels.web.channel import PageChannel
from bot.channels.web.uploads import Uploads
from bot.channels.wechat.channel import Wire, as_send_errors, mini_call
from bot.channels.wechat.client import PlatformClient
from bot.dialogue.messages import AccountKey
from bot.ports import Filled, Manner, Rung
from bot.sessions import Transcripts


class WeChatProgram(PageChannel):
    """A page, whose people may have subscribed to messages of the platform."""

    rungs: Sequence[Rung] = ("subscription",)

    def __init__(
        self,
        client: PlatformClient,
        transcripts: Transcripts,
        clock: Callable[[], datetime],
        uploads: Uploads,
        *,
        version: str = "formal",
    ) -> None:
        """`version` of the mini program is what a tap on a message opens."""
        super().__init__("mini_wechat", transcripts, clock, Manner(texts="mini"), uploads)
        self._client, self._version = client, version

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A message the person has subscribed to, which the platform does not de-duplicate. A tap
        opens the mini program where it begins: the pages of our site are none of its."""
        with self._client.within(timeout), as_send_errors():
            return self._client.send_mini_subscription(
                account.user, message, "", state=self._version
            )

    def filled_call(self, account: AccountKey, message: Filled, key: str) -> Wire:
        """The same for who makes the calls of many at once. Raises PlatformError."""
        return mini_call(account, message, self._version)
