"""The address in the platform's console, asked as the platform asks: over HTTP, ours and others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from bot.channels.wechat.callback import callback
from bot.doctor.findings import Finding
from bot.simulator.server import QuietHandler
from tests.bot.channels.wechat.platform import Platform, hang_up, page, redirect, status
from tests.bot.site import Site
from tests.rig import TOKEN

_PATH = "/wechat"


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ours(tmp_path: Path, redis_url: str) -> Iterator[tuple[str, Site]]:
    """The service itself, listening."""
    site = Site(tmp_path, redis_url)
    server = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{_PATH}", site
    server.shutdown()
    thread.join()
    server.server_close()
    site.close()


def _looked(
    address: str, token: str = TOKEN, clock: Callable[[], datetime] = _now
) -> list[Finding]:
    """Without what is said of the port, which in a test is neither 80 nor 443."""
    port, *rest = callback(address, token, clock)
    assert (port.level, "80 and 443" in port.told) == ("warning", True)
    return rest


def test_the_service_answers_its_echo_and_nobody_elses(ours: tuple[str, Site]) -> None:
    address, site = ours
    (found,) = _looked(address, clock=site.clock)
    assert (found.level, found.remedy) == ("ok", "")


def test_another_token_is_told(ours: tuple[str, Site]) -> None:
    address, site = ours
    (found,) = _looked(address, "anothertoken", site.clock)
    assert (found.level, "SHEBAOKA_WECHAT_TOKEN" in found.remedy) == ("fault", True)


def _echo(handler: Any) -> None:
    """Says back what it is given, to whoever asks."""
    said = handler.platform.calls[-1].query["echostr"]
    handler.write(said.encode(), "text/plain")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (_echo, "answers whoever asks"),
        (page, "answers 200 and not the echo"),
        (status(404), "answers 404 and not the echo"),
        (status(502), "answers 502 and not the echo"),
        (redirect, "redirects, which the platform does not follow"),
        (hang_up, "ConnectionError"),
    ],
)
def test_what_the_platform_would_not_accept_is_a_fault_with_a_remedy(
    platform: Platform, answer: Any, told: str
) -> None:
    platform.says(_PATH, answer)
    (found,) = _looked(platform.address + _PATH)
    assert (found.level, told in found.told) == ("fault", True), found
    assert found.remedy
    assert TOKEN not in str(found)


def test_nobody_at_home_is_a_fault() -> None:
    (found,) = _looked("http://127.0.0.1:9/wechat")
    assert (found.level, "shebaoka serve" in found.remedy) == ("fault", True)


def test_a_usual_port_is_not_spoken_of() -> None:
    found = list(callback("http://127.0.0.1/wechat", TOKEN, _now))
    assert all("80 and 443" not in each.told for each in found)
