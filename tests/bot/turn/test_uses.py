"""That somebody wrote is said once an hour, and costs other messages nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.clicks import place_of
from bot.dialogue.messages import Kind
from bot.dialogue.state import Session
from bot.sessions import SessionsAway, Spoken
from bot.work.push_chores import who_wrote
from models.people import Account, account_of
from tests.bot.turn.counting import redis_calls
from tests.bot.turn.rig import NOON, Rig, account, count, said

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ALICE = str(account())


def says(rig: Rig, number: int, after: timedelta = timedelta(0), **other: Any) -> str:
    """The answer to one update, so long after noon."""
    object.__setattr__(rig.sources, "clock", lambda: NOON + after)
    update = replace(said(number), at=NOON + after, **other)
    answer = rig.turns(handle=count, spoken=Spoken(rig.client)).take(update)
    return answer.text if answer else ""


def waiting(rig: Rig) -> dict[str, timedelta]:
    """Who stands in line, and how long after noon they wrote."""
    return {key: moment - NOON for key, moment in Spoken(rig.client).take(100).items()}


def test_a_message_is_said_once_an_hour(rig: Rig) -> None:
    says(rig, 1)
    says(rig, 2, HOUR - MINUTE)
    assert waiting(rig) == {ALICE: timedelta(0)}
    says(rig, 3, HOUR)
    assert waiting(rig) == {ALICE: HOUR}


def test_other_messages_cost_no_call_and_no_write(rig: Rig) -> None:
    says(rig, 1)
    assert len(redis_calls(rig, said(2))) == 2
    assert not rig.rows(Account)


@pytest.mark.parametrize(
    "other", [{"kind": Kind.CLICK}, {"kind": Kind.SCAN}, {"key": "3f0a61c2d9-1"}]
)
def test_a_tap_opens_no_window_of_days(rig: Rig, other: dict[str, Any]) -> None:
    says(rig, 1, **other)
    assert waiting(rig) == {}


def test_who_cannot_be_noted_is_answered_and_noted_the_next_time(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise SessionsAway("ConnectionError")

    with monkeypatch.context() as patched:
        patched.setattr(Spoken, "note", away)
        assert says(rig, 1)
    assert waiting(rig) == {}
    says(rig, 2, MINUTE)
    assert waiting(rig) == {ALICE: MINUTE}


def test_what_was_said_is_in_the_records_a_minute_later(rig_on_both: Rig) -> None:
    rig, spoken = rig_on_both, Spoken(rig_on_both.client)
    with rig.database.writing() as records:
        account_of(records, ALICE, NOON)
    says(rig, 1, MINUTE)
    taken = spoken.take(100)
    spoken.note(account(), NOON + HOUR)  # before what was taken is done
    spoken.done(taken)
    assert waiting(rig) == {ALICE: HOUR}
    chore = who_wrote(rig.database, spoken)
    assert chore.do(NOON) == 1
    assert [row.last_inbound_at for row in rig.rows(Account)] == [NOON + HOUR]
    assert waiting(rig) == {}
    assert chore.do(NOON) == 0


def test_a_note_changes_no_question() -> None:
    """A tap on what was asked before the hour was over still means it."""
    before = Session(talk="card", notes={"seen": [1]})
    after = Session(talk="card", notes={"seen": [1], "spoke": NOON.isoformat()})
    assert place_of(before) == place_of(after)
