"""What the city's people say and what they mean by it: words, patterns, examples, dialect."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.traditional import SIMPLIFIED

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Intents:
    """The constructor arguments of `bot.dialogue.intents.Understanding`, by their names."""

    words: Mapping[str, tuple[str, ...]]
    patterns: Mapping[str, Mapping[str, int]]
    examples: tuple[tuple[str, str], ...]
    dialect: tuple[tuple[str, str], ...]
    simplified: Mapping[int, str]


def load_intents() -> Intents:
    """Everything in this folder. Raises OSError, tomllib.TOMLDecodeError, ValueError."""
    words = tomllib.loads((_HERE / "words.toml").read_text("utf-8"))
    listed = tomllib.loads((_HERE / "patterns.toml").read_text("utf-8"))
    return Intents(
        words={idea: tuple(said.split()) for idea, said in words.items()},
        patterns={intent: dict(_patterns(table)) for intent, table in listed.items()},
        examples=_pairs("examples.tsv"),
        dialect=_pairs("dialect.tsv"),
        simplified=SIMPLIFIED,
    )


def intent_names() -> frozenset[str]:
    """Everything a person can want, by the names that conversations and the FAQ answer to."""
    return frozenset(tomllib.loads((_HERE / "patterns.toml").read_text("utf-8"))) - {"other"}


def _patterns(table: Mapping[str, int | str]) -> Iterator[tuple[str, int]]:
    """The patterns of one intent; its `unless` ideas must not be heard with any of them."""
    ruled_out = " ".join(f"!{idea}" for idea in str(table.get("unless", "")).split())
    for ideas, sure in table.items():
        if isinstance(sure, int):
            yield f"{ideas} {ruled_out}".strip(), sure


def _pairs(name: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in (_HERE / name).read_text("utf-8").splitlines():
        left, tab, right = line.partition("\t")
        if not tab:
            raise ValueError(f"{name}: no tab in {line!r}")
        found.append((left, right))
    return tuple(found)
