"""Serving the simulator: a process of its own, or a thread of a test."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

from flask import Flask
from werkzeug.http import http_date
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from bot.simulator.app import create_simulator
from bot.simulator.running import Running
from bot.simulator.settings import SimulatorConfig

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class ExposedSimulator(Exception):
    """The simulator was to listen beyond this machine without a token."""


class QuietHandler(WSGIRequestHandler):
    """Logs nothing: paths hold phone numbers and openids. A caller who hangs up has sent all there
    is: werkzeug reads what is left before it closes the answer, which a reset would leave open."""

    def setup(self) -> None:
        super().setup()
        self.rfile = _UntilReset(self.rfile.detach())

    def log(self, type: str, message: str, *args: object) -> None:
        pass

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not even put together: that costs as much as the call itself."""


class _UntilReset(io.BufferedReader):
    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size)
        except ConnectionError:
            return b""


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulator in a thread. `url` has no slash at its end."""

    url: str
    _server: BaseWSGIServer
    _thread: threading.Thread
    _running: Running

    def point_at(self, webhook: str) -> None:
        """Push to this service from now on: its port may be known later than ours."""
        self._running.point_at(webhook)

    def stop(self) -> None:
        """Stop listening and close the files."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._running.stop()


def serve(host: str, port: int, config: SimulatorConfig) -> None:
    """Serve until the process ends. Raises `ExposedSimulator`."""
    _server(host, port, create_simulator(config), config).serve_forever()


def start(config: SimulatorConfig, host: str = "127.0.0.1", port: int = 0) -> RunningSimulator:
    """Serve in a thread, by default at any free port."""
    app = create_simulator(config)
    server = _server(host, port, app, config)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    url = f"http://{host}:{server.server_port}"
    return RunningSimulator(url, server, thread, app.extensions["simulator"])


def _server(host: str, port: int, app: Flask, config: SimulatorConfig) -> BaseWSGIServer:
    if host not in _LOOPBACK and not config.simulator_token:
        raise ExposedSimulator("beyond this machine the simulator needs a token")

    class Handler(QuietHandler):
        """Answers tell the time there: where days are added, the service must not take it for a
        clock that goes wrong."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return http_date(config.clock())

    return make_server(host, port, app, threaded=True, request_handler=Handler)
