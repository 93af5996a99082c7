"""Fixtures shared by every test: real servers, started once per test process."""

import pytest
from hypothesis import settings

# A crowded machine is slow, not wrong.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

pytest_plugins = ["tests.redis_server", "tests.postgres_server", "tests.log_search"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-transcripts",
        action="store_true",
        help="write what the bot says today into tests/transcripts, to be read in review",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a line that the browser's tests were skipped: a skip is easily overlooked."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "no browser here" in report.longrepr[2]
    }
    for reason in reasons:
        terminalreporter.write_line(f"The phone page was not tested. {reason}", yellow=True)
