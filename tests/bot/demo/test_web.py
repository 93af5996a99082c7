"""In the demo `/simulator` leads to the simulator's port; production has no such route."""

from __future__ import annotations

import pytest
from flask import Flask

from bot.demo.web import METHODS, with_simulator
from config.settings import Settings


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "path", ["/simulator", "/simulator/", "/simulator/api/sms/13900001234?last=1&x=%E5%8A%9E"]
)
def test_path_query_and_method_are_kept(path: str, method: str) -> None:
    app = with_simulator(Flask("demo"), Settings(simulator_port=8123))
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"http://127.0.0.1:8123{path}"


def test_with_a_token_it_leads_to_the_host_that_was_asked() -> None:
    settings = Settings(simulator_port=8123, simulator_token="letmein")
    app = with_simulator(Flask("demo"), settings)
    answer = app.test_client().get("/simulator", headers={"Host": "demo.example:8000"})
    assert answer.headers["Location"] == "http://demo.example:8123/simulator"
