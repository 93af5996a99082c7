"""`shebaoka form show`: what is asked in this city, what only sometimes, and how long it gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from config.city import SHIPPED
from tests.bot.commands.given import give


def shown() -> str:
    result = CliRunner().invoke(app, ["form", "show", "card"])
    assert result.exit_code == 0, result.output
    return result.output


def needed(page: str) -> set[str]:
    (line,) = re.findall(r"^answers needed \(\d+\): (.*)$", page, re.MULTILINE)
    return set(line.split())


def test_what_the_city_never_asks_is_no_answer_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path)
    page = shown()
    assert {"for_whom", "phone", "lives_at", "branch", "portrait"} <= needed(page)
    assert not needed(page) & {"household", "id_consent", "bank_consent", "name", "ethnicity"}
    assert not re.search(r"^only .*(household|consent)", page, re.MULTILINE)
    assert "only when was_read or when not_read: id_number" in page


def test_what_another_city_asks_everybody_is_needed_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    city = tmp_path / "city.toml"
    asking = 'consent_style = "ask_each"\nask_derived = ["household"]\n'
    shipped = re.sub(r"(?m)^(consent_style|ask_derived) = .*\n", "", SHIPPED.read_text("utf-8"))
    city.write_text(asking + shipped, "utf-8")
    give(monkeypatch, tmp_path, CITY=str(city))
    assert {"household", "id_consent", "bank_consent"} <= needed(shown())


def test_the_longest_message_is_measured_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path)
    page = shown()
    for locale, most in (("zh_CN", 300), ("en", 700)):
        found = re.search(rf"longest message in {locale} \((\d+) of {most} characters", page)
        assert found, page
        assert most / 3 < int(found[1]) <= most
