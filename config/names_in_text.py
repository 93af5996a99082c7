"""Which of the city's names a person has written: whole, inside a sentence, misspelt, in pinyin."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

# No table of phrases: see bot.dialogue.sounds. Names of banks are read by their characters.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
from pypinyin import Style, lazy_pinyin
from rapidfuzz.distance import Levenshtein

from config.traditional import SIMPLIFIED

Thing = TypeVar("Thing")

_BETWEEN_LATIN = re.compile(r"(?<=[a-z0-9])[\W_]+(?=[a-z0-9])")
_NOISE = re.compile(r"[^\w ]+|_|(?<![a-z0-9]) | (?![a-z0-9])")
_LETTERS_PER_TYPO = 6  # one wrong letter of pinyin in six: shorter names have near neighbours
_MOST_TYPOS = 2


def clean(text: str) -> str:
    """Half-width, lower case, in simplified characters, without marks.

    A space is kept between two Latin words only.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(SIMPLIFIED)
    return _NOISE.sub("", _BETWEEN_LATIN.sub(" ", folded))


def named_in(text: str, things: Iterable[tuple[Thing, Sequence[str]]]) -> list[Thing]:
    """The things whose names stand in `text`, longest names winning; else those that sound alike.

    A name that several things share gives all of them.
    """
    listed = [(thing, [clean(name) for name in names]) for thing, names in things]
    said = clean(text)
    return _written(said, listed) or _sounding(said, listed)


def _written(said: str, things: Sequence[tuple[Thing, Sequence[str]]]) -> list[Thing]:
    """The text is covered by the longest name first; what is covered counts no more."""
    found: set[int] = set()
    for name in sorted({n for _, names in things for n in names}, key=len, reverse=True):
        if name not in said or (len(name) == 1 and name != said):
            continue
        if name.isascii() and not _stands_alone(name, said):
            continue
        found.update(place for place, (_, names) in enumerate(things) if name in names)
        said = said.replace(name, "\0")
    return [things[place][0] for place in sorted(found)]


def _stands_alone(name: str, said: str) -> bool:
    """A Latin short form inside a longer Latin word is chance (abc in abcd)."""
    return re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", said) is not None


def _sounding(said: str, things: Sequence[tuple[Thing, Sequence[str]]]) -> list[Thing]:
    sound = _sound(said)
    allowed = min(_MOST_TYPOS, len(sound) // _LETTERS_PER_TYPO)
    typos = [
        min(
            Levenshtein.distance(sound, _sound(name), score_cutoff=allowed)
            for name in names
            if len(name) > 1
        )
        for _, names in things
    ]
    fewest = min(typos, default=0)
    if not sound or fewest > allowed:
        return []
    return [thing for (thing, _), count in zip(things, typos, strict=True) if count == fewest]


@lru_cache(maxsize=4096)
def _sound(text: str) -> str:
    """Toneless pinyin in one string; 行 is read háng, as it is in every bank's name."""
    spelt = lazy_pinyin(text.replace("行", "航"), style=Style.NORMAL)
    return "".join(spelt).replace(" ", "")
