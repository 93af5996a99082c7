"""Chinese texts use full-width marks: no ASCII `,:;?!()` stands beside a Han character."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_WRONG = re.compile(rf"(?:{_HAN}[,:;?!()]|[,:;?!()]{_HAN}).{{0,8}}")


def texts_of(path: Path) -> Iterator[str]:
    """What residents read of a file: a profile's values, a transcript's answers."""
    if path.suffix == ".toml":
        yield from _values(tomllib.loads(path.read_text("utf-8")))
    else:
        lines = path.read_text("utf-8").splitlines()
        yield from (line for line in lines if not line.startswith(("#", ">")))


def _values(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, str):
        yield value


def read_by_residents() -> list[Path]:
    folders = ("config/locales", "config/faq", "tests/transcripts")
    found = [p for f in folders for p in (ROOT / f).rglob("*") if p.suffix in (".toml", ".txt")]
    return [*sorted(found), ROOT / "config/city.toml", ROOT / "config/templates.toml"]


@pytest.mark.parametrize("path", read_by_residents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_texts_use_full_width_marks(path: Path) -> None:
    assert [wrong.group() for text in texts_of(path) for wrong in _WRONG.finditer(text)] == []


@pytest.mark.parametrize("text", ["您好,我在", "（见下)您", "姓名:陈国强", "\U00020bb7!"])
def test_an_ascii_mark_beside_a_han_character_is_found(text: str) -> None:
    assert _WRONG.search(text)


@pytest.mark.parametrize("text", ["工作日 9:00至17:00", "您好，我在", "call (12333), please"])
def test_a_mark_between_figures_or_latin_letters_is_right(text: str) -> None:
    assert not _WRONG.search(text)
