"""A terminal as a channel: what the bot sends by itself is printed, pictures are files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Filled, Manner, Rung, SendError


class TerminalChannel:
    """`ports.Channel` for one person at a keyboard. `show` prints a message."""

    name = "terminal"
    answers_at_once = True
    rungs: Sequence[Rung] = ("chat",)
    manner = Manner()

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        """A terminal holds everything: all mail, then the reply."""
        texts = [letter.plain() for letter in mail] + ([reply.plain()] if reply else [])
        return (Reply("\n\n".join(texts)) if texts else None), len(mail)

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        self._show(reply.plain())

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A terminal knows no approved wordings."""
        raise SendError("account", "no templates here")

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        self._show(f"[picture, {len(image) // 1024} KB]")

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The file that the person named."""
        try:
            return Path(media.id).read_bytes()[: limit + 1]
        except OSError:
            raise SendError("permanent", "file") from None
