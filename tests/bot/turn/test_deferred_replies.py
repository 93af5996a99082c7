"""A turn never waits for background work: its reply comes as an update of its own."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.dialogue.messages import LATER, Kind, Outcome, Reply, Update
from bot.ports import MUST_ARRIVE, Turn
from models.jobs import Job
from tests.bot.turn.rig import NOON, Rig, account, said


def ask_and_tell(turn: Turn) -> Outcome:
    """Starts a job at a message; at its result, answers with it."""
    if turn.update.kind is Kind.RESULT:
        turn.session.notes.setdefault("results", []).append(turn.update.data["what"])
        match turn.update.data["what"]:
            case "more":
                return LATER
            case "nothing":
                return None
            case what:
                return Reply(f"<{what}>")
    turn.session.notes.setdefault("seen", []).append(int(turn.update.text))
    turn.start_job("read", {"number": turn.update.text})
    return LATER


def result(what: str, answers: str = "id1", number: str = "end") -> Update:
    return Update(
        f"job:7:{number}",
        account(),
        Kind.RESULT,
        NOON,
        key="read",
        data={"what": what},
        answers=answers,
    )


def waiting(
    rig: Rig, update: Update, **options: Any
) -> tuple[threading.Thread, list[Reply | None]]:
    """A request whose reply is deferred by now."""
    answers: list[Reply | None] = []
    turns = rig.turns(**{"handle": ask_and_tell, **options})
    thread = threading.Thread(target=lambda: answers.append(turns.take(update)))
    thread.start()
    deadline = time.monotonic() + 5
    while rig.client.hget(f"{{{account()}}}:b", update.id) not in (b"d", b"D"):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return thread, answers


def test_the_waiting_request_gets_the_result(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1))
    assert rig.turns(handle=ask_and_tell).deliver(result("read"))
    thread.join()
    assert answers == [Reply("<read>")]
    assert rig.waiting() == (0, 0, 0)


def test_the_job_and_the_turn_are_one_transaction(rig: Rig) -> None:
    thread, _ = waiting(rig, said(1), deadline_s=0.1)
    thread.join()
    (job,) = rig.rows(Job)
    assert (job.name, job.answers, rig.wakes[0]) == ("read", "id1", "jobs")


def test_while_it_waits_the_person_can_go_on(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1))
    second, more = waiting(rig, said(2))
    turns = rig.turns(handle=ask_and_tell)
    turns.deliver(result("two", "id2", "2"))
    turns.deliver(result("one", "id1", "1"))
    thread.join()
    second.join()
    assert (answers, more) == ([Reply("<one>")], [Reply("<two>")])


def test_who_cannot_wait_longer_asks_for_patience_and_gets_mail(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1), deadline_s=0.1)
    thread.join()
    assert answers == [Reply("[zh_CN please_wait]")]
    rig.turns(handle=ask_and_tell).deliver(result("read"))
    assert rig.mail() == ["<read>"]
    assert rig.wakes[-1] == "drain"


def test_where_every_answer_is_late_nobody_waits_for_the_work(rig: Rig) -> None:
    turns, started = rig.turns(handle=ask_and_tell), time.monotonic()
    assert turns.take(said(1, channel="alipay")) is None
    assert time.monotonic() - started < 1.5, "of the three that a request may wait"
    read = replace(result("read"), account=account(channel="alipay"))
    assert turns.deliver(read)
    assert rig.mail(channel="alipay") == ["<read>"]
    assert rig.wakes[-1] == "drain"


def test_a_redelivery_of_a_deferred_update_starts_no_second_job(rig: Rig) -> None:
    first, answers = waiting(rig, said(1))
    second, more = waiting(rig, said(1))
    rig.turns(handle=ask_and_tell).deliver(result("read"))
    first.join()
    second.join()
    assert answers == more == [Reply("<read>")]
    assert len(rig.rows(Job)) == 1


def test_the_same_result_twice_is_taken_once(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1))
    turns = rig.turns(handle=ask_and_tell)
    assert turns.deliver(result("read")) and turns.deliver(result("read"))
    thread.join()
    assert answers == [Reply("<read>")]
    assert rig.session()["notes"]["results"] == ["read"]
    assert rig.mail() == []


def test_a_result_that_says_later_leaves_the_request_waiting(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1))
    turns = rig.turns(handle=ask_and_tell)
    turns.deliver(result("more", number="1"))
    turns.deliver(result("read"))
    thread.join()
    assert answers == [Reply("<read>")]


def test_a_result_without_a_reply_ends_the_waiting(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1))
    rig.turns(handle=ask_and_tell).deliver(result("nothing"))
    thread.join()
    assert answers == [None]


def test_a_second_reply_to_an_answered_update_goes_by_mail(rig: Rig) -> None:
    thread, answers = waiting(rig, said(1))
    turns = rig.turns(handle=ask_and_tell)
    turns.deliver(result("side", number="1"))
    turns.deliver(result("read"))
    thread.join()
    assert answers == [Reply("<side>")]
    assert rig.mail() == ["<read>"]


def test_a_handler_may_answer_another_update_that_waits(rig: Rig) -> None:
    """Two photos: the first one's reading answers the message that brought the second."""

    def answer_the_second(turn: Turn) -> Outcome:
        turn.answers = "id2"
        return Reply("<both>")

    first, answers = waiting(rig, said(1))
    second, more = waiting(rig, said(2))
    rig.turns(handle=ask_and_tell).deliver(result("side", "id1", "1"))
    first.join()
    rig.turns(handle=answer_the_second).deliver(result("read", "id1"))
    second.join()
    assert (answers, more) == ([Reply("<side>")], [Reply("<both>")])


def tell_and_write(turn: Turn) -> Outcome:
    """Like `ask_and_tell`, with a record of the result."""
    if turn.update.kind is Kind.RESULT:
        turn.send_sms("13900001234", "code", {"number": "7"})
    return ask_and_tell(turn)


def test_a_result_waits_for_a_database_that_is_away(rig: Rig, tmp_path: Path) -> None:
    """Found by the soak: it was answered by an apology, and the work's record was lost."""
    thread, answers = waiting(rig, said(1), deadline_s=20.0, handle=tell_and_write)
    away = rig.again(database_url=f"sqlite:///{tmp_path}/nothing.db", deadline_s=0.2)
    assert away.turns(handle=tell_and_write).deliver(result("found"))
    away.close()
    thread.join()
    assert (answers, rig.numbers_written()) == ([Reply("<found>")], [7])


def test_a_result_does_not_stop_the_person_for_long(rig: Rig, tmp_path: Path) -> None:
    thread, answers = waiting(rig, said(1), deadline_s=20.0)
    away = rig.again(database_url=f"sqlite:///{tmp_path}/nothing.db", deadline_s=0.2)
    old = replace(result("found"), at=NOON - timedelta(minutes=2))
    assert away.turns(handle=tell_and_write).deliver(old)
    away.close()
    thread.join()
    assert answers == [Reply("[zh_CN apology]")]


def test_a_result_that_holds_what_is_nowhere_else_waits_for_hours(rig: Rig, tmp_path: Path) -> None:
    thread, answers = waiting(rig, said(1), deadline_s=20.0, handle=tell_and_write)
    away = rig.again(database_url=f"sqlite:///{tmp_path}/nothing.db", deadline_s=0.2)
    old = replace(result("found"), at=NOON - timedelta(hours=2))
    must = replace(old, data={**old.data, MUST_ARRIVE: True})
    assert away.turns(handle=tell_and_write).deliver(must)
    away.close()
    thread.join()
    assert answers == [Reply("<found>")]


def test_a_result_for_somebody_with_a_full_queue_is_taken(rig: Rig) -> None:
    rig.cap = 0 + 1
    rig.__post_init__()
    update = replace(result("read"), answers="")
    assert rig.turns(handle=ask_and_tell).deliver(update)
    assert rig.mail() == ["<read>"]
