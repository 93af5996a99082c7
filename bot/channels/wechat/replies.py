"""A `Reply` as the text of one WeChat message: what it says, and what one message can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.channels.wechat.choices import linked_lines, plain_lines
from bot.channels.wechat.parsing import legal
from bot.dialogue.messages import Link, Reply

LIMIT = 2048
"""Bytes of UTF-8 in one text. Undocumented, measured by many; above it the person is told that
the service has broken down."""

_MORE = "…"
_ESCAPES = str.maketrans({'"': "%22", "'": "%27", "<": "%3C", ">": "%3E", " ": "%20"})


def shown(reply: Reply, site: str, *, clickable: bool = False) -> str:
    """The whole message as text: a link where its label stands in the text, else on a line of its
    own. `site` is the address before a link that is only a path.

    `clickable` makes links of the options where they fit; where they do not, their numbers do.
    """
    if clickable and reply.options and reply.mark:
        text = _written(reply, site, linked_lines(reply))
        if len(text.encode()) <= LIMIT:
            return text
    return _written(reply, site, plain_lines(reply))


def _written(reply: Reply, site: str, choices: Sequence[str]) -> str:
    text, links = reply.text, []
    for link in reply.links:
        anchor = _anchor(link, site)
        if link.label in text:
            text = text.replace(link.label, anchor, 1)
        else:
            links.append(anchor)
    lines = [text, *choices, reply.after, *links, reply.footer]
    return legal("\n".join(line for line in lines if line))


def _anchor(link: Link, site: str) -> str:
    whole = link.url.startswith(("https://", "http://"))
    url = link.url if whole else f"{site.rstrip('/')}/{link.url.lstrip('/')}"
    return f'<a href="{url.translate(_ESCAPES)}">{link.label}</a>'


def fit(reply: Reply | None, mail: Sequence[Reply], site: str) -> tuple[Reply | None, int]:
    """The reply with as many pieces of mail before it, in order, as one message can hold.

    Without a reply at least one piece is taken. A message too long by itself loses the end of its
    text, never its choices or its footer.
    """
    own = [reply] if reply else []
    least = 0 if reply else min(1, len(mail))
    for taken in range(len(mail), least, -1):
        joined = _joined([*mail[:taken], *own], site)
        if _size(joined, site) <= LIMIT:
            return joined, taken
    alone = [*mail[:least], *own]
    return (_shortened(_joined(alone, site), site), least) if alone else (None, 0)


def _joined(pieces: Sequence[Reply], site: str) -> Reply:
    """The last piece with the text of the others before it; one footer is enough."""
    *earlier, last = pieces
    before = [shown(replace(piece, footer=""), site) for piece in earlier]
    text = "\n\n".join(part for part in (*before, last.text) if part)
    return replace(last, text=text)


def _size(reply: Reply, site: str) -> int:
    return len(shown(reply, site).encode())


def _shortened(reply: Reply, site: str) -> Reply:
    """Cut until it fits: a link whose label is cut off moves to a line of its own, and is longer
    there."""
    text = legal(reply.text)
    while (excess := _size(replace(reply, text=text), site) - LIMIT) > 0 and text not in (
        "",
        _MORE,
    ):
        text = cut(text, len(text.encode()) - excess)
    return replace(reply, text=text)


def cut(text: str, limit: int = LIMIT) -> str:
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
