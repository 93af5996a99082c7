"""Who writes when: beginnings, middles and ends of dialogues mixed, as on any working day."""

from __future__ import annotations


def order(people: int, messages: int) -> list[tuple[int, int]]:
    """(message, person) of each request, both from 0. One person after the other begins, and each
    writes on when about as many requests of others as there are people have gone by."""
    gap = -(-people // messages)
    pairs = ((message, person) for message in range(messages) for person in range(people))
    return sorted(pairs, key=lambda pair: (pair[1] + pair[0] * gap, pair[0]))


def previous(people: int, messages: int) -> list[int]:
    """For each request the one of the same person before it; -1 for a first message."""
    last = [-1] * people
    found = []
    for number, (_, person) in enumerate(order(people, messages)):
        found.append(last[person])
        last[person] = number
    return found
