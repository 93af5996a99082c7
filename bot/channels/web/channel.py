"""A page as the turn and the worker see it: whatever is sent appears in the transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import takewhile

from bot.channels.web.uploads import Uploads
from bot.dialogue.messages import AccountKey, Media, Reply
from bot.ports import Filled, Manner, Rung, SendError
from bot.sessions import Entry, SessionsAway, Transcripts


class PageChannel:
    """`ports.Channel` for who talks through a page of ours, or a mini program's.

    A page answers at once. What comes later is added to the transcript, under its key and so once;
    nobody is told that way who does not look, so that a notice takes other roads (`rungs`).
    """

    answers_at_once = True
    rungs: Sequence[Rung] = ()

    def __init__(
        self,
        name: str,
        transcripts: Transcripts,
        clock: Callable[[], datetime],
        manner: Manner,
        uploads: Uploads | None = None,
    ) -> None:
        """Without `uploads` no picture can be fetched."""
        self.name, self.manner = name, manner
        self._transcripts, self._clock = transcripts, clock
        self._uploads = uploads

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        """Words go before the reply. What asks something keeps its buttons: it is a message of its
        own, by `send`."""
        if reply is None:
            return None, 0
        words = list(takewhile(_is_words, mail))
        return reply.preceded_by("\n\n".join(letter.text for letter in words)), len(words)

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        self._add(account, Entry(key, "bot", self._clock(), reply=reply))

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        try:
            self._transcripts.keep_picture(account, key, image)
        except SessionsAway:
            raise SendError("transient", "redis") from None
        self._add(account, Entry(key, "picture", self._clock()))

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """A page has no approved wordings."""
        raise SendError("account", "no templates here")

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The picture a person uploaded: by its `upload_media`, for its own account only."""
        if self._uploads is None:
            raise SendError("permanent", "file")
        return self._uploads.open(media)[: limit + 1]

    def _add(self, account: AccountKey, entry: Entry) -> None:
        """Safe to repeat: the key de-duplicates, so that nothing here is ever `unknown`."""
        try:
            self._transcripts.add(account, entry)
        except SessionsAway:
            raise SendError("transient", "redis") from None


def _is_words(letter: Reply) -> bool:
    return not (letter.options or letter.asks or letter.links or letter.picture)
