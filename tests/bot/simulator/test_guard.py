"""The simulator is for this machine, or for who has the token; never for another site's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from bot.simulator.app import create_simulator
from bot.simulator.server import ExposedSimulator, RunningSimulator, serve
from bot.simulator.settings import SimulatorConfig
from tests.bot.simulator.account import SECRET
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import Webhook

Run = Callable[..., RunningSimulator]
PAGE = "/simulator"


def get(url: str, path: str = PAGE, **headers: str) -> int:
    return requests.get(url + path, headers=headers, timeout=5, allow_redirects=False).status_code


def test_the_root_tells_that_this_is_the_simulator(run: Run) -> None:
    assert requests.get(run().url, timeout=5).json() == {"simulator": "shebaoka"}


def test_without_a_token_another_host_or_origin_is_refused(run: Run) -> None:
    url = run().url
    assert get(url) == 200
    assert get(url, Host="evil.example") == 403
    assert get(url, Origin="http://evil.example") == 403
    assert get(url, Origin="null") == 403
    assert get(url, Origin=url) == 200


def test_without_a_token_another_machine_is_refused(run: Run, tmp_path: object) -> None:
    app = create_simulator(_config(run))
    client = app.test_client()
    assert client.get(PAGE, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403
    assert client.get(PAGE).status_code == 200
    app.extensions["simulator"].stop()


def _config(run: Run) -> SimulatorConfig:
    return run()._running.config


def test_listening_beyond_this_machine_needs_a_token(run: Run) -> None:
    with pytest.raises(ExposedSimulator):
        serve("0.0.0.0", 0, _config(run))  # noqa: S104


def test_with_a_token_nothing_is_shown_without_it(run: Run) -> None:
    url = run(simulator_token="open-sesame").url
    for path in (PAGE, "/simulator/api/sms/13900001234", "/simulator/static/page.js"):
        assert get(url, path) == 401
        assert get(url, path, Authorization="Bearer wrong") == 401
        assert get(url, path, Authorization="Bearer open-sesame") == 200
    assert get(url, f"{PAGE}?token=wrong") == 401


def test_the_token_in_the_address_becomes_a_cookie(run: Run) -> None:
    session = requests.Session()
    url = run(simulator_token="open-sesame").url
    page = session.get(f"{url}{PAGE}?token=open-sesame", timeout=5)
    assert (page.status_code, page.url) == (200, url + PAGE)
    assert "HttpOnly" in page.history[0].headers["Set-Cookie"]
    assert session.get(f"{url}/simulator/api/cast", timeout=5).status_code == 200


def test_pages_forbid_foreign_scripts(run: Run) -> None:
    policy = requests.get(run().url + PAGE, timeout=5).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_secrets_stay_out_of_repr(run: Run) -> None:
    assert SECRET not in repr(_config(run))


def test_a_wrong_openid_is_refused(phone: Phone, webhook: Webhook) -> None:
    phone.openid = "a.b"
    assert requests.post(phone.url, json={"text": "x"}, timeout=5).status_code == 400
    assert webhook.pushes == []
