"""A head that kills its process three times is put aside, and the person goes on."""

from __future__ import annotations

import os
import signal

from bot.dialogue.messages import Outcome, Reply, Update
from bot.ports import Turn
from models.turns import DeadLetter, place_of_dead_letter
from tests.bot.turn.processes import deliver
from tests.bot.turn.rig import KEYS, Rig, count, said


def deadly(turn: Turn) -> Outcome:
    if turn.update.text == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    return count(turn)


def test_after_three_deaths_an_apology_and_a_dead_letter(rig_on_both: Rig) -> None:
    rig = rig_on_both
    rig.handle, rig.lease_ms = deadly, 150
    for _ in range(3):
        assert deliver(rig, said(1)).answer() is None
    assert deliver(rig, said(1)).answer() == "[zh_CN apology]"
    (letter,) = rig.rows(DeadLetter)
    opened = Update.from_json(KEYS.open(letter.update, place_of_dead_letter(letter.id)))
    assert opened == said(1)
    assert (letter.update_id, letter.fault) == ("id1", "ProcessDied")
    assert deliver(rig, said(2)).answer() == "<r2>"
    assert rig.seen() == [2]


def test_the_persons_next_message_gets_past_a_deadly_one(rig: Rig) -> None:
    rig.handle, rig.lease_ms = deadly, 100
    for number in (1, 2, 3):
        assert deliver(rig, said(number)).answer() is None
    assert deliver(rig, said(4)).answer() == "<r4>"
    assert rig.seen() == [2, 3, 4]


def test_a_death_while_burying_leaves_one_letter(rig: Rig) -> None:
    rig.handle, rig.lease_ms = deadly, 100
    for _ in range(3):
        deliver(rig, said(1)).answer()
    assert deliver(rig, said(1), "after sql commit").answer() is None
    assert rig.turns(handle=count).take(said(1)) == Reply("[zh_CN apology]")
    assert len(rig.rows(DeadLetter)) == 1


def test_a_database_away_for_long_makes_no_dead_letter(rig: Rig) -> None:
    """Tries of processes that lived are not counted: only deaths are."""
    rig.lease_ms, rig.deadline_s = 100, 0.3
    assert deliver(rig, said(1), "before commit").answer() is None
    away = rig.again(database_url=f"sqlite:///{rig.folder}/nothing.db")
    for _ in range(6):
        assert away.turns().take(said(1)) is None
    away.close()
    rig.turns().take(said(2))
    assert rig.seen() == [1, 2]
    assert rig.rows(DeadLetter) == []
