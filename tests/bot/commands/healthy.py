"""A world in which nothing is wrong: the platform's API, and a site that answers its echo."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

from tests.bot.channels.wechat.platform import Platform, running

TOKEN = "token123"  # of `given.give`


def echo(handler: Any) -> None:
    """As the webhook answers the platform's GET."""
    query = handler.platform.calls[-1].query
    signed = "".join(sorted([TOKEN, query["timestamp"], query["nonce"]]))
    good = hashlib.sha1(signed.encode()).hexdigest() == query["signature"]  # noqa: S324
    handler.write(query["echostr"].encode() if good else b"", "text/plain", 200 if good else 403)


@contextmanager
def world(**said: Any) -> Iterator[Platform]:
    """Both at one address. `said`: answers of the platform, by the last word of their path."""
    with running() as platform:
        for path in ("getcallbackip", "get_api_domain_ip"):
            platform.says(f"/cgi-bin/{path}", {"ip_list": ["192.0.2.1"]})
        platform.says("/cgi-bin/template/get_all_private_template", {"template_list": []})
        platform.says("/wxaapi/newtmpl/gettemplate", {"data": []})
        platform.says("/wechat", echo)
        for path, answer in said.items():
            platform.says(f"/cgi-bin/{path}", answer)
        yield platform


def dated(seconds: float, **answer: Any) -> Any:
    """An answer whose `Date` is that time of the epoch."""

    def tell(handler: Any) -> None:
        handler.date_time_string = lambda timestamp=None: formatdate(seconds, usegmt=True)
        handler.write(json.dumps(answer).encode(), "application/json")

    return tell
