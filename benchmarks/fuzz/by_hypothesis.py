"""Hypothesis over a target: mutated seeds, random bytes and random texts."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.fuzz.mutating import Mutator
from benchmarks.fuzz.target import Finding, Target, beginnings, described, hold, shrunk


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Mutants of the seeds and of the kept cases, three in four; the rest without a model."""
    seeds = beginnings(target)

    def mutant(data: bytes, other: bytes, number: int) -> bytes:
        chance = Random(number)
        return Mutator(chance, target.tokens, longest=target.longest).mutate(data, other)

    mutants = st.builds(
        mutant, st.sampled_from(seeds), st.sampled_from(seeds), st.integers(0, 2**64)
    )
    texts = st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(mutants, mutants, mutants, mutants, mutants, mutants, texts, st.binary())


def run(target: Target, examples: int, number: int) -> tuple[int, list[Finding]]:
    """How many inputs were tried, and the first for which the property does not hold, cut short.

    The same `number` tries the same inputs.
    """
    tried, last = 0, b""

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target))
    def every_input_holds(data: bytes) -> None:
        nonlocal tried, last
        tried, last = tried + 1, data
        hold(target, data)

    try:
        every_input_holds()
    except Exception as fault:
        why = described(fault)
        return tried, [Finding(target.name, shrunk(target, last), why)]
    return tried, []
