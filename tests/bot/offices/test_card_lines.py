"""Lines of text are brought upright, however the card lay."""

from __future__ import annotations

import math

import pytest

from bot.offices.card_lines import Line, Point, beside, clean, level, rows

# left, top, width, height, text
CARD = [
    (20, 20, 60, 20, "姓名"),
    (90, 18, 90, 24, "陈国强"),
    (20, 80, 70, 20, "性别男"),
    (120, 80, 90, 20, "民族汉"),
    (20, 200, 120, 20, "公民身份号码"),
    (150, 200, 300, 22, "119999199003070019"),
]


def quads(turn: float = 0.0) -> list[tuple[list[Point], str]]:
    """The card's lines as a model finds them, `turn` degrees clockwise."""
    angle = math.radians(turn)
    found = []
    for left, top, width, height, text in CARD:
        corners = [(left, top), (left + width, top)]
        corners += [(left + width, top + height), (left, top + height)]
        found.append(([_rotated(x, y, angle) for x, y in corners], text))
    return found


def _rotated(x: float, y: float, angle: float) -> Point:
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


@pytest.mark.parametrize("turn", [0, 5, -5, 20, -20, 90, 180, 270, 95, 175, -85])
def test_the_rows_are_the_same_whichever_way_the_card_lay(turn: float) -> None:
    texts = [[line.text for line in row] for row in rows(level(quads(turn)))]
    assert texts == [
        ["姓名", "陈国强"],
        ["性别男", "民族汉"],
        ["公民身份号码", "119999199003070019"],
    ]


def test_a_stamp_set_slantwise_is_no_line_of_the_card() -> None:
    stamp = [_rotated(x, y, math.radians(-14)) for x, y in [(0, 0), (90, 0), (90, 40), (0, 40)]]
    texts = {line.text for line in level([*quads(), (stamp, "样例")])}
    assert "样例" not in texts
    assert len(texts) == len(CARD)


def test_nothing_found_is_no_line() -> None:
    assert level([]) == []
    assert level([([(0, 0), (9, 0), (9, 9), (0, 9)], " ")]) == []


def test_what_was_read_is_folded_to_simplified_half_width() -> None:
    assert clean(" 漢 １９９０年") == "汉1990年"
    assert clean("田𠮷") == "田𠮷"


def test_a_row_ends_where_the_gap_is_wider_than_a_column() -> None:
    label, near, far = (
        Line(text, left, left + 40, 10, 20)
        for text, left in (("姓名", 0), ("王", 60), ("远处", 200))
    )
    assert [line.text for line in beside([far, near, label], label)] == ["王"]
