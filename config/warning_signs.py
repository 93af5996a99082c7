"""By what a message gives itself away that pretends to be ours: what we never ask for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,18}(?![a-z0-9-])(?::\d+)?(?:/[^\s，。；、“”]*)?"
)
_NEVER_ASKED = re.compile(
    "密码|转账|汇款|打款|付款|缴款|保证金|手续费|工本费|解冻费|银行卡号|卡号|安全账户|cvv|"
    "屏幕共享|共享屏幕|远程协助|(?:告诉|提供|发给|发送|回复|报|输入|填写).{0,6}验证码|"
    "验证码.{0,6}(?:告诉|提供|发给|报给)|加.{0,4}(?:微信|qq|群)|"
    r"\bpin\b|password|transfer|deposit|card number|security code|\bfees?\b|\bpay(?:ment)?\b|"
    "(?:send|tell|give|reply).{0,20}code"
)


def asks_for_what_we_never_ask(text: str) -> bool:
    """Whether a message wants a secret, money or the screen. Ours say they do not: ask only of
    what is not worded as ours."""
    return _NEVER_ASKED.search(_folded(text)) is not None


def foreign_links(text: str, own_host: str) -> list[str]:
    """The hosts that a message links to and that are not ours, each once."""
    return list(dict.fromkeys(h for h in _hosts(text) if h != own_host))


def _hosts(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(_folded(text)):
        address = found.group()
        with_scheme = address if "://" in address else f"//{address}"
        try:
            host = urlsplit(with_scheme).hostname
        except ValueError:
            continue
        if host:
            yield host


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
