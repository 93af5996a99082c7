"""About the project itself: its lists are complete, its rooms are apart, its targets explained."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
OUTSIDE = {"flask", "redis", "requests", "urllib3", "wechatpy", "granian", "aiohttp"}


def test_every_locked_package_is_in_the_list_of_licences() -> None:
    packages = set(re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK, re.MULTILINE))
    listed = set(re.findall(r"[A-Za-z0-9_.-]+", (ROOT / "docs/licences.md").read_text("utf-8")))
    assert len(packages) > 50
    assert packages - listed == set()


def test_the_lock_has_hashes_and_names_no_index() -> None:
    assert "--hash=sha256:" in LOCK
    assert not re.search(r"https?://|--index-url|--find-links [^-]", re.sub(r"^#.*", "", LOCK))


@pytest.mark.parametrize("room", ["handlers.talks", "handlers.card.form", "bot.dialogue.router"])
def test_a_room_without_doors_brings_no_network_code(room: str) -> None:
    """The import linter does not look into packages of others; a fresh interpreter does."""
    script = f"import sys, {room}; print(*(name.partition('.')[0] for name in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert OUTSIDE & set(loaded.stdout.split()) == set()


def test_make_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    shown = subprocess.run(["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert [line.split()[1] for line in shown.stdout.splitlines()] == phony
