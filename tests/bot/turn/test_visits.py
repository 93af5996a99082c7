"""What waits for a person's next visit is told with the reply to it: once, whoever dies."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.channels.wechat import replies
from bot.dialogue.messages import LATER, AccountKey, Kind, Outcome, Reply, Update
from bot.ports import Turn
from config.templates import params_of
from models.ladders import add_notice, end_parked
from models.notices import Notice, claim_notices, fold
from models.turns import TurnRow
from tests.bot.turn.counting import redis_calls
from tests.bot.turn.processes import POINTS, deliver
from tests.bot.turn.rig import KEYS, NOON, Recorder, Rig, account, count, count_and_write, said
from tests.bot.turn.test_late_replies import Slow, begun

PARAMS = {"number": "YZ2611230731", "parcel": "EM261123"}
TOLD = "您的社保卡（受理号尾号0731）社保功能已启用，可以看病买药、领待遇了。"
MAILED = "您的社保卡（受理号尾号0731）已寄出"
LEASE_MS = 150


def park(
    rig: Rig,
    name: str = "activated",
    *,
    matter: str = "application:1",
    key: AccountKey | None = None,
    mark: bool = True,
) -> None:
    """A notice that no rung would take, as the worker leaves it."""
    key = key or account()
    with rig.database.writing() as records:
        add_notice(
            records,
            KEYS,
            account=str(key),
            name=name,
            params={wanted: PARAMS[wanted] for wanted in params_of(name)},
            locale="zh_CN",
            matter=matter,
            now=NOON,
            notice_id=rig.sources.new_id(),
        )
        (notice,) = claim_notices(records, NOON, 30.0, 1, "worker", ("ladder",))
        assert end_parked(records, notice, "worker")
    if mark:
        rig.marks.mark(key)


def states(rig: Rig) -> list[str]:
    return [notice.state for notice in rig.rows(Notice) if notice.kind == "ladder"]


def marked(rig: Rig) -> bool:
    return bool(rig.client.hexists("{wechat:wx1:alice}", "parked"))


def known(rig: Rig) -> Rig:
    """A person who has been here before."""
    rig.turns().take(said(1))
    return rig


@contextmanager
def statements(rig: Rig) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(rig.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(rig.database.engine, "before_cursor_execute", note)


def text_of(reply: Reply | None) -> str:
    return reply.text if reply else ""


def test_it_is_told_before_the_reply_in_one_message_and_once(rig_on_both: Rig) -> None:
    rig = known(rig_on_both)
    park(rig)
    turns = rig.turns()
    assert turns.take(said(2)) == Reply(f"{TOLD} <r2>")
    assert turns.take(said(2)) == Reply(f"{TOLD} <r2>")  # the redelivery hears the same
    assert turns.take(said(3)) == Reply("<r3>")
    assert (states(rig), marked(rig)) == (["sent"], False)
    assert rig.channels["wechat"].sent() == []


def test_of_one_matter_the_latest_alone_is_told(rig: Rig) -> None:
    park(known(rig), "mailed")
    park(rig)
    park(rig, "mailed", matter="application:2")
    text = text_of(rig.turns().take(said(2)))
    assert text.index(TOLD) < text.index(MAILED) < text.index("<r2>")
    assert text.count(MAILED) == 1
    assert states(rig) == ["replaced", "sent", "sent"]


def test_it_is_told_in_the_language_spoken_now(rig: Rig) -> None:
    def english(turn: Turn) -> Outcome:
        turn.session.locale = "en"
        return count(turn)

    park(known(rig))
    text = text_of(rig.turns(handle=english).take(said(2)))
    assert "is switched on; it can be used now." in text


def test_where_nothing_is_parked_the_records_are_not_asked(rig: Rig) -> None:
    turns = known(rig).turns()
    with statements(rig) as asked:
        assert turns.take(said(2)) == Reply("<r2>")
    assert asked == []
    park(rig)
    with statements(rig) as asked:
        turns.take(said(3))
    assert asked


def test_a_page_that_shows_no_words_is_no_visit(rig: Rig) -> None:
    """A form of a page is answered with what it asked for; the next word is told what waits."""
    park(known(rig))
    form = Update("form1", account(), Kind.PAGE, said(1).at, text="2", key="progress.ask")
    assert rig.turns().take(form) == Reply("<r2>")
    assert states(rig) == ["parked"]
    assert TOLD in text_of(rig.turns().take(said(3)))


def test_a_visit_costs_redis_no_further_call(rig: Rig) -> None:
    park(known(rig))
    assert len(redis_calls(rig, said(2))) == 2


def test_when_redis_lost_the_mark_it_lost_the_session_and_the_records_are_asked(rig: Rig) -> None:
    park(known(rig))
    rig.client.flushall()
    assert rig.turns().take(said(2)) == Reply(f"{TOLD} <r2>")


def test_a_mark_for_nothing_is_cleared_by_the_next_turn(rig: Rig) -> None:
    known(rig).marks.mark(account())
    assert rig.turns().take(said(2)) == Reply("<r2>")
    assert not marked(rig)


def test_what_is_parked_during_the_turn_is_told_at_the_next(rig: Rig) -> None:
    park(known(rig))

    def meanwhile(turn: Turn) -> Outcome:
        return count(turn)

    def hook(point: str) -> None:
        if point == "handled":
            park(rig, "mailed", matter="application:2")

    # SQLite has one writer: the notice is parked once the turn's own transaction is over.
    late = rig.turns(
        handle=meanwhile, hook=lambda point: hook("handled") if "before commit" in point else None
    )
    assert late.take(said(2)) == Reply(f"{TOLD} <r2>")
    assert marked(rig)
    assert MAILED in text_of(rig.turns().take(said(3)))


def test_what_does_not_fit_waits_for_the_next_reply_and_the_reply_is_whole(rig: Rig) -> None:
    """With the real limit of one message."""

    class Real(Recorder):
        def fit(self, reply: Any, mail: Any) -> Any:
            return replies.fit(reply, mail, "https://site.example")

    rig.channels["wechat"] = Real(rig.folder / "wechat.log")
    park(known(rig))
    park(rig, "mailed", matter="application:2")
    long = "长" * 620

    def answers(turn: Turn) -> Outcome:
        return Reply(long if turn.update.text == "2" else f"<r{turn.update.text}>")

    turns = rig.turns(handle=answers)
    first = text_of(turns.take(said(2)))
    assert first == f"{TOLD}\n\n{long}"
    assert states(rig) == ["sent", "parked"]
    assert MAILED in text_of(turns.take(said(3)))
    assert (states(rig), marked(rig)) == (["sent", "sent"], False)


@pytest.mark.parametrize("outcome", [None, LATER])
def test_a_turn_without_a_reply_is_no_visit(rig: Rig, outcome: Outcome) -> None:
    park(known(rig))
    rig.turns(handle=lambda turn: outcome, deadline_s=0.05).take(said(2))
    assert states(rig) == ["parked"]
    assert marked(rig)


def test_a_reply_that_comes_late_is_no_visit(rig: Rig) -> None:
    """Of a letter nobody knows when it arrives, and it lies in Redis alone."""
    slow = Slow()
    thread, _ = begun(known(rig), slow, said(2))
    rig.turns(deadline_s=0.05).take(said(3))  # gives up behind it
    park(rig)
    slow.gate.set()
    thread.join()
    assert rig.turns().take(said(4)) == Reply(f"<r3> {TOLD} <r4>")
    assert states(rig) == ["sent"]


def test_a_result_of_background_work_is_no_visit(rig: Rig) -> None:
    park(known(rig))
    result = Update("job:1", account(), Kind.RESULT, NOON, text="2", answers="id1")
    rig.turns().deliver(result)
    assert states(rig) == ["parked"]


def test_where_every_reply_is_late_it_goes_with_the_first(rig: Rig) -> None:
    key = account(channel="alipay")
    rig.turns().take(said(1, channel="alipay"))
    rig.turns().drain(key, "drain:1")
    park(rig, key=key)
    assert rig.turns().take(said(2, channel="alipay")) is None
    rig.turns().drain(key, "drain:2")
    assert rig.channels["alipay"].sent()[-1] == f"{TOLD} <r2>"


def test_what_the_turn_itself_has_ended_is_not_told(rig_on_both: Rig) -> None:
    def ends(turn: Turn) -> Outcome:
        fold(turn.records, str(turn.account), "application:1")
        return count(turn)

    park(known(rig_on_both))
    assert rig_on_both.turns(handle=ends).take(said(2)) == Reply("<r2>")
    assert states(rig_on_both) == ["replaced"]


def test_a_turn_that_fails_tells_nothing_and_the_next_does(rig: Rig) -> None:
    def broken(turn: Turn) -> Outcome:
        raise RuntimeError

    park(known(rig))
    assert rig.turns(handle=broken).take(said(2)) == Reply("[zh_CN apology]")
    assert rig.turns().take(said(3)) == Reply(f"{TOLD} <r3>")


def test_without_a_database_a_visit_is_answered_without_its_notices(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> Any:
        raise OperationalError("SELECT", None, Exception())

    park(known(rig))
    with monkeypatch.context() as without:
        without.setattr(rig.database, "reading", away)
        assert rig.turns().take(said(2)) == Reply("<r2>")
    assert rig.turns().take(said(3)) == Reply(f"{TOLD} <r3>")


def test_one_that_nobody_can_read_keeps_nobody_from_an_answer(rig: Rig) -> None:
    park(known(rig))
    with rig.database.writing() as records:
        (notice,) = rig.rows(Notice)
        notice.payload = b"\x01" + notice.payload[1:-1] + b"x"
        records.merge(notice)
    assert rig.turns().take(said(2)) == Reply("<r2>")
    assert rig.turns().take(said(3)) == Reply("<r3>")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("handle", [count, count_and_write], ids=["reads", "writes"])
def test_killed_at_any_point_of_the_visit_it_is_told_once(
    rig_on_both: Rig, point: str, handle: Any
) -> None:
    rig = known(rig_on_both)
    rig.lease_ms, rig.handle = LEASE_MS, handle
    park(rig)
    assert deliver(rig, said(2), point).answer() is None
    turns = rig.turns()
    again = turns.take(said(2))
    assert again == Reply(f"{TOLD} <r2>")
    assert turns.take(said(3)) == Reply("<r3>")
    assert (states(rig), marked(rig)) == (["sent"], False)
    assert len([row for row in rig.rows(TurnRow) if row.update_id == "id2"]) == 1


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_never_delivered_again_the_next_message_loses_nothing(
    rig: Rig, point: str
) -> None:
    """What was told in a reply that its request never heard stays with that reply: the platform's
    repeat gets it. Where nothing was committed, the next message tells it."""
    rig.lease_ms = LEASE_MS
    park(known(rig))
    assert deliver(rig, said(2), point).answer() is None
    text = text_of(rig.turns().take(said(3)))
    repeated = text_of(rig.turns().take(said(2)))
    assert (TOLD in text) + (TOLD in repeated) == 1
    assert states(rig) == ["sent"]


@pytest.mark.parametrize("point", [p for p in POINTS if p not in ("handled", "before sql commit")])
def test_frozen_at_any_point_of_the_visit_it_is_told_in_one_reply(
    rig_on_both: Rig, point: str
) -> None:
    rig = known(rig_on_both)
    rig.lease_ms, rig.deadline_s = LEASE_MS, 20.0
    park(rig)
    sleeper = deliver(rig, said(2), point, signal.SIGSTOP)
    assert sleeper.wait_until_frozen()
    second = deliver(rig, said(2)).answer()
    sleeper.wake()
    assert sleeper.answer() == second == f"{TOLD} <r2>"
    assert rig.turns().take(said(3)) == Reply("<r3>")
    assert states(rig) == ["sent"]


def test_a_reply_that_tells_how_a_matter_stands_stands_for_its_notices(rig: Rig) -> None:
    known(rig)
    park(rig)
    park(rig, "collected", matter="application:2")
    reply = Reply("现在这样。", about="application:1")
    told = rig.turns(handle=lambda turn: reply).take(said(2))
    assert TOLD not in text_of(told)
    assert "已领走" in text_of(told)
    assert (states(rig), marked(rig)) == (["sent", "sent"], False)
