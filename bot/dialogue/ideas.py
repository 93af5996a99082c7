"""Which ideas a text names: words that mean the same, written, misspelt by sound, or in pinyin."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.dialogue.sounds import Sound, blurred, sounds, word_sounds

_WRITTEN, _SOUNDS_SO, _SOUNDS_LIKE = 1.0, 0.95, 0.88  # how sure a word was heard
_GAP = "[^,.;?! ]{0,5}"
_LATIN = re.compile(r"[a-z0-9']+")
_SHORTEST_INITIALS = 3
_NUMBER = "[0-9一二两三四五六七八九十百千几半]+"
_SHAPED = re.compile(r"[~^$#]")


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    ideas: frozenset[str]
    sure: float

    def holds(self, other: _Span) -> bool:
        return (
            self.start <= other.start
            and other.end <= self.end
            and self.end - self.start > other.end - other.start
        )


class _Word(NamedTuple):
    text: str
    ideas: frozenset[str]


class Heard(NamedTuple):
    """What a text says: its ideas, with how sure each is (0..1); whether it says nothing else."""

    ideas: dict[str, float]
    alone: bool


class Ideas:
    """The ideas of a word list: name → words.

    In a word `_` is a space of an English phrase, `~` a gap, `#` a number, `^` and `$` the ends
    of the text.
    """

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        by_word: dict[str, set[str]] = defaultdict(set)
        for idea, said in words.items():
            for word in said:
                by_word[word.replace("_", " ")].add(idea)
        shaped = {word: ideas for word, ideas in by_word.items() if _SHAPED.search(word)}
        self._shaped = [(_shape(word), frozenset(ideas)) for word, ideas in shaped.items()]
        plain = {word: frozenset(by_word[word]) for word in by_word.keys() - shaped.keys()}
        self._latin = {word: ideas for word, ideas in plain.items() if word.isascii()}
        self._han = {word: ideas for word, ideas in plain.items() if not word.isascii()}
        self._initials = _initials(self._han)
        self._sounds, self._blurred = _heard(self._han), _heard(self._han, blur=True)
        self._lengths = _lengths(self._han)
        self._syllables = _most_syllables(self._blurred)
        self._most_latin = max((word.count(" ") + 1 for word in self._latin), default=1)

    def named_in(self, text: str) -> dict[str, float]:
        """The ideas named in a folded text, with how sure each is (0..1)."""
        return self.hear(text).ideas

    def hear(self, text: str) -> Heard:
        """What a folded text says."""
        written = [*self._written(text), *self._in_latin(text)]
        spans = [*_outermost(written), *_outermost(self._spoken(text, written))]
        found: dict[str, float] = {}
        said = {at for at, mark in enumerate(text) if mark in " ,"}
        for span in spans:
            said.update(range(span.start, span.end))
            for idea in span.ideas:
                found[idea] = max(span.sure, found.get(idea, 0.0))
        return Heard(found, bool(spans) and len(said) == len(text))

    def _written(self, text: str) -> list[_Span]:
        spans = [
            _Span(at, at + length, self._han[text[at : at + length]], _WRITTEN)
            for at, first in enumerate(text)
            for length in self._lengths.get(first, ())
            if text[at : at + length] in self._han and at + length <= len(text)
        ]
        spans += [
            _Span(*match.span(), ideas, _WRITTEN)
            for pattern, ideas in self._shaped
            for match in pattern.finditer(text)
        ]
        return spans

    def _in_latin(self, text: str) -> list[_Span]:
        tokens = list(_LATIN.finditer(text.replace("'", "")))
        spans = []
        for first in range(len(tokens)):
            for last in range(first, min(first + self._most_latin, len(tokens))):
                phrase = " ".join(token.group() for token in tokens[first : last + 1])
                if ideas := self._latin.get(phrase) or self._initials.get(phrase):
                    spans.append(_Span(tokens[first].start(), tokens[last].end(), ideas, _WRITTEN))
        return spans

    def _spoken(self, text: str, written: list[_Span]) -> list[_Span]:
        """Words heard by sound where nothing as long is written."""
        spans = []
        heard = sounds(text)
        for first in range(len(heard)):
            if heard[first].word:
                continue
            most = self._syllables.get(blurred(heard[first].says), 0)
            for last in range(first + 1, min(first + most, len(heard))):
                if heard[last].word:
                    break
                span = self._heard_as(heard[first : last + 1], text)
                if span and not any(w == span or _clashes(w, span) for w in written):
                    spans.append(span)
        return spans

    def _heard_as(self, part: list[Sound], text: str) -> _Span | None:
        start, end = part[0].start, part[-1].end
        written = text[start:end]
        typed = len(written) > len(part)
        says = tuple(sound.says for sound in part)
        if ideas := _ideas_of(self._sounds.get(says, ()), written, typed):
            return _Span(start, end, ideas, _SOUNDS_SO)
        if typed or len(part) > 2:
            alike = self._blurred.get(tuple(map(blurred, says)), ())
            if ideas := _ideas_of(alike, written, typed):
                return _Span(start, end, ideas, _SOUNDS_LIKE)
        return None


def _ideas_of(words: Iterable[_Word], written: str, typed: bool) -> frozenset[str]:
    """A misspelt word keeps one of its characters; two others that rhyme are chance."""
    kept = (word for word in words if typed or set(word.text) & set(written))
    return frozenset(idea for word in kept for idea in word.ideas)


def _clashes(written: _Span, spoken: _Span) -> bool:
    """A written word of two characters or more is believed over one that only sounds so."""
    overlap = min(written.end, spoken.end) - max(written.start, spoken.start)
    return overlap > 0 and written.end - written.start > 1


def _outermost(spans: list[_Span]) -> list[_Span]:
    return [span for span in spans if not any(other.holds(span) for other in spans)]


def _shape(word: str) -> re.Pattern[str]:
    plain = re.escape(word.strip("^$"))
    inner = plain.replace(re.escape("~"), _GAP).replace(re.escape("#"), _NUMBER)
    return re.compile("^" * word.startswith("^") + inner + r"\Z" * word.endswith("$"))


def _lengths(words: Iterable[str]) -> dict[str, list[int]]:
    """How long the words are that begin with a character, each length once."""
    found: dict[str, set[int]] = defaultdict(set)
    for word in words:
        found[word[0]].add(len(word))
    return {first: sorted(lengths) for first, lengths in found.items()}


def _most_syllables(heard: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """How many syllables a word has at most that begins with this one."""
    found: dict[str, int] = defaultdict(int)
    for says in heard:
        found[says[0]] = max(found[says[0]], len(says))
    return dict(found)


def _initials(words: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """First letters, as some type (sbk for 社保卡), of words whose letters spell nothing else."""
    found: dict[str, set[frozenset[str]]] = defaultdict(set)
    for word, ideas in words.items():
        if len(word) >= _SHORTEST_INITIALS:
            for says in word_sounds(word):
                found["".join(syllable[0] for syllable in says)].add(ideas)
    return {
        letters: ideas
        for letters, (ideas, *others) in found.items()
        if not others and letters.isascii() and not any(s.word is False for s in sounds(letters))
    }


def _heard(
    words: Mapping[str, frozenset[str]], blur: bool = False
) -> dict[tuple[str, ...], list[_Word]]:
    found: dict[tuple[str, ...], list[_Word]] = defaultdict(list)
    for word, ideas in words.items():
        if len(word) < 2:
            continue
        for says in word_sounds(word):
            found[tuple(map(blurred, says)) if blur else says].append(_Word(word, ideas))
    return dict(found)
