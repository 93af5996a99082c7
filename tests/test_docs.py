"""What the documents say exists: tests named, files linked and files named in passing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")]
)
ROOMS = ("bot/", "handlers/", "models/", "config/", "tests/", "docs/", "deploy/")
SEPARATE = re.compile(r"[`\s,;()|]+")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_there_are_documents_to_check() -> None:
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md"} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_every_test_that_a_document_names_exists(name: str) -> None:
    code = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    written = set(re.findall(r"def (test_\w+)\(", code))
    files = {path.stem for path in ROOT.glob("tests/**/test_*.py")}
    named = set(re.findall(r"\b(test_\w+)\b", page(name)))
    assert named - written - files == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_document_links_to_exists(name: str) -> None:
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)#:]+)(?:#[^)]*)?\)", page(name))
    missing = {link for link in links if not (ROOT / name).parent.joinpath(link).exists()}
    assert missing == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_document_names_exists(name: str) -> None:
    spoken = {
        word for code in re.findall(r"`([^`\n]+)`", page(name)) for word in SEPARATE.split(code)
    }
    paths = {word.partition("::")[0] for word in spoken if word.startswith(ROOMS)}
    missing = {path for path in paths if not (set("*<…$") & set(path) or (ROOT / path).exists())}
    assert missing == set()
