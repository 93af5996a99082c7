"""The calls of the platform's API, each for an account whose token was checked."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request, Response, jsonify
from flask.typing import ResponseReturnValue

from bot.simulator.account import Account
from bot.simulator.errcodes import ApiFault
from bot.simulator.filled_sends import FilledSends
from bot.simulator.mass_sends import MassSends
from bot.simulator.media import LIMITS, media_type
from bot.simulator.sends import CustomSends, parse
from bot.simulator.settings import Sort

OK = {"errcode": 0, "errmsg": "ok"}
CALLBACK_IPS = ("127.0.0.1",)


@dataclass(frozen=True, slots=True)
class Desks:
    """Who takes an account's calls. `result`: what becomes of a message that is accepted now."""

    account: Account
    custom: CustomSends
    filled: FilledSends
    masses: MassSends
    result: str = "success"


Call = Callable[[Desks, Request], ResponseReturnValue]


@dataclass(frozen=True, slots=True)
class Route:
    """One call: its path, how it is asked, who may ask it, and whether a token is needed."""

    path: str
    method: str
    call: Call
    sorts: tuple[Sort, ...] = ("official", "mini")
    needs_token: bool = True

    @property
    def address(self) -> str:
        """Most calls stand under /cgi-bin."""
        return f"/{self.path}" if self.path.startswith(("sns/", "wxa")) else f"/cgi-bin/{self.path}"


def know(account: Account, asked: Mapping[str, Any], grant: str) -> None:
    """Check app id and secret of a call that brings no token. Raises `ApiFault`."""
    if asked.get("grant_type") != grant:
        raise ApiFault(40002)
    for name, right, missing, wrong in (
        ("appid", account.config.app_id, 41002, 40013),
        ("secret", account.config.app_secret, 41004, 40125),
    ):
        given = str(asked.get(name) or "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
            raise ApiFault(wrong if given else missing)


def _token(desks: Desks, asked: Request) -> ResponseReturnValue:
    know(desks.account, asked.args, "client_credential")
    desks.account.quotas.take("token")
    return jsonify(desks.account.tokens.plain())


def _stable_token(desks: Desks, asked: Request) -> ResponseReturnValue:
    body = parse(asked.get_data())
    know(desks.account, body, "client_credential")
    desks.account.quotas.take("stable_token")
    return jsonify(desks.account.tokens.stable(body.get("force_refresh") is True))


def _clear_quota(desks: Desks, asked: Request) -> ResponseReturnValue:
    if parse(asked.get_data()).get("appid") != desks.account.config.app_id:
        raise ApiFault(40013)
    desks.account.quotas.clear()
    return jsonify(OK)


def _callback_ips(_: Desks, __: Request) -> ResponseReturnValue:
    return jsonify(ip_list=list(CALLBACK_IPS))


# --- messages ---------------------------------------------------------------------------------


def _custom_send(desks: Desks, asked: Request) -> ResponseReturnValue:
    desks.custom.send(asked.get_data())
    return jsonify(OK)


def _typing(desks: Desks, asked: Request) -> ResponseReturnValue:
    desks.custom.typing(asked.get_data())
    return jsonify(OK)


def _template_send(desks: Desks, asked: Request) -> ResponseReturnValue:
    return jsonify(desks.filled.template(asked.get_data(), desks.result))


def _subscription_send(desks: Desks, asked: Request) -> ResponseReturnValue:
    return jsonify(desks.filled.subscription(asked.get_data(), desks.result))


def _mass_send(desks: Desks, asked: Request) -> ResponseReturnValue:
    result = "send success" if desks.result == "success" else "send fail"
    return jsonify(desks.masses.send(asked.get_data(), result))


def _mass_get(desks: Desks, asked: Request) -> ResponseReturnValue:
    return jsonify(desks.masses.get(asked.get_data()))


def _mass_delete(desks: Desks, asked: Request) -> ResponseReturnValue:
    return jsonify(desks.masses.delete(asked.get_data()))


def _templates(desks: Desks, _: Request) -> ResponseReturnValue:
    return jsonify(desks.account.templates.private())


def _subscriptions(desks: Desks, _: Request) -> ResponseReturnValue:
    return jsonify(desks.account.templates.subscriptions())


# --- media ------------------------------------------------------------------------------------


def _upload(desks: Desks, asked: Request) -> ResponseReturnValue:
    kind, file = asked.args.get("type", ""), asked.files.get("media")
    if kind not in LIMITS:
        raise ApiFault(40004)
    if file is None or not file.filename:
        raise ApiFault(41005)
    limit = LIMITS[kind]
    body = file.read(limit.most + 1)
    found = media_type(body)
    if not body:
        raise ApiFault(44001)
    if found not in limit.types:
        raise ApiFault(40004)
    if len(body) > limit.most:
        raise ApiFault(limit.too_large)
    media_id, at = desks.account.media.put(body, kind, str(found))
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return jsonify({"type": kind, name: media_id, "created_at": int(at)})


def _download(desks: Desks, asked: Request) -> ResponseReturnValue:
    media_id = asked.args.get("media_id", "")
    medium = desks.account.media.get(media_id)
    if medium is None:
        raise ApiFault(40007)
    if medium.kind == "video":
        return jsonify(video_url=f"{asked.host_url}simulator/media/{media_id}")
    name = f'attachment; filename="media.{medium.type.partition("/")[2]}"'
    return Response(medium.body, mimetype=medium.type, headers={"Content-Disposition": name})


# --- menu -------------------------------------------------------------------------------------


def _menu_create(desks: Desks, asked: Request) -> ResponseReturnValue:
    desks.account.menus.create(parse(asked.get_data()))
    return jsonify(OK)


def _menu_get(desks: Desks, _: Request) -> ResponseReturnValue:
    buttons = desks.account.menus.get()
    if buttons is None:
        raise ApiFault(46003)
    return jsonify(menu={"button": buttons})


def _menu_delete(desks: Desks, _: Request) -> ResponseReturnValue:
    desks.account.menus.delete()
    return jsonify(OK)


# --- pages and the mini program ---------------------------------------------------------------


def _ticket(desks: Desks, asked: Request) -> ResponseReturnValue:
    return jsonify({**OK, **desks.account.tickets.get(asked.args.get("type"))})


def _session(desks: Desks, asked: Request) -> ResponseReturnValue:
    know(desks.account, asked.args, "authorization_code")
    return jsonify(desks.account.logins.session(asked.args.get("js_code")))


def _phone(desks: Desks, asked: Request) -> ResponseReturnValue:
    body = parse(asked.get_data())
    told = desks.account.logins.phone(body.get("code"), body.get("openid"))
    return jsonify({**OK, "phone_info": told})


_OFFICIAL: tuple[Sort, ...] = ("official",)
_MINI: tuple[Sort, ...] = ("mini",)

ROUTES = (
    Route("token", "GET", _token, needs_token=False),
    Route("stable_token", "POST", _stable_token, needs_token=False),
    Route("clear_quota", "POST", _clear_quota),
    Route("getcallbackip", "GET", _callback_ips),
    Route("get_api_domain_ip", "GET", _callback_ips),
    Route("message/custom/send", "POST", _custom_send),
    Route("message/custom/typing", "POST", _typing),
    Route("message/template/send", "POST", _template_send, _OFFICIAL),
    Route("message/mass/send", "POST", _mass_send, _OFFICIAL),
    Route("message/mass/get", "POST", _mass_get, _OFFICIAL),
    Route("message/mass/delete", "POST", _mass_delete, _OFFICIAL),
    Route("message/subscribe/bizsend", "POST", _subscription_send, _OFFICIAL),
    Route("message/subscribe/send", "POST", _subscription_send, _MINI),
    Route("template/get_all_private_template", "GET", _templates, _OFFICIAL),
    Route("wxaapi/newtmpl/gettemplate", "GET", _subscriptions),
    Route("media/upload", "POST", _upload),
    Route("media/get", "GET", _download),
    Route("menu/create", "POST", _menu_create, _OFFICIAL),
    Route("menu/get", "GET", _menu_get, _OFFICIAL),
    Route("menu/delete", "GET", _menu_delete, _OFFICIAL),
    Route("ticket/getticket", "GET", _ticket, _OFFICIAL),
    Route("sns/jscode2session", "GET", _session, _MINI, needs_token=False),
    Route("wxa/business/getuserphonenumber", "POST", _phone, _MINI),
)

PATHS = frozenset(route.path for route in ROUTES)
SENDS = frozenset(
    path for path in PATHS if path.startswith("message/") and path.endswith(("/send", "/bizsend"))
)
"""These are counted by `SendLog`."""

AS_TEXT = frozenset(
    {"message/custom/typing", "ticket/getticket", "wxa/business/getuserphonenumber"}
)
"""These give their errcode as text, as some of the platform's calls do."""

PLAIN = frozenset({"sns/jscode2session"})
"""These say text/plain of their JSON."""
