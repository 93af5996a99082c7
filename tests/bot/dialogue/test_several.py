"""Several values in one message: which words belong to which value."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.readings import Fault
from bot.dialogue.several import Value, parts_of, read_parts
from bot.dialogue.state import Draft


def _name(turn: Any, draft: Draft, said: str) -> str:
    if any(ch.isdigit() for ch in said):
        raise Fault("name")
    return said


def _number(turn: Any, draft: Draft, said: str) -> str:
    if not (said[:-1].isdigit() and len(said) == 18):
        raise Fault("number", count=len(said))
    return said.upper()


NAME, NUMBER = Value("name", _name), Value("number", _number)
GOOD = "91184019800101001x"


def read(said: str) -> tuple[dict[str, Any], Fault | None]:
    draft = Draft("d", "f", 1, "2026-11-23T00:00:00+00:00")
    return read_parts(None, draft, parts_of(said), (NAME, NUMBER))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (f"JANE SMITH {GOOD}", "JANE SMITH"),
        (f"{GOOD} JANE SMITH", "JANE SMITH"),
        (f"王䶮，{GOOD}", "王䶮"),
        (f"王䶮{GOOD}", "王䶮"),
        (f"田𠮷{GOOD}", "田𠮷"),
        (f"张 三 {GOOD}", "张三"),
        (f"欧阳　娜娜，{GOOD}", "欧阳娜娜"),
        (f"{GOOD} 田 𠮷", "田𠮷"),
    ],
)
def test_a_name_and_a_number_are_told_apart(said: str, name: str) -> None:
    assert read(said) == ({"name": name, "number": GOOD.upper()}, None)


def test_a_name_of_several_words_alone_is_one_name() -> None:
    assert read("MARIA DEL CARMEN RUIZ") == ({"name": "MARIA DEL CARMEN RUIZ"}, None)


def test_the_whole_name_is_kept_when_only_the_number_is_wrong() -> None:
    found, fault = read("JANE SMITH 91184019800101001")
    assert found == {"name": "JANE SMITH"}
    assert fault is not None
    assert fault.values == {"count": 17}


def test_of_a_number_alone_the_number_s_fault_is_told() -> None:
    found, fault = read("9118401980010")
    assert not found
    assert fault is not None
    assert fault.key == "number"
