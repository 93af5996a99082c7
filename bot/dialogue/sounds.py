"""How a text sounds: each Han character and each typed pinyin syllable as one toneless syllable."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Its table of 47,000 phrases costs a start a quarter of a second and 45 MB; of the words said here
# only a few are read otherwise than their characters are (_READ_TOGETHER).
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
from pypinyin import lazy_pinyin, load_phrases_dict

_READ_TOGETHER = {
    "银行": [["yin"], ["hang"]],
    "农行": [["nong"], ["hang"]],
    "工行": [["gong"], ["hang"]],
    "建行": [["jian"], ["hang"]],
    "重新": [["chong"], ["xin"]],
    "重办": [["chong"], ["ban"]],
    "重发": [["chong"], ["fa"]],
    "重复": [["chong"], ["fu"]],
    "重做": [["chong"], ["zuo"]],
    "长期": [["chang"], ["qi"]],
    "行业": [["hang"], ["ye"]],
    "音乐": [["yin"], ["yue"]],
    "便宜": [["pian"], ["yi"]],
    "调动": [["diao"], ["dong"]],
}
load_phrases_dict(_READ_TOGETHER)
_PIECES = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[a-z]+|[0-9]+|\S")
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v)"
    r"|ang|an|ai|ao|a|eng|en|er|ei|e|ou|o"
)
_LONGEST_RUN = 60  # letters; pinyin is typed in shorter runs
_ALIKE = ((re.compile("^([zcs])h"), r"\1"), (re.compile("^n"), "l"), (re.compile("ng$"), "n"))


@dataclass(frozen=True, slots=True)
class Sound:
    """One syllable at `start`..`end` of the text; `word` when it is a Latin word, not pinyin."""

    says: str
    start: int
    end: int
    word: bool = False


def sounds(text: str) -> list[Sound]:
    """The syllables of a lower-case text. Marks and figures are words: they part what is said."""
    found: list[Sound] = []
    for piece in _PIECES.finditer(text):
        found += _sounds_of(piece.group(), piece.start())
    return found


@lru_cache(maxsize=4096)
def blurred(syllable: str) -> str:
    """The syllable as those say it who tell neither zh from z, n from l, nor ang from an."""
    for pattern, plain in _ALIKE:
        syllable = pattern.sub(plain, syllable)
    return syllable


@lru_cache(maxsize=8192)
def word_sounds(word: str) -> frozenset[tuple[str, ...]]:
    """The ways a written word may sound: character by character, and as the phrase is read."""
    return frozenset({tuple(sound.says for sound in sounds(word)), tuple(lazy_pinyin(word))})


def _sounds_of(piece: str, start: int) -> Iterator[Sound]:
    if not piece.isascii():
        yield Sound(character_sound(piece), start, start + len(piece), not _is_han(piece))
    elif piece.isalpha() and (syllables := _spelt(piece)):
        for syllable in syllables:
            yield Sound(syllable, start, start + len(syllable))
            start += len(syllable)
    else:
        yield Sound(piece, start, start + len(piece), word=True)


def _is_han(piece: str) -> bool:
    return "\u3400" <= piece <= "\u9fff" or piece >= "\U00020000"


@lru_cache(maxsize=16384)
def character_sound(character: str) -> str:
    """The commonest toneless pinyin of one character; the character itself when it has none."""
    return lazy_pinyin(character)[0]


@lru_cache(maxsize=2048)
def _spelt(letters: str) -> tuple[str, ...]:
    """The run of letters as pinyin syllables, or nothing when it is no pinyin.

    Among the ways to part it, the one with the fewest syllables that lack an initial, then the
    fewest syllables: jinengpeixun is ji neng, not jin eng.
    """
    if len(letters) > _LONGEST_RUN:
        return ()
    best: dict[int, tuple[int, tuple[str, ...]]] = {0: (0, ())}
    for at in range(len(letters)):
        if at not in best:
            continue
        cost, so_far = best[at]
        for end in range(at + 1, min(at + 6, len(letters)) + 1):
            syllable = letters[at:end]
            if not _SYLLABLE.fullmatch(syllable):
                continue
            price = cost + 2 + (2 if at and syllable[0] in "aeo" else 0)
            if end not in best or price < best[end][0]:
                best[end] = (price, (*so_far, syllable))
    return best.get(len(letters), (0, ()))[1]
