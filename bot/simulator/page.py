"""The phone page, its media, and the drawn pictures that can be sent from it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from bot.simulator.account import AllMedia
from bot.simulator.cast import Cast
from bot.simulator.settings import SimulatorConfig


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
        return render_template("simulator.html", title=config.title)

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
