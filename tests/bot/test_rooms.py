"""Who may import whom: the contracts hold, and each breaks when it is broken."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bot.dialogue
import handlers

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "config", "handlers", "models")
OUTSIDE = {
    "dramatiq", "flask", "granian", "httpx", "redis", "requests", "urllib3", "werkzeug",
    "wechatpy",
}  # fmt: skip


def fresh(script: str) -> set[str]:
    """The modules that a new interpreter has loaded after the script."""
    script = f"{script}; import sys; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(ran.stdout.split())


@pytest.mark.parametrize("room", [handlers, bot.dialogue], ids=lambda room: room.__name__)
def test_no_module_of_a_closed_room_brings_in_the_network(room: object) -> None:
    paths, name = room.__path__, room.__name__  # type: ignore[attr-defined]
    modules = [found.name for found in pkgutil.walk_packages(paths, f"{name}.")]
    assert len(modules) > 10
    loaded = fresh(f"import {', '.join(modules)}")
    assert set(modules) <= loaded
    assert {module.partition(".")[0] for module in loaded} & OUTSIDE == set()


def test_the_service_does_not_bring_in_the_simulator() -> None:
    loaded = fresh("import bot.app, bot.commands.serve, bot.commands.worker")
    assert "bot.channels.wechat.views" in loaded
    assert not [name for name in loaded if name.startswith("bot.simulator")]


def linted(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )


def test_all_contracts_are_kept() -> None:
    ran = linted(ROOT)
    assert ran.returncode == 0, ran.stdout
    assert " 0 broken" in ran.stdout


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our modules somewhere else, to plant imports in."""
    root = tmp_path_factory.mktemp("rooms")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=_all_but_code)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def _all_but_code(folder: str, names: list[str]) -> set[str]:
    return {n for n in names if not n.endswith(".py") and not (Path(folder) / n).is_dir()}


@pytest.mark.parametrize(
    ("module", "planted", "contract"),
    [
        ("config/places.py", "models.phones", "config stands below everything"),
        ("models/phones.py", "requests", "models know no HTTP and no chat"),
        ("models/masking.py", "bot.dialogue.words", "models know no HTTP and no chat"),
        ("bot/dialogue/words.py", "models.phones", "the dialogue engine is pure"),
        ("bot/dialogue/dates.py", "redis", "the dialogue engine is pure"),
        ("handlers/menu.py", "flask", "handlers see the dialogue"),
        ("handlers/card/life.py", "bot.offices.identity", "handlers see the dialogue"),
        ("handlers/human.py", "bot.channels.wechat.codec", "only start-up knows channels"),
        ("bot/turn/parts.py", "handlers.menu", "only start-up knows handlers"),
        ("bot/api/told.py", "bot.channels.web.channel", "the API is handed what it needs"),
        ("bot/api/talking.py", "handlers.menu", "the API is handed what it needs"),
        ("bot/app.py", "bot.simulator.server", "the simulator"),
        ("bot/simulator/clock.py", "bot.channels.wechat.crypto", "the simulator is the other end"),
    ],
)
def test_a_forbidden_import_is_found(
    copied: Path, module: str, planted: str, contract: str
) -> None:
    path = copied / module
    before = path.read_text("utf-8")
    path.write_text(f"{before}\nimport {planted}\n", "utf-8")
    try:
        ran = linted(copied)
    finally:
        path.write_text(before, "utf-8")
    assert ran.returncode != 0
    broken = [line for line in ran.stdout.splitlines() if line.endswith("BROKEN")]
    assert contract in " ".join(ran.stdout.split()), broken
    assert broken
