"""The picture on the README's first screen: there, of the size it says, quickly loaded."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.browser.take_picture import HEIGHT, MOST_BYTES, PICTURE, WIDTH

README = Path(__file__).parents[2] / "README.md"
FIRST_SCREEN = 12  # lines


def test_the_first_screen_of_the_readme_shows_the_phone() -> None:
    first = README.read_text("utf-8").split("\n")[:FIRST_SCREEN]
    assert any("](docs/phone.png)" in line for line in first)
    with Image.open(PICTURE) as picture:
        assert picture.size == (WIDTH, HEIGHT)
    assert PICTURE.stat().st_size < MOST_BYTES
