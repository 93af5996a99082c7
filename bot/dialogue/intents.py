"""Free text → intent: what a person wants, in their own words.

Three things are asked of a text: which ideas it names (`ideas`), which intents those ideas
together mean (`patterns`), and how likely each intent is, going by what examples say. A fourth,
the manner, tells how sure to be: a question is surer, a mere name or place is an answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from bot.dialogue.examples import Examples
from bot.dialogue.ideas import Ideas

OTHER = "other"
# Ideas about how something is said, not what is meant: heard apart from the others.
ASKING, WANTING, ANSWERING = "ASKING", "WANTING", "ANSWERING"
_MANNERS = (ASKING, WANTING, ANSWERING)
FILLING = "FILLING"  # words that say nothing
_DOUBT_LEFT = 0.5  # of the doubt, when something is asked, or nothing but the matter is said
_WORTH_TRUST = 0.5  # a lower score is a chance likeness, or a word too weak to be trusted alone
_FROM_AN_ANSWER = 0.6  # what is left of a guess where a mere name, place or state is said
_NOTHING_FITS = 0.55  # the score of `other` when nothing else is heard
_NO_PATTERN = 0.45  # the score of an intent that only the examples speak for
_EXAMPLES_WEIGH = 0.05  # of a natural logarithm; 0.04 to 0.08 do as well on texts never seen
_LEAST_LIKELY = 1e-6
_LONGEST = 200  # characters of a text that are looked at
_MARKS = re.compile(r"[^\w\s]+|_")
_QUESTION = re.compile("[?？]")
_SPACES = re.compile(r"\s+")
_HAN_SPACE = re.compile(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])")


class Guess(NamedTuple):
    """An intent and how sure we are of it, 0..1; comparable between texts."""

    intent: str
    score: float


@dataclass(frozen=True, slots=True)
class _Pattern:
    intent: str
    needs: frozenset[str]
    without: frozenset[str]
    sure: float


class Understanding:
    """Knows the intents of one set of words, patterns and examples.

    `words`: idea → words; `patterns`: intent → {"IDEA IDEA !IDEA": 1..100}; `examples`: (intent,
    text); `dialect`: expression → its standard one, in the order of replacing; `simplified`: for
    `str.translate`. Raises ValueError when a pattern names an idea that has no words.
    """

    def __init__(
        self,
        words: Mapping[str, Iterable[str]],
        patterns: Mapping[str, Mapping[str, int]],
        examples: Iterable[tuple[str, str]] = (),
        dialect: Iterable[tuple[str, str]] = (),
        simplified: Mapping[int, str] | None = None,
    ) -> None:
        self._simplified = dict(simplified or {})
        self._dialect = list(dialect)
        self._patterns = _by_need(
            _pattern(intent, text, sure, set(words))
            for intent, listed in patterns.items()
            for text, sure in listed.items()
        )
        self._ideas = Ideas({idea: said for idea, said in words.items() if idea not in _MANNERS})
        self._manners = {manner: Ideas({manner: words.get(manner, ())}) for manner in _MANNERS}
        folded = ((intent, self.fold(text)) for intent, text in examples)
        self._examples = Examples(
            (i, text, self._ideas.named_in(text).keys() - {FILLING}) for i, text in folded
        )
        self.intents = tuple(patterns)

    def understand(self, text: str, at_least: float = 0.0) -> list[Guess]:
        """Every intent that may be meant, surest first; `other` is always among them, or there is
        none at all where nothing can be as sure as `at_least`."""
        folded = self.fold(text)
        named, alone = self._ideas.hear(folded)
        scores = self._by_ideas(named)
        # How it is said can make a guess surer by so much; what examples say, never.
        surest = max(_NOTHING_FITS, _NO_PATTERN, *(_surer(score) for score in scores.values()))
        if round(surest, 3) < at_least:
            return []
        manners = self._manners_of(folded)
        if self._answers_only(folded, manners):
            scores = {intent: score * _FROM_AN_ANSWER for intent, score in scores.items()}
        elif alone or ASKING in manners or _QUESTION.search(text):
            scores = {intent: _surer(score) for intent, score in scores.items()}
        scores[OTHER] = max(scores.get(OTHER, 0.0), _NOTHING_FITS)
        likely = self._examples.likely(folded, named.keys() - {FILLING})
        weigh = _EXAMPLES_WEIGH * (_DOUBT_LEFT if alone else 1)
        guesses = [
            Guess(intent, _weighed(scores.get(intent, _NO_PATTERN), likely.get(intent, 1.0), weigh))
            for intent in {**likely, **scores}
        ]
        return sorted(guesses, key=lambda guess: -guess.score)

    def asks(self, text: str) -> bool:
        """Whether the text is a question, rather than an answer that names what an intent does."""
        return bool(_QUESTION.search(text)) or ASKING in self._manners_of(self.fold(text))

    def fold(self, text: str) -> str:
        """The text in half-width, lower case, simplified and standard words, without marks."""
        plain = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
        plain = plain.translate(self._simplified).replace("'", "").replace("’", "")
        plain = _SPACES.sub(" ", _MARKS.sub(" , ", plain)).strip(" ,")
        plain = _HAN_SPACE.sub("", plain)
        for said, standard in self._dialect:
            plain = plain.replace(said, standard)
        return plain

    def _manners_of(self, folded: str) -> set[str]:
        return {name for name, ideas in self._manners.items() if ideas.named_in(folded)}

    def _answers_only(self, folded: str, manners: set[str]) -> bool:
        """A mere name, place or state is said: what an open question gets for an answer."""
        return manners == {ANSWERING} or self._manners[ANSWERING].hear(folded).alone

    def _by_ideas(self, named: Mapping[str, float]) -> dict[str, float]:
        scores: dict[str, float] = {}
        ideas = named.keys()
        for pattern in (pattern for idea in named for pattern in self._patterns.get(idea, ())):
            if pattern.needs <= ideas and not pattern.without & ideas:
                score = pattern.sure * min(named[idea] for idea in pattern.needs)
                scores[pattern.intent] = max(score, scores.get(pattern.intent, 0.0))
        return scores


def _by_need(patterns: Iterable[_Pattern]) -> dict[str, list[_Pattern]]:
    """Each pattern once, under one of the ideas without which it cannot fit."""
    found: dict[str, list[_Pattern]] = {}
    for pattern in patterns:
        found.setdefault(min(pattern.needs), []).append(pattern)
    return found


def _weighed(score: float, likely: float, weigh: float) -> float:
    """What the ideas say, less what the examples hold against it."""
    return round(max(0.0, score + weigh * log(max(likely, _LEAST_LIKELY))), 3)


def _surer(score: float) -> float:
    return 1 - (1 - score) * _DOUBT_LEFT if score >= _WORTH_TRUST else score


def _pattern(intent: str, text: str, sure: int, known: set[str]) -> _Pattern:
    needs = frozenset(idea for idea in text.split() if not idea.startswith("!"))
    without = frozenset(idea[1:] for idea in text.split() if idea.startswith("!"))
    if unknown := (needs | without) - known:
        raise ValueError(f"{intent}: no words for {', '.join(sorted(unknown))}")
    if not needs:
        raise ValueError(f"{intent}: a pattern needs at least one idea")
    return _Pattern(intent, needs, without, sure / 100)
