"""No test's output or log may hold a personal datum of the invented residents.

What a test wrote to standard output, standard error and the log, in its own process or a child's,
is searched when each of its phases ends: a find fails the test, and the report says where it was
found, never what. At the end the log files below the tests' folders are searched too, for the
demo's children write into such. Not seen: what a test read from a child's pipe itself, and
anything under `-s`.

A test that prints such data on purpose says so and why: `@pytest.mark.prints_personal_data("...")`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.privacy.needles import spellings

MARKER = "prints_personal_data"
RESIDENTS = Path(__file__).parent.parent / "bot" / "simulator" / "residents.toml"
FIELDS = {
    "name": "a name",
    "id_number": "an ID number",
    "phone_on_file": "a phone",
    "id_address": "an address",
}
SAID_IN_TESTS = {  # what the tests' people say of themselves beside the register
    "陈国庆": "a name",
    "田𠮷": "a name",
    "和平路18号": "an address",
    "团结街8号": "an address",
    "华云建筑劳务公司": "an employer",
    "云海物流公司": "an employer",
    "江岭省石桥县": "an address",
}
SHORTEST = 8  # characters of a spelling in ASCII
NUMBERS = (
    re.compile(  # any that the tests make up: region 119999, and phones but the texts' example
        r"(?<!\d)(?:(?P<id>119999\d{11}[\dXx])|(?P<phone>1390000(?!0000)\d{4}))(?!\d)"
    )
)


@cache
def needles() -> dict[str, str]:
    """Every spelling that text can have of every datum, and what it is."""
    rows = tomllib.loads(RESIDENTS.read_text("utf-8"))["residents"]
    data = {row[key]: what for row in rows for key, what in FIELDS.items() if row[key]}
    found: dict[str, str] = {}
    for datum, what in (data | SAID_IN_TESTS).items():
        for how, spelled in spellings(datum):
            found.setdefault(_as_text(spelled), f"{what} ({how})")  # digits look alike in many
    found.pop("")
    return found


def _as_text(spelled: bytes) -> str:
    """Captured output is text: what is no UTF-8 cannot stand in it. "" too for a few letters and
    digits (two Chinese characters in base64 are four), which stand anywhere by chance."""
    try:
        text = spelled.decode()
    except UnicodeDecodeError:
        return ""
    return "" if text.isascii() and len(text) < SHORTEST else text


def finds(text: str) -> Iterator[tuple[int, str]]:
    """Line number and kind of every personal datum in the text."""
    for spelled, what in needles().items():
        if (at := text.find(spelled)) >= 0:
            yield text.count("\n", 0, at) + 1, what
    for match in NUMBERS.finditer(text):
        if match.group() not in needles():
            what = "an ID number" if match["id"] else "a phone"
            yield text.count("\n", 0, match.start()) + 1, what


def without(text: str) -> str:
    """The text with every personal datum blacked out."""
    for spelled, what in needles().items():
        text = text.replace(spelled, f"[{what}]")
    return NUMBERS.sub("[a number]", text)


def told(where: str, text: str) -> str:
    """Where a text holds what, with each line around it; "" where it holds nothing."""
    lines = without(text).splitlines()
    return "\n".join(
        f"{where}, line {number}: {what}: {lines[number - 1][:200]}"
        for number, what in sorted(set(finds(text)))
    )


# --- the hooks ---------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that may print personal data must say why."""
    for item in items:
        marker = item.get_closest_marker(MARKER)
        if marker and not (marker.args and isinstance(marker.args[0], str)):
            raise pytest.UsageError(f"{item.nodeid}: {MARKER} needs a sentence that says why")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Search what the phase that ended has written; the find is the phase's failure."""
    report: pytest.TestReport = yield
    if not report.sections or item.get_closest_marker(MARKER):
        return report
    written = [(title, text) for title, text in report.sections if title.endswith(report.when)]
    leaks = "\n".join(filter(None, (told(title, text) for title, text in written)))
    if leaks:
        _fail(report, f"{item.nodeid} wrote personal data ({MARKER} is for what must):\n{leaks}")
    report.sections = [(title, without(text)) for title, text in report.sections]
    return report


def _fail(report: pytest.TestReport, why: str) -> None:
    if report.failed:
        report.sections.append(("Personal data", why))
    else:
        report.outcome, report.longrepr = "failed", why


@pytest.fixture(scope="session", autouse=True)
def log_files_hold_nothing_personal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Search the log files that the tests' programs have left, once all have ended."""
    yield
    folder = tmp_path_factory.getbasetemp()
    pages = {page.relative_to(folder): page.read_text("utf-8", "replace") for page in _logs(folder)}
    leaks = "\n".join(filter(None, (told(str(name), text) for name, text in pages.items())))
    if leaks:
        pytest.fail(f"log files hold personal data:\n{leaks}", pytrace=False)


def _logs(folder: Path) -> list[Path]:
    return [page for page in folder.rglob("*.log") if page.is_file()]
