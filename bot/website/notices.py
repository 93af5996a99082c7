"""`/notices`: what we would send in WeChat, and WeChat's own button to allow it.

A message that somebody subscribed to may be sent once for each time it was allowed, and WeChat
asks for it on a page only, never in a chat. The page knows nobody: what was allowed the platform
tells the webhook. Where WeChat gives the account no right to ask, the page says how to hear of
progress all the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, make_response, request

from bot.assembly import Assembly
from bot.website.hardening import POLICY
from bot.website.rendering import Pages

AT_ONCE = 3  # templates that one press of WeChat's button asks for
_log = structlog.get_logger(__name__)

Sign = Callable[[str, str, int], Mapping[str, object]]
"""An address, a nonce and the time in seconds → what `wx.config` wants; raises when WeChat gives
no ticket."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one button asks for: the ids, and in words what comes."""

    templates: str
    words: Sequence[str]


def notices_views(parts: Assembly, sign: Sign) -> Blueprint:
    """The page, over the templates that the city has."""
    views = Blueprint("notices", __name__, template_folder="templates")
    pages = Pages(parts)
    script = parts.settings.wechat_js_url

    @views.get("/notices")
    def notices() -> Response:
        groups = _groups(parts.city.wechat.subscriptions, pages.say)
        config = _signed(parts, sign) if groups else None
        body = pages.render("notices.html", groups=groups, config=config, script=script)
        answer = make_response(body)
        answer.headers["Content-Security-Policy"] = policy(script)
        answer.headers["Cache-Control"] = "no-store"  # a signature holds for minutes
        return answer

    return views


def policy(script: str) -> str:
    """The site's policy, with WeChat's script, and with the style that its button brings along."""
    parts = urlsplit(script)
    allowed = f"script-src 'self' {parts.scheme}://{parts.netloc}"
    return f"{POLICY.replace(_STYLE, _STYLE + _INLINE)}; {allowed}"


_STYLE, _INLINE = "style-src 'self'", " 'unsafe-inline'"


def _groups(ids: Mapping[str, str], say: Callable[..., str]) -> list[Group]:
    names = list(ids)
    batches = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    return [
        Group(
            ",".join(ids[name] for name in batch),
            [say(f"notices.wording.{name}") for name in batch],
        )
        for batch in batches
    ]


def _signed(parts: Assembly, sign: Sign) -> Mapping[str, object] | None:
    """What the page's script needs, or None where WeChat refuses or is away."""
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    url = f"{parts.settings.public_url.rstrip('/')}{request.path}{query}"
    try:
        return sign(url, secrets.token_hex(8), int(parts.sources.clock().timestamp()))
    except Exception as fault:  # whatever keeps WeChat from us, the page is still to be read
        _log.warning("page not signed", fault=type(fault).__name__, detail=str(fault))
        return None
