"""A turn when nothing dies: once, in order, one reply, and plain words when something fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import OperationalError

from bot.dialogue.messages import Outcome, Reply
from bot.ports import Turn
from bot.sessions import Sessions
from models.notices import Notice
from models.turns import TurnRow, find_turn
from tests.bot.turn.counting import redis_calls
from tests.bot.turn.rig import KEYS, Rig, count, count_and_write, said


def test_an_update_gets_the_handlers_reply(rig: Rig) -> None:
    assert rig.turns().take(said(1)) == Reply("<r1>")


def test_the_session_is_kept_between_turns(rig: Rig) -> None:
    turns = rig.turns()
    for number in (1, 2, 3):
        turns.take(said(number))
    assert rig.seen() == [1, 2, 3]


def test_the_same_message_three_times_changes_state_once(rig: Rig) -> None:
    turns = rig.turns(handle=count_and_write)
    replies = [turns.take(said(1)) for _ in range(3)]
    assert replies == [Reply("<r1>")] * 3
    assert rig.seen() == [1]
    assert rig.numbers_written() == [1]


def test_a_turn_leaves_nothing_but_session_and_stored_reply(rig: Rig) -> None:
    rig.turns().take(said(1))
    keys = {key.decode() for key in rig.client.scan_iter()}
    assert keys == {"{wechat:wx1:alice}", "{wechat:wx1:alice}:r:id1"}
    assert 0 < rig.client.ttl("{wechat:wx1:alice}:r:id1") <= 24 * 3600
    assert rig.client.ttl("{wechat:wx1:alice}") > 31 * 24 * 3600


def test_nothing_in_redis_is_readable(rig: Rig) -> None:
    gate = threading.Event()

    def secret(turn: Turn) -> Outcome:
        turn.session.notes["name"] = "CHEN GUOQIANG"
        gate.wait(5)
        return Reply("CHEN GUOQIANG")

    update = said(1)
    thread = threading.Thread(target=rig.turns(handle=secret).take, args=(update,))
    thread.start()
    while not rig.client.exists("{wechat:wx1:alice}:b"):
        time.sleep(0.005)
    during = [rig.client.dump(key) for key in rig.client.scan_iter()]
    gate.set()
    thread.join()
    after = [rig.client.dump(key) for key in rig.client.scan_iter()]
    assert not any(word in dump for dump in during + after for word in (b"CHEN", b'"text"'))


def test_an_uncontended_turn_is_two_calls(rig: Rig) -> None:
    turns = rig.turns()
    turns.take(said(1))  # the scripts are loaded now
    assert len(redis_calls(rig, said(2))) == 2


def test_records_and_the_fence_row_are_one_transaction(rig_on_both: Rig) -> None:
    rig_on_both.turns(handle=count_and_write).take(said(1))
    assert len(rig_on_both.rows(Notice)) == len(rig_on_both.rows(TurnRow)) == 1
    assert rig_on_both.wakes == ["notices"]


def test_a_turn_that_writes_nothing_leaves_no_row(rig: Rig) -> None:
    rig.turns().take(said(1))
    assert rig.rows(TurnRow) == []


def test_a_failing_handler_gets_an_apology_and_changes_nothing(rig_on_both: Rig) -> None:
    def broken(turn: Turn) -> Outcome:
        count_and_write(turn)
        raise RuntimeError("CHEN GUOQIANG")

    turns = rig_on_both.turns(handle=broken)
    assert turns.take(said(1)) == Reply("[zh_CN apology]")
    assert turns.take(said(1)) == Reply("[zh_CN apology]")  # the redelivery hears the same
    assert rig_on_both.seen() == []
    assert rig_on_both.rows(Notice) == []
    assert rig_on_both.turns().take(said(2)) == Reply("<r2>")


def test_a_fault_is_logged_without_its_message(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(turn: Turn) -> Outcome:
        raise RuntimeError("CHEN GUOQIANG")

    rig.turns(handle=broken).take(said(1))
    logged = "".join(capsys.readouterr())
    assert "RuntimeError" in logged
    assert "CHEN" not in logged


def test_the_apology_is_in_the_persons_language(rig: Rig) -> None:
    def english_then_broken(turn: Turn) -> Outcome:
        if turn.session.locale == "en":
            raise RuntimeError
        turn.session.locale = "en"
        return Reply("hello")

    turns = rig.turns(handle=english_then_broken)
    turns.take(said(1))
    assert turns.take(said(2)) == Reply("[en apology]")


def test_without_a_database_a_writing_turn_apologises_and_others_go_on(
    rig: Rig, tmp_path: Path
) -> None:
    away = rig.again(database_url=f"sqlite:///{tmp_path}/nothing.db")
    assert away.turns(handle=count_and_write).take(said(1)) == Reply("[zh_CN apology]")
    assert away.turns(handle=count).take(said(2)) == Reply("<r2>")
    assert away.seen() == [2]
    away.close()


def test_without_redis_the_answer_is_an_apology_within_the_deadline(
    rig: Rig, tmp_path: Path
) -> None:
    away = rig.again(redis_url=f"unix://{tmp_path}/no.sock", deadline_s=0.5)
    began = time.monotonic()
    assert away.turns().take(said(1)) == Reply("[zh_CN apology]")
    assert time.monotonic() - began < 1.5
    away.close()


def test_a_commit_in_doubt_is_looked_up_and_not_repeated(rig: Rig) -> None:
    """The connection dies after COMMIT was carried out: the row is there, so it is adopted."""
    turns = rig.turns(handle=count_and_write)
    database = rig.database
    begin = database.begin_writing
    doubts: list[int] = []

    def begin_writing() -> object:
        records = begin()
        commit = records.commit

        def commit_and_fail() -> None:
            commit()
            if not doubts:
                doubts.append(1)
                raise OperationalError("COMMIT", {}, ConnectionError())

        records.commit = commit_and_fail  # type: ignore[method-assign]
        return records

    database.begin_writing = begin_writing  # type: ignore[method-assign, assignment]
    assert turns.take(said(1)) == Reply("<r1>")
    assert doubts and rig.numbers_written() == [1] and rig.seen() == [1]


def test_a_commit_that_failed_is_made_again(rig: Rig) -> None:
    turns = rig.turns(handle=count_and_write)
    begin = rig.database.begin_writing
    failed: list[int] = []

    def begin_writing() -> object:
        records = begin()
        if not failed:

            def fail() -> None:
                failed.append(1)
                raise OperationalError("COMMIT", {}, ConnectionError())

            records.commit = fail  # type: ignore[method-assign]
        return records

    rig.database.begin_writing = begin_writing  # type: ignore[method-assign, assignment]
    assert turns.take(said(1)) == Reply("<r1>")
    assert failed and rig.numbers_written() == [1] and rig.seen() == [1]


def test_a_redelivery_after_its_reply_was_forgotten_does_not_turn_time_back(rig: Rig) -> None:
    turns = rig.turns(handle=count_and_write)
    turns.take(said(1))
    turns.take(said(2))
    rig.client.delete("{wechat:wx1:alice}:r:id1")  # a day later
    assert turns.take(said(1)) == Reply("<r1>")
    assert rig.seen() == [1, 2]
    assert rig.numbers_written() == [1, 2]


def test_when_redis_lost_everything_the_row_still_answers(rig: Rig) -> None:
    turns = rig.turns(handle=count_and_write)
    turns.take(said(1))
    rig.client.flushall()
    assert turns.take(said(1)) == Reply("<r1>")
    assert rig.numbers_written() == [1]


class Flaky:
    """A client whose script with these words is not carried out, or its answer lost, so often."""

    def __init__(self, client: Any, words: str, faults: int, *, heard: bool = False) -> None:
        self.client, self.words, self.faults, self.heard = client, words, faults, heard

    def register_script(self, script: str) -> Callable[..., Any]:
        registered = self.client.register_script(script)

        def call(**arguments: Any) -> Any:
            if self.words in script and self.faults:
                self.faults -= 1
                if self.heard:
                    registered(**arguments)
                raise RedisAway("gone")
            return registered(**arguments)

        return call


def test_redis_back_within_the_deadline_costs_a_delay_only(rig: Rig) -> None:
    flaky = Flaky(rig.client, "Queue an update", 2)
    rig.sessions = Sessions(flaky, KEYS)
    assert rig.turns().take(said(1)) == Reply("<r1>")
    assert flaky.faults == 0


def test_a_redis_that_goes_away_at_the_commit_does_not_unsay_the_reply(rig: Rig) -> None:
    away = rig.again(deadline_s=0.3, lease_ms=100)
    away.sessions = Sessions(OneWay(away.client), KEYS)
    assert away.turns(handle=count_and_write).take(said(1)) == Reply("<r1>")
    rig.lease_ms = 100
    assert rig.turns(handle=count_and_write).take(said(2)) == Reply("<r2>")
    assert rig.seen() == rig.numbers_written() == [1, 2]
    assert rig.turns().take(said(1)) == Reply("<r1>")
    away.close()


def test_the_fence_row_holds_nothing_readable(rig: Rig) -> None:
    rig.turns(handle=count_and_write).take(said(1))
    with rig.database.reading() as records:
        row = find_turn(records, "wechat:wx1:alice", "id1")
    assert row and b"seen" not in row


class OneWay:
    """Lets everything through but the end of a turn."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def register_script(self, script: str) -> Callable[..., Any]:
        if "End the head's turn" not in script:
            registered: Callable[..., Any] = self._client.register_script(script)
            return registered

        def away(**arguments: Any) -> Any:
            raise RedisAway("gone")

        return away


@pytest.mark.parametrize("words", ["Queue an update", "End the head's turn"])
def test_a_redis_that_went_away_is_not_taken_for_a_death(rig: Rig, words: str) -> None:
    """Found by the soak: with two real deaths it would have put a harmless message aside."""
    flaky = Flaky(rig.client, words, 100, heard=words == "Queue an update")
    rig.sessions = Sessions(flaky, KEYS)
    turns = rig.turns(deadline_s=0.2, handle=count_and_write)
    turns.take(said(1))
    flaky.faults = 0
    turns.take(said(1, "bob"))
    assert rig.client.hmget("{wechat:wx1:alice}", "owner", "tries") == [b"", b"0"]
    assert turns.take(said(1)) == Reply("<r1>")
    assert (rig.seen(), rig.numbers_written()) == ([1], [1])
