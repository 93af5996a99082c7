"""How much one message can hold: mail before a reply, and a text that is too long by itself.

Each channel says how a reply looks there (`shown`) and how many bytes of UTF-8 one text may have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.channels.characters import legal
from bot.dialogue.messages import Reply

Shown = Callable[[Reply], str]
_MORE = "…"


def fit(
    reply: Reply | None, mail: Sequence[Reply], shown: Shown, limit: int
) -> tuple[Reply | None, int]:
    """The reply with as many pieces of mail before it, in order, as one message can hold.

    Without a reply at least one piece is taken. A message too long by itself loses the end of its
    text, never its choices or its footer.
    """
    own = [reply] if reply else []
    least = 0 if reply else min(1, len(mail))
    for taken in range(len(mail), least, -1):
        joined = _joined([*mail[:taken], *own], shown)
        if _size(joined, shown) <= limit:
            return joined, taken
    alone = [*mail[:least], *own]
    return (_shortened(_joined(alone, shown), shown, limit), least) if alone else (None, 0)


def _joined(pieces: Sequence[Reply], shown: Shown) -> Reply:
    """The last piece with the text of the others before it; one footer is enough."""
    *earlier, last = pieces
    before = [shown(replace(piece, footer="")) for piece in earlier]
    text = "\n\n".join(part for part in (*before, last.text) if part)
    return replace(last, text=text)


def _size(reply: Reply, shown: Shown) -> int:
    return len(shown(reply).encode())


def _shortened(reply: Reply, shown: Shown, limit: int) -> Reply:
    """Cut until it fits: a link whose label is cut off moves to a line of its own, and is longer
    there."""
    text = legal(reply.text)
    while (excess := _size(replace(reply, text=text), shown) - limit) > 0 and text not in (
        "",
        _MORE,
    ):
        text = cut(text, len(text.encode()) - excess)
    return replace(reply, text=text)


def cut(text: str, limit: int) -> str:
    """The text within `limit` bytes of UTF-8, ended by … where something is missing.

    Neither a character nor a link is cut in two.
    """
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = raw[: max(0, limit - len(_MORE.encode()))].decode(errors="ignore")
    if (opened := kept.rfind("<a ")) > kept.rfind("</a>"):
        kept = kept[:opened]
    return kept.rstrip() + _MORE
