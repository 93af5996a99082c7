"""Options that a click sends, inside a text: `weixin://bizmsgmenu` links.

The platform's pages do not mention them, its users do: a click sends `msgmenucontent` as the
person's message, with `msgmenuid` beside it (test accounts leave that out). So the number stands
in the text as well, and what is sent says in words what was chosen.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.dialogue.clicks import click_key
from bot.dialogue.messages import Option, Reply

_ASIDE = re.compile(r"[ ]?[（(].*")
_MARKUP = re.compile(r"[<>]")


def plain_lines(reply: Reply) -> list[str]:
    """`1 办卡`, an option a line."""
    return [f"{option.key} {option.label}" for option in reply.options]


def linked_lines(reply: Reply) -> list[str]:
    """The same, each line a link; plain where no question's mark says what a click would mean."""
    if not reply.mark or any(_MARKUP.search(option.label) for option in reply.options):
        return plain_lines(reply)
    return [_link(reply, option) for option in reply.options]


def menu_of(reply: Reply) -> list[dict[str, str]]:
    """The rows of a `msgmenu`: what is shown is what a click sends."""
    return [
        {"id": click_key(reply.mark, option.key), "content": f"{option.key} {option.label}"}
        for option in reply.options
    ]


def said_by_click(option: Option) -> str:
    """The words a click sends: the label without its explanation in brackets."""
    return _ASIDE.sub("", option.label) or option.label


def _link(reply: Reply, option: Option) -> str:
    content = quote(said_by_click(option), safe="")
    address = f"weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid="
    return f'<a href="{address}{click_key(reply.mark, option.key)}">{option.key} {option.label}</a>'
