"""Texts whose intent is known, and which intent another text is then likeliest to have."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import exp, log

from bot.dialogue.sounds import blurred, sounds

_DOUBT = 8  # examples' worth of belief that a trait is as common in an intent as anywhere


class Examples:
    """Naive Bayes over traits: the syllables of a text, each two that follow, and its ideas.

    Each example is an intent, a folded text and the names of its ideas.
    """

    def __init__(self, examples: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        texts: Counter[str] = Counter()
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for intent, text, ideas in examples:
            texts[intent] += 1
            for trait in _traits(text, ideas):
                counts[trait][intent] += 1
        self._intents = tuple(texts)
        self._tells = {
            trait: _tells(among, texts, sum(among.values()) / texts.total())
            for trait, among in counts.items()
        }

    def likely(self, text: str, ideas: Iterable[str]) -> dict[str, float]:
        """How likely each intent is, 0..1, as if people wanted each as often; together 1."""
        logs = dict.fromkeys(self._intents, 0.0)
        for trait in _traits(text, ideas):
            for intent, told in self._tells.get(trait, {}).items():
                logs[intent] += told
        most = max(logs.values(), default=0.0)
        odds = {intent: exp(value - most) for intent, value in logs.items()}
        total = sum(odds.values())
        return {intent: value / total for intent, value in odds.items()}


def _tells(among: Counter[str], texts: Counter[str], share: float) -> dict[str, float]:
    """What a trait adds to the logarithm of each intent's odds; `share` of all texts have it."""
    return {
        intent: log((among[intent] + _DOUBT * share) / (number + _DOUBT) / share)
        for intent, number in texts.items()
    }


def _traits(text: str, ideas: Iterable[str]) -> set[str]:
    heard = ["<", *(blurred(sound.says) for sound in sounds(text) if sound.says != ","), ">"]
    pairs = (f"{first} {second}" for first, second in itertools.pairwise(heard))
    return {*heard[1:-1], *pairs, *ideas}
