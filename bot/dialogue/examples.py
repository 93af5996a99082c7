"""Texts whose intent is known, and how much like them another text sounds."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import log, sqrt

from bot.dialogue.sounds import blurred, sounds

_TRUST = 0.85  # the score of a text that is an example word for word
_NEIGHBOURS_MATTER = 0.45  # cosine below which likeness is chance


class Examples:
    """Examples by the pairs of syllables and the ideas they hold; what is rare tells more.

    Each is an intent, a folded text and the names of its ideas.
    """

    def __init__(self, examples: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        pairs = [(intent, _pairs(text, ideas)) for intent, text, ideas in examples]
        seen = Counter(pair for _, held in pairs for pair in held)
        self._weight = {pair: log(1 + len(pairs) / count) for pair, count in seen.items()}
        self._unseen = log(1 + len(pairs)) if pairs else 1.0
        self._intents = [intent for intent, _ in pairs]
        self._sizes = [self._size(held) for _, held in pairs]
        self._holding: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, (_, held) in enumerate(pairs):
            for pair in held:
                self._holding[pair].append(number)

    def like(self, text: str, ideas: Iterable[str]) -> dict[str, float]:
        """The intents whose examples the text sounds like, each with its best score, 0..0.85."""
        held = _pairs(text, ideas)
        size = self._size(held)
        shared: dict[int, float] = defaultdict(float)
        for pair in held:
            for number in self._holding.get(pair, ()):
                shared[number] += self._weight[pair] ** 2
        found: dict[str, float] = {}
        for number, common in shared.items():
            cosine = common / (size * self._sizes[number])
            if cosine >= _NEIGHBOURS_MATTER:
                intent = self._intents[number]
                found[intent] = max(found.get(intent, 0.0), _TRUST * cosine)
        return found

    def _size(self, held: set[tuple[str, str]]) -> float:
        return sqrt(sum(self._weight.get(pair, self._unseen) ** 2 for pair in held)) or 1.0


def _pairs(text: str, ideas: Iterable[str]) -> set[tuple[str, str]]:
    heard = ["<", *(blurred(sound.says) for sound in sounds(text) if sound.says != ","), ">"]
    return {*itertools.pairwise(heard), *(("", idea) for idea in ideas)}
