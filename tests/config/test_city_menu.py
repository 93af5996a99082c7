"""The menu of a city's profile: what the platform would refuse is told at start, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.city import SHIPPED, load_city
from config.city_menu import menu_faults, menu_keys
from tests.config.test_city_faults import faults_of

_BELOW = '{{ name = "{}", key = "apply" }}'


def _faults(tmp_path: Path, written: str) -> list[str]:
    """Of the shipped profile with this menu in the place of its own."""
    text = SHIPPED.read_text("utf-8")
    own, rest = text.index("[[menu]]"), text.index("[calendar]")
    return faults_of(tmp_path, f"{text[:own]}{written}\n{text[rest:]}")


def test_the_shipped_menu_has_no_fault() -> None:
    menu = load_city().menu
    assert menu_faults(menu) == []
    assert {"apply", "progress", "human"} <= set(menu_keys(menu))


def _button(name: str, rest: str = 'key = "apply"') -> str:
    return f'[[menu]]\nname = "{name}"\n{rest}\n'


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("".join(_button(name) for name in "甲乙丙丁"), "menu: 3 buttons at most"),
        (
            _button("多", f"buttons = [{', '.join(_BELOW.format(n) for n in '一二三四五六')}]"),
            "menu.多: 5 buttons at most below it",
        ),
        (_button("六个汉字太长"), "menu.六个汉字太长: its name has more than 16 bytes"),
        (
            _button("多", f"buttons = [{_BELOW.format('长' * 14)}]"),
            f"menu.{'长' * 14}: its name has more than 40 bytes",
        ),
        (_button("键", f'key = "{"k" * 129}"'), "menu.键: its key has more than 128 bytes"),
        (
            _button("页", f'url = "https://o.example/{"u" * 1024}"'),
            "menu.页: its url has more than 1024 bytes",
        ),
        (_button("双", 'key = "apply"\npath = "/"'), "menu.双: does more than one thing"),
        (
            _button("双", f'key = "apply"\nbuttons = [{_BELOW.format("下")}]'),
            "menu.双: does more than one thing",
        ),
        (_button("空", ""), "menu.空: does nothing: it needs key, path, url or buttons"),
        (
            _button("小", 'mini_page = "pages/index"'),
            "menu.小: mini_page needs a path or url for who cannot open it",
        ),
    ],
)
def test_what_the_platform_would_refuse_is_told(tmp_path: Path, written: str, fault: str) -> None:
    assert _faults(tmp_path, written) == [fault]


@pytest.mark.parametrize(
    "rest", ['path = "progress"', 'url = "ftp://o.example/"', 'colour = "red"']
)
def test_what_is_no_button_is_told(tmp_path: Path, rest: str) -> None:
    assert _faults(tmp_path, _button("错", rest))[0].startswith("menu.0")


def test_the_largest_menu_is_accepted(tmp_path: Path) -> None:
    below = ", ".join(_BELOW.format("十三个汉字不多不少正好够长"[:13]) for _ in range(5))
    text = SHIPPED.read_text("utf-8")
    own, rest = text.index("[[menu]]"), text.index("[calendar]")
    menu = "".join(_button("五个字的名", f"buttons = [{below}]") for _ in range(3))
    path = tmp_path / "city.toml"
    path.write_text(f"{text[:own]}{menu}\n{text[rest:]}", "utf-8")
    assert len(load_city(path).menu) == 3
