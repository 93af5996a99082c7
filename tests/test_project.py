"""About the project itself: its lists are complete, its rooms are apart, its targets explained."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PEERS = (ROOT / "benchmarks/requirements.lock").read_text("utf-8")
ROOMS = ("bot", "handlers", "models", "config", "tests", "benchmarks", "docs", "deploy")
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{17})([\dXx])(?![0-9A-Za-z])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# 119999 is nobody's region. The others are the examples of GB 11643 and of public descriptions of
# the permits; they belong to no one.
INVENTED_REGION = "119999"
PUBLISHED = {
    "11010519491231002X",
    "440524188001010014",
    "810000199408230021",
    "820000199101010018",
    "830000199201300022",
    "911840198001010013",
}
OUTSIDE = {"flask", "redis", "requests", "urllib3", "wechatpy", "granian"}


def locked(lock: str) -> set[str]:
    """The names of a lock's packages."""
    return set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE))


def test_every_locked_package_is_in_the_list_of_licences() -> None:
    packages = locked(LOCK)
    listed = set(re.findall(r"[A-Za-z0-9_.-]+", (ROOT / "docs/licences.md").read_text("utf-8")))
    assert len(packages) > 50
    assert packages - listed == set()


@pytest.mark.parametrize("lock", [LOCK, PEERS], ids=["product", "peers"])
def test_a_lock_has_hashes_and_names_no_index(lock: str) -> None:
    assert lock.count("==") <= lock.count("--hash=sha256:")
    assert not re.search(r"https?://|--index-url|--find-links [^-]", re.sub(r"^#.*", "", lock))


def test_the_peers_of_the_bench_can_change_nothing_that_the_product_runs() -> None:
    assert "werobot" in locked(PEERS)
    assert locked(PEERS) & locked(LOCK) == set()
    assert "--target $(PEERS)" in (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("room", ["handlers.talks", "handlers.card.form", "bot.dialogue.router"])
def test_a_room_without_doors_brings_no_network_code(room: str) -> None:
    """The import linter does not look into packages of others; a fresh interpreter does."""
    script = f"import sys, {room}; print(*(name.partition('.')[0] for name in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert OUTSIDE & set(loaded.stdout.split()) == set()


def is_id_number(places: str, check: str) -> bool:
    """GB 11643: ISO 7064 MOD 11-2; anything else is a message's number or the like."""
    total = sum(int(place) * weight for place, weight in zip(places, WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == check.upper()


def real_looking(text: str) -> set[str]:
    """Valid ID numbers that might be somebody's."""
    numbers = {a + b.upper() for a, b in ID_NUMBER.findall(text) if is_id_number(a, b)}
    return {each for each in numbers - PUBLISHED if not each.startswith(INVENTED_REGION)}


def test_the_search_for_id_numbers_knows_one() -> None:
    assert real_looking("id=" + "44052418800101" + "0022,") == {"44052418800101" + "0022"}


def test_no_file_holds_an_id_number_that_might_be_somebodys() -> None:
    rooms = [path for path in ROOT.iterdir() if path.is_dir() and path.name in ROOMS]
    files = [path for room in rooms for path in room.rglob("*")] + list(ROOT.iterdir())
    blobs = {path: path.read_bytes() for path in files if path.is_file()}
    texts = {path: blob.decode("utf-8", "replace") for path, blob in blobs.items() if 0 not in blob}
    assert (len(rooms), len(texts) > 300) == (len(ROOMS), True)
    found = {path.relative_to(ROOT).as_posix(): real_looking(text) for path, text in texts.items()}
    assert {name: numbers for name, numbers in found.items() if numbers} == {}


def test_make_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    help_ = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(help_, capture_output=True, text=True, check=True, cwd=ROOT)
    assert [line.split()[1] for line in shown.stdout.splitlines()] == phony
