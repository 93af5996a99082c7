"""Fixtures shared by every test: real servers, started once per test process."""

from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent

# A crowded machine is slow, not wrong.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

UNTRACED = frozenset({
    "benchmarks/test_fuzz_cases.py",
    "bot/channels/alipay/test_mutated_messages.py",
    "bot/channels/wechat/test_hostile_pushes.py",
    "bot/channels/wechat/test_mutated_pushes.py",
    "bot/dialogue/test_intents.py",
    "browser/test_card_in_the_phone.py",
    "end_to_end/test_changes_of_mind.py",
    "end_to_end/test_clickable_options.py",
    "end_to_end/test_every_question.py",
    "end_to_end/test_photos.py",
    "end_to_end/test_transcripts.py",
})  # fmt: skip
"""They pass the same lines by the thousand; counted for the coverage they take up to five times as
long, and cover hardly a line that no other test does (97.2 % of all before, 96.9 after)."""

pytest_plugins = ["tests.redis_server", "tests.postgres_server", "tests.log_search"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-transcripts",
        action="store_true",
        help="write what the bot says today into tests/transcripts, to be read in review",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """pytest-cov looks away while these run."""
    for item in items:
        if item.path.relative_to(TESTS).as_posix() in UNTRACED:
            item.add_marker("no_cover")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a line that the browser's tests were skipped: a skip is easily overlooked."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "no browser here" in report.longrepr[2]
    }
    for reason in reasons:
        terminalreporter.write_line(f"The phone page was not tested. {reason}", yellow=True)
