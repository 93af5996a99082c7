"""The demo's site: production's application, and the way from `/simulator` to the simulator.

The route exists here only; what `shebaoka serve` runs has none of it.
"""

from __future__ import annotations

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from bot.demo.sources import demo_sources
from bot.serving import serve
from config.settings import Settings, load_settings

METHODS = ("GET", "POST", "PUT", "DELETE")


def application(threads: int) -> Flask:
    """What a worker of the demo's site runs, with the settings of its environment."""
    from bot.app import create_app
    from bot.demo.staff import keep_demo_staff

    settings = load_settings()

    def finish(app: Flask) -> Flask:
        parts = app.extensions["shebaoka"]
        keep_demo_staff(
            settings.data_dir, parts.database, parts.keys, parts.city, parts.sources.clock()
        )
        return with_simulator(app, settings)

    return create_app(settings, demo_sources(settings), threads=threads, finish=finish)


def with_simulator(app: Flask, settings: Settings) -> Flask:
    """Send `/simulator…` to the simulator's own port by 307, path and query kept."""
    port = settings.simulator_port

    def to_simulator(rest: str = "") -> Response:
        host = request.host.rsplit(":", 1)[0] if settings.simulator_token else "127.0.0.1"
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(f"http://{host}:{port}{request.path}{query}", code=307)

    for rule in ("/simulator", "/simulator/", "/simulator/<path:rest>"):
        app.add_url_rule(rule, "to_simulator", to_simulator, methods=METHODS)
    return app


def main() -> None:
    """Serve the demo's site in this process until told to stop."""
    settings = load_settings()
    serve("bot.demo.web:application", settings.host, settings.port)


if __name__ == "__main__":
    main()
