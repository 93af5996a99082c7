"""The wheel holds everything: data files, migrations and the command, in an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "models", "config")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with our wheel; our dependencies are lent, our checkout is not."""
    work = tmp_path_factory.mktemp("wheel")
    source, environment = work / "source", work / "environment"
    source.mkdir()
    for name in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    run([*build, "--no-deps", "--no-build-isolation", "--wheel-dir", str(work), str(source)], work)
    (wheel,) = work.glob("shebaoka-*.whl")
    run([sys.executable, "-m", "venv", "--without-pip", str(environment)], work)
    install = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    run([*install, "install", "--quiet", "--no-deps", str(wheel)], work)
    lent = sysconfig.get_path("purelib")
    (own,) = (environment / "lib").glob("python*/site-packages")
    (own / "lent.pth").write_text(lent)
    return environment


def run(command: list[str], folder: Path, **settings: str) -> str:
    """What `command` prints, run far from the checkout."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SHEBAOKA_", "PYTHONPATH"))}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env={**clean, **settings}, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    python, shebaoka = str(installed / "bin" / "python"), str(installed / "bin" / "shebaoka")
    where = run(
        [python, "-c", "import bot, config; print(bot.__file__, config.__file__)"], tmp_path
    )
    assert str(ROOT) not in where
    run([shebaoka, "db", "upgrade"], tmp_path, SHEBAOKA_DATA_DIR=str(tmp_path))
    found = run([shebaoka, "doctor"], tmp_path, SHEBAOKA_DATA_DIR=str(tmp_path))
    assert "database up to date" in found
    assert "branches of" in found


def test_every_data_file_is_in_the_wheel(installed: Path) -> None:
    (site,) = (installed / "lib").glob("python*/site-packages")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert (site / path.relative_to(ROOT)).exists(), path.relative_to(ROOT)
