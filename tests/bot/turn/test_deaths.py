"""A process dies or freezes at each point of a turn, and the update comes again.

`docs/crash-table.md` has a row for each.
"""

from __future__ import annotations

import signal

import pytest

from bot.dialogue.messages import Outcome, Reply
from bot.ports import Turn
from tests.bot.turn.processes import POINTS, deliver
from tests.bot.turn.rig import Rig, account, count, count_and_write, count_and_write_by_chance, said
from tests.bot.turn.trial import Trial

LEASE_MS = 150
RIVALS_LEASE_MS = 400  # of several at once each that is slower counts as dead
# Whoever freezes inside its transaction holds locks: rivals wait for them, then leave. SQLite has
# one lock for all, so that there it is enough to have written anything.
QUICK_TO_PASS = [point for point in POINTS if point not in ("handled", "before sql commit")]
UNHURRIED_SECONDS = 20.0  # where nobody is to give up, however busy the machine is


@pytest.fixture
def mortal(rig_on_both: Rig) -> Rig:
    rig_on_both.lease_ms, rig_on_both.deadline_s = LEASE_MS, UNHURRIED_SECONDS
    return rig_on_both


@pytest.mark.parametrize("point", POINTS)
def test_a_writing_turn_killed_at_any_point_happens_once(mortal: Rig, point: str) -> None:
    mortal.handle = count_and_write
    mortal.turns().take(said(1))
    assert deliver(mortal, said(2), point).answer() is None
    answers = [mortal.turns().take(said(number)).text for number in (2, 3, 2)]  # type: ignore[union-attr]
    assert answers == ["<r2>", "<r3>", "<r2>"]
    assert mortal.seen() == mortal.numbers_written() == [1, 2, 3]
    assert mortal.waiting() == (0, 0, 0)


@pytest.mark.parametrize("point", [p for p in POINTS if "sql" not in p])
def test_a_turn_without_records_killed_at_any_point_happens_once(rig: Rig, point: str) -> None:
    rig.lease_ms = LEASE_MS
    rig.turns().take(said(1))
    assert deliver(rig, said(2), point).answer() is None
    assert rig.turns().take(said(2)).text == "<r2>"  # type: ignore[union-attr]
    assert rig.seen() == [1, 2]
    assert rig.waiting() == (0, 0, 0)


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_turn_is_ended_by_the_persons_next_message(rig: Rig, point: str) -> None:
    """The platform does not always deliver again: what was begun is not lost, nor out of order."""
    rig.lease_ms, rig.handle = LEASE_MS, count_and_write
    assert deliver(rig, said(1), point).answer() is None
    assert rig.turns().take(said(2)).text == "<r2>"  # type: ignore[union-attr]
    assert rig.seen() == rig.numbers_written() == ([2] if point == "before begin" else [1, 2])


@pytest.mark.parametrize("point", POINTS)
def test_a_late_channels_turn_killed_at_any_point_is_answered_once(rig: Rig, point: str) -> None:
    """There the request says nothing in any case: what it should have asked for is asked again."""
    rig.lease_ms, rig.handle = LEASE_MS, count_and_write
    update, who = said(1, channel="alipay"), account(channel="alipay")
    assert deliver(rig, update, point).answer() is None
    for _ in range(2):
        assert rig.turns().take(update) is None
    assert rig.drains.claim(1) is not None
    rig.turns().drain(who, "drain:1")
    assert rig.channels["alipay"].sent() == ["<r1>"]
    assert rig.numbers_written() == [1]


@pytest.mark.parametrize("point", QUICK_TO_PASS)
def test_a_frozen_turn_that_wakes_agrees_with_who_took_over(mortal: Rig, point: str) -> None:
    mortal.handle = count_and_write_by_chance
    sleeper = deliver(mortal, said(1), point, signal.SIGSTOP)
    sleeper.wait_until_frozen()
    second = deliver(mortal, said(1)).answer()
    third = deliver(mortal, said(2)).answer()
    sleeper.wake()
    first = sleeper.answer()
    assert first == second != third
    notes = mortal.session()["notes"]
    assert notes["seen"] == [1, 2]
    assert len(mortal.numbers_written()) == sum(notes["wrote"])
    assert mortal.waiting() == (0, 0, 0)


def test_a_turn_frozen_when_its_handler_wrote_nothing_agrees(mortal: Rig) -> None:
    """It holds no lock yet."""
    sleeper = deliver(mortal, said(1), "handled", signal.SIGSTOP)
    sleeper.wait_until_frozen()
    assert deliver(mortal, said(1)).answer() == "<r1>"
    sleeper.wake()
    assert sleeper.answer() == "<r1>"
    assert mortal.seen() == [1]
    assert mortal.waiting() == (0, 0, 0)


def test_a_turn_frozen_when_its_handler_wrote_is_told_once(impatient: None, mortal: Rig) -> None:
    """SQLite's rivals cannot pass and leave the reply to the mail, PostgreSQL's can."""
    mortal.handle, mortal.deadline_s = count_and_write, 0.5
    sleeper = deliver(mortal, said(1), "handled", signal.SIGSTOP)
    sleeper.wait_until_frozen()
    second = deliver(mortal, said(1)).answer()
    sleeper.wake()
    assert sleeper.answer() == second
    mortal.deadline_s = UNHURRIED_SECONDS
    third = mortal.turns().take(said(2))
    assert f"{second} {third and third.text}".split() == ["<r1>", "<r2>"]
    assert mortal.seen() == mortal.numbers_written() == [1, 2]
    assert mortal.waiting() == (0, 0, 0)


def test_a_turn_frozen_inside_its_transaction_is_answered_by_mail(
    impatient: None, mortal: Rig
) -> None:
    """Its rivals cannot know how it will end: they leave the head alone until they can."""
    mortal.handle, mortal.deadline_s = count_and_write, 0.5
    sleeper = deliver(mortal, said(1), "before sql commit", signal.SIGSTOP)
    sleeper.wait_until_frozen()
    assert deliver(mortal, said(1)).answer() == ""  # success: the reply will come by mail
    sleeper.wake()
    assert sleeper.answer() == ""
    assert mortal.mail() == ["<r1>"] or mortal.waiting()[0] == 1
    mortal.deadline_s = UNHURRIED_SECONDS
    assert mortal.turns().take(said(2)).text == "<r1> <r2>"  # type: ignore[union-attr]
    assert mortal.seen() == mortal.numbers_written() == [1, 2]
    assert mortal.waiting() == (0, 0, 0)


def test_a_sleeper_that_writes_does_not_pass_one_that_wrote_nothing(mortal: Rig) -> None:
    """The row of who took over is there even if that turn had nothing to write: it is the fence."""
    mortal.handle = count_and_write
    sleeper = deliver(mortal, said(1), "after begin", signal.SIGSTOP)
    sleeper.wait_until_frozen()
    assert mortal.turns(handle=count).take(said(1)).text == "<r1>"  # type: ignore[union-attr]
    sleeper.wake()
    assert sleeper.answer() == "<r1>"
    assert mortal.numbers_written() == []
    assert mortal.seen() == [1]


@pytest.mark.parametrize("seed", range(3))
def test_conversations_with_deaths_lose_and_double_nothing(mortal: Rig, seed: int) -> None:
    mortal.handle, mortal.lease_ms = count_and_write_by_chance, RIVALS_LEASE_MS
    trial = Trial(mortal, seed)
    trial.kills()
    assert trial.audit() == []


@pytest.mark.parametrize("seed", range(2))
def test_conversations_with_freezes_lose_and_double_nothing(mortal: Rig, seed: int) -> None:
    mortal.handle = count_and_write_by_chance
    trial = Trial(mortal, seed, QUICK_TO_PASS)
    trial.freezes()
    assert trial.audit() == []


def test_who_finds_the_row_does_not_run_the_handler_again(mortal: Rig) -> None:
    mortal.handle = count_and_write
    assert deliver(mortal, said(1), "after sql commit").answer() is None
    runs = []

    def note(turn: Turn) -> Outcome:
        runs.append(turn.update.id)
        return count_and_write(turn)

    assert mortal.turns(handle=note).take(said(1)) == Reply("<r1>")
    assert runs == []
