"""Who a mini program's visitor is: the two calls that change a code for what it stands for.

A code serves once. When a call fails, whatever the reason, the client gets a new one: the same one
is never tried again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.channels.wechat.answers import text_of
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.hardened import JSON_LIMIT
from bot.channels.wechat.transport import PLATFORM


@dataclass(frozen=True, slots=True)
class Login:
    """A visitor as the platform knows them; `union_id` is "" where no platform account joins the
    apps. `session_key` never leaves the server."""

    openid: str = field(repr=False)
    session_key: str = field(repr=False)
    union_id: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """The number bound to the visitor's WeChat: without its country's code, and that code."""

    number: str = field(repr=False)
    country: str


def log_in(client: PlatformClient, code: str) -> Login:
    """The visitor of a code from `wx.login`. Raises PlatformError: LOGIN for a code that is bad,
    used or of a visitor at risk. No access token is spent; the secret stands in the query, so the
    address is never logged."""
    query = {
        "appid": client.appid,
        "secret": client.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    told = client.call_without_token("get", f"{PLATFORM}/sns/jscode2session", JSON_LIMIT, query)
    union = told.get("unionid")
    return Login(
        text_of(told, "openid"),
        text_of(told, "session_key"),
        union if isinstance(union, str) else "",
    )


def phone_number(client: PlatformClient, code: str, openid: str = "") -> PhoneNumber:
    """The number of a code from the button `getPhoneNumber`. Raises PlatformError: LOGIN for a
    code that is bad, used, of the other kind or of another app."""
    asked = {"code": code, **({"openid": openid} if openid else {})}
    told = client.post("wxa/business/getuserphonenumber", data=asked, api_base_url=f"{PLATFORM}/")
    known = told.get("phone_info")
    mark = known.get("watermark") if isinstance(known, dict) else None
    if not isinstance(mark, dict) or mark.get("appid") != client.appid:
        raise PlatformError(Kind.LOGIN, "a number of another app")
    return PhoneNumber(text_of(known, "purePhoneNumber"), str(known.get("countryCode") or ""))
