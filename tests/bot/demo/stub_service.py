"""A stand-in for the site and the simulator: it answers 200 and says who it is."""

from __future__ import annotations

import os
import sys

from flask import Flask, Response, jsonify

from bot.serving import serve


def application(threads: int) -> Flask:
    """Answers every path with its process and its settings."""
    app = Flask(__name__)

    @app.get("/")
    @app.get("/readyz")
    def who() -> Response:
        given = {k: v for k, v in os.environ.items() if k.startswith("SHEBAOKA_")}
        return jsonify(pid=os.getpid(), parent=os.getppid(), settings=given, threads=threads)

    return app


if __name__ == "__main__":
    serve("tests.bot.demo.stub_service:application", "127.0.0.1", int(sys.argv[1]))
