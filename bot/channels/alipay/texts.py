"""A `Reply` as the text of one customer-service message of a life account.

Nothing can be tapped there but an address: options are numbered lines, a link stands in full on a
line of its own.
"""

from __future__ import annotations

from bot.channels.characters import legal
from bot.dialogue.messages import Link, Reply


def shown(reply: Reply, site: str) -> str:
    """The whole message as text. `site` is the address before a link that is only a path."""
    options = (f"{option.key} {option.label}" for option in reply.options)
    links = (_line(link, site) for link in reply.links)
    lines = [reply.text, *options, reply.after, *links, reply.footer]
    return legal("\n".join(line for line in lines if line))


def _line(link: Link, site: str) -> str:
    whole = link.url.startswith(("https://", "http://", "alipays://"))
    url = link.url if whole else f"{site.rstrip('/')}/{link.url.lstrip('/')}"
    return f"{link.label}：{url}"
