"""A hundred messages of one person at the same moment, over four processes."""

from __future__ import annotations

import threading
from functools import partial

from bot.dialogue.messages import Outcome, Reply
from bot.ports import Turn
from tests.bot.turn.processes import forked
from tests.bot.turn.rig import Rig, count, count_and_write, said

MESSAGES, PROCESSES, THREADS = 100, 4, 8


def write_some(turn: Turn) -> Outcome:
    return (count_and_write if int(turn.update.text) % 10 == 0 else count)(turn)


def test_a_hundred_messages_at_once_are_handled_once_each_in_order(rig_on_both: Rig) -> None:
    rig = rig_on_both
    children = [forked(partial(_take_all, rig, part)) for part in range(PROCESSES)]
    answers: dict[str, str] = {}
    for child in children:
        told = child.answer()
        assert told is not None
        answers.update({number: text for number, _, text in _pairs(told)})
    seen = rig.seen()
    assert sorted(seen) == list(range(MESSAGES))
    assert rig.numbers_written() == [number for number in seen if number % 10 == 0]
    assert answers == {str(number): f"<r{number}>" for number in range(MESSAGES)}
    assert rig.waiting() == (0, 0, 0)


def test_messages_are_handled_in_the_order_of_their_arrival(rig: Rig) -> None:
    """Each arrives while the first is still at work; all go on in the order they came."""
    gate = threading.Event()

    def wait_at_the_first(turn: Turn) -> Outcome:
        if turn.update.text == "0":
            assert gate.wait(10)
        return count(turn)

    turns = rig.turns(handle=wait_at_the_first)
    threads = []
    for number in range(20):
        thread = threading.Thread(target=turns.take, args=(said(number),))
        thread.start()
        threads.append(thread)
        while rig.waiting()[0] <= number:
            pass
    gate.set()
    for thread in threads:
        thread.join()
    assert rig.seen() == list(range(20))


def _pairs(told: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in told.split(",")]


def _take_all(rig: Rig, part: int) -> str:
    mine = rig.again(lease_ms=6000)
    turns = mine.turns(handle=write_some)
    numbers = list(range(part, MESSAGES, PROCESSES))
    answers: list[str] = []

    def work() -> None:
        while numbers:
            try:
                number = numbers.pop()
            except IndexError:
                return
            reply: Reply | None = turns.take(said(number))
            answers.append(f"{number}={reply.text if reply else ''}")

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ",".join(answers)
