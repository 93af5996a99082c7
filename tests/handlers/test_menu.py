"""The menu's lines, typed or clicked."""

from __future__ import annotations

import pytest

from config.locales import LOCALES
from handlers.menu import INTENTS
from handlers.words import words
from tests.handlers.chat import texts


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("intent", INTENTS)
def test_the_words_of_a_line_open_what_its_number_opens(locale: str, intent: str) -> None:
    """Whatever the free-text understanding makes of them: accounts on trial send words alone."""
    assert words("openers").command(texts().say(locale, f"menu.option.{intent}")) == intent
