"""Fixtures shared by every test: real servers, started once per test process."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent

# A crowded machine is slow, not wrong.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

UNTRACED = (
    "benchmarks/",
    "bot/api/test_openapi.py",
    "bot/channels/alipay/test_mutated_messages.py",
    "bot/channels/wechat/test_hostile_pushes.py",
    "bot/channels/wechat/test_mutated_pushes.py",
    "bot/demo/",
    "bot/dialogue/test_intents.py",
    "bot/offices/test_reader.py",
    "bot/simulator/test_page",
    "bot/test_rooms.py",
    "bot/work/test_moving_drafts.py",
    "browser/",
    "end_to_end/",
    "handlers/test_every_channel.py",
    "models/handover/test_judging.py",
    "models/push/test_plans.py",
    "models/test_every_",
    "privacy/",
    "test_",
)
"""Where no lines are counted for the coverage: these pass the same ones by the thousand, or in
processes of their own, which takes up to four times as long and adds hardly a line that no other
test passes."""

LONGEST = (
    "benchmarks/test_soak_points.py",
    "bot/demo/test_conversation_goes_on.py",
    "end_to_end/test_push_deaths.py",
    "end_to_end/test_to_the_hand.py",
    "end_to_end/test_trouble_on_the_way.py",
)
"""Begun first: at the end one process would be busy with them and the others with nothing."""

_OBJECTS_BETWEEN_LOOKS = 20_000  # Python's own 700 are for programs a hundredth of our size

pytest_plugins = [
    "tests.redis_server",
    "tests.postgres_server",
    "tests.reading",
    "tests.log_search",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-transcripts",
        action="store_true",
        help="write what the bot says today into tests/transcripts, to be read in review",
    )


def _path(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).as_posix()


def _is_traced(item: pytest.Item) -> bool:
    path = _path(item)
    again = "[postgresql" in item.name  # the same lines on another database
    return not (again or path.startswith(UNTRACED) or path.endswith("_deaths.py"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _path(item) not in LONGEST)  # a stable sort


def pytest_collection_finish() -> None:
    """What was collected lives to the end: thousands of tests need not be looked through for
    garbage again and again, and a forked child need not copy their pages for it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, 10, 10)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """pytest-cov looks away while these run, from their first fixture on."""
    coverage = item.config.pluginmanager.getplugin("_cov")
    controller = getattr(coverage, "cov_controller", None)
    if controller is None or _is_traced(item):
        yield
        return
    controller.pause()
    yield
    controller.resume()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a line that the browser's tests were skipped: a skip is easily overlooked."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "no browser here" in report.longrepr[2]
    }
    for reason in reasons:
        terminalreporter.write_line(f"The phone page was not tested. {reason}", yellow=True)
