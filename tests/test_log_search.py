"""The search of every test's output finds what it must, says where, and lets the rest pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
NAME, NUMBER, PHONE = "陈国强", "119999199003070019", "13900001234"
INVENTED = "119999198001011234"  # in no register
LEAKING = f"""
import json, logging, os, subprocess, sys
import pytest

@pytest.fixture
def chatty():
    print("for {NAME}")

def test_printed():
    print("paid by {PHONE}")

def test_escaped():
    print(json.dumps({{"name": "{NAME}"}}), file=sys.stderr)

def test_logged():
    logging.getLogger("a.library").warning("no such person: %s", "{INVENTED}")

def test_of_a_child():
    subprocess.run([sys.executable, "-c", "print('to {NUMBER}')"], check=True)

def test_of_a_fixture(chatty):
    pass

def test_that_fails_anyway():
    print("{PHONE}")
    assert 0
"""
CLEAN = f"""
import pytest

def test_masked():
    print("陈*强 119***********0019 139****1234, as in 13900000000")

@pytest.mark.prints_personal_data("the officer's view shows it")
def test_on_purpose():
    print("{NAME} {NUMBER} {PHONE}")
"""
A_LOG = f"""
def test_with_a_server(tmp_path):
    (tmp_path / "web.log").write_text("served\\nserved {PHONE}\\n")
"""
OF_A_CHILD = ("test_of_a_child", "Captured stdout call, line 1: an ID number")
FOUND = [
    ("test_printed", "Captured stdout call, line 1: a phone (utf-8): paid by [a phone"),
    ("test_escaped", "Captured stderr call, line 1: a name (json)"),
    ("test_logged", "Captured log call, line 1: an ID number: "),
    OF_A_CHILD,
    ("test_of_a_fixture", "Captured stdout setup, line 1: a name (utf-8): for [a name"),
    ("test_that_fails_anyway", "Captured stdout call, line 1: a phone (utf-8)"),
]
PERSONAL = [NAME, json.dumps(NAME)[1:-1], NUMBER, PHONE, INVENTED]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini(
        "[pytest]\nmarkers = prints_personal_data(why): x\naddopts = -p tests.log_search"
    )
    yield pytester
    for page in pytester.path.rglob("*.log"):  # lies below this run's own folder, too
        page.unlink()


def told(ran: pytest.RunResult) -> str:
    """What a run showed, apart from the source code of the tests, which quotes the data."""
    return ran.stdout.str() + ran.stderr.str()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_leak_fails_its_test_and_is_told_by_its_place_alone(
    run: pytest.Pytester, workers: str
) -> None:
    run.makepyfile(test_leaking=LEAKING)
    ran = run.runpytest_subprocess("-n", workers, "--tb=short", "-rA")
    said = told(ran)
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    ran.assert_outcomes(failed=5, errors=1)
    for name, where in FOUND:
        assert f"test_leaking.py::{name} wrote personal data" in said
        assert where in said
    assert [datum for datum in PERSONAL if datum in said] == []


def test_what_is_masked_or_printed_on_purpose_passes(run: pytest.Pytester) -> None:
    run.makepyfile(test_clean=CLEAN)
    ran = run.runpytest_subprocess()
    assert ran.ret == pytest.ExitCode.OK
    ran.assert_outcomes(passed=2)


def test_a_log_file_below_the_tests_folders_is_searched(run: pytest.Pytester) -> None:
    run.makepyfile(test_serving=A_LOG)
    ran = run.runpytest_subprocess()
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    assert "test_with_a_server0/web.log, line 2: a phone (utf-8)" in told(ran)
    assert PHONE not in told(ran)


def test_printing_on_purpose_needs_a_reason(run: pytest.Pytester) -> None:
    run.makepyfile(test_clean=CLEAN.replace('("the officer\'s view shows it")', ""))
    ran = run.runpytest_subprocess()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "needs a sentence that says why" in told(ran)
