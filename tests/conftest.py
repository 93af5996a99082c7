"""Fixtures shared by every test: real servers, started once per test process."""

import pytest

pytest_plugins = ["tests.redis_server", "tests.postgres_server"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-transcripts",
        action="store_true",
        help="write what the bot says today into tests/transcripts, to be read in review",
    )
