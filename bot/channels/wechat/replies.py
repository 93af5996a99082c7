"""A `Reply` as the text of one WeChat message: what it says, and what one message can hold."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels import fitting
from bot.channels.characters import legal
from bot.channels.wechat.choices import linked_lines, plain_lines
from bot.dialogue.messages import Link, Reply

LIMIT = 2048
"""Bytes of UTF-8 in one text. Undocumented, measured by many; above it the person is told that
the service has broken down."""

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
    """See `fitting.fit`. What is measured is the plain form: links of options need more room, and
    are only made where there is."""
    return fitting.fit(reply, mail, lambda one: shown(one, site), LIMIT)


def cut(text: str, limit: int = LIMIT) -> str:
    """See `fitting.cut`."""
    return fitting.cut(text, limit)
