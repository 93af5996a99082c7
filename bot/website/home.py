"""`/`: what the service is, its six steps, the ways to it, and what to have at hand."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, abort

from bot.website.qr import qr_svg
from bot.website.site import Website
from config.city import City


def home_views(website: Website) -> Blueprint:
    """The page, and the QR codes that open a chat with us."""
    views = Blueprint("home", __name__, template_folder="templates")
    codes = chat_codes(website.parts.city)

    @views.get("/")
    def home() -> str:
        return website.pages.render("home.html", codes=codes)

    @views.get("/qr/<channel>.svg")
    def code(channel: str) -> Response:
        """The code that opens a chat with us, by a phone's camera."""
        if channel not in codes:
            abort(404)
        return Response(qr_svg(codes[channel]), mimetype="image/svg+xml")

    return views


def chat_codes(city: City) -> Mapping[str, str]:
    """What the codes of the city's accounts hold, by channel; one without a code has none."""
    found = {"wechat": city.website.wechat_code, "alipay": city.website.alipay_code}
    return {channel: address for channel, address in found.items() if address}
