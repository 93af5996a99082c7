"""The phone page, its media, and the drawn pictures that can be sent from it."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    render_template,
    request,
    send_from_directory,
)
from flask.typing import ResponseReturnValue

from bot.simulator.account import AllMedia
from bot.simulator.cast import Cast
from bot.simulator.settings import SimulatorConfig

SCENES = (("apply", "办卡"), ("progress", "查进度"), ("branch-CCB-01", "建设银行城东支行"))
"""Codes to scan: their scenes as the shipped city knows them, and what is printed below them."""


def page(config: SimulatorConfig, media: AllMedia, cast: Cast) -> Blueprint:
    """The blueprint under `/simulator`."""
    views = Blueprint(
        "page",
        __name__,
        url_prefix="/simulator",
        static_folder="static",
        static_url_path="/static",
        template_folder="templates",
    )

    @views.get("/", strict_slashes=False)
    def phone() -> ResponseReturnValue:
        making = config.card_making is not None
        return render_template("simulator.html", scenes=SCENES, making=making, **_titles(config))

    @views.get("/both")
    def both() -> ResponseReturnValue:
        """WeChat's and Alipay's phone beside each other; each is the page above in a frame."""
        return render_template("both.html", user=request.args.get("user"), **_titles(config))

    @views.get("/jssdk.js")
    def jssdk() -> ResponseReturnValue:
        """The stand-in for the platform's script, for pages that stand in the phone."""
        return send_from_directory(f"{views.root_path}/static", "jssdk.js", max_age=0)

    @views.get("/api/phone")
    def known() -> ResponseReturnValue:
        """What the phone knows of the accounts: how templates are called, whether there is a mini
        program."""
        titles = {t.id: t.title for t in config.templates if t.sort == "subscription"}
        mini = config.mini is not None
        return jsonify(subscriptions=titles, mini=mini, alipay=_alipay(config))

    @views.get("/media/<media_id>")
    def medium(media_id: str) -> ResponseReturnValue:
        found = media.get(media_id, expired_too=True)
        if found is None or not found.type.startswith("image/"):
            abort(404)
        return Response(found.body, mimetype=found.type)

    @views.get("/api/cast")
    def offered() -> ResponseReturnValue:
        return jsonify(cast.offered())

    @views.get("/pictures/<name>")
    def picture(name: str) -> ResponseReturnValue:
        return send_from_directory(config.pictures, name, max_age=3600)

    return views


def _titles(config: SimulatorConfig) -> dict[str, str]:
    """What the accounts are called on the phones."""
    return {"title": config.title, "life_title": config.alipay.title if config.alipay else ""}


def _alipay(config: SimulatorConfig) -> dict[str, Any] | None:
    """What can be subscribed to in the mini program at Alipay, and in which of the apps; None
    without a life account there."""
    program = config.alipay_mini or config.alipay
    if config.alipay is None or program is None:
        return None
    titles = {t.id: t.title for t in program.templates if t.sort == "mini"}
    return {"subscriptions": titles, "program": program.name}
