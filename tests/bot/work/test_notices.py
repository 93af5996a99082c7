"""The outbox: sent once, in a person's order, and never silently lost."""

from __future__ import annotations

import json
import signal
import threading

import pytest

from bot.dialogue.messages import Reply
from bot.ports import OfficeError, SendError
from models.notices import Notice, add_chat, settle_unknown
from tests.bot.turn.processes import Child, disaster, forked
from tests.bot.turn.rig import KEYS, NOON, Rig, count_and_write, said
from tests.bot.work.desk_rig import SmsDesk, at, worker


def put_chat(rig: Rig, text: str, number: int = 1, user: str = "alice") -> None:
    with rig.database.writing() as records:
        add_chat(
            records,
            KEYS,
            account=f"wechat:wx1:{user}",
            payload=json.loads(Reply(text).to_json()),
            now=NOON,
            notice_id=f"{user:f<28}{number:04}",
        )


def states(rig: Rig) -> list[str]:
    return [notice.state for notice in rig.rows(Notice)]


def test_an_sms_of_a_turn_is_sent(rig_on_both: Rig) -> None:
    rig_on_both.turns(handle=count_and_write).take(said(1))
    sms = SmsDesk(rig_on_both.folder / "sms.log")
    worker(rig_on_both, sms=sms).settle()
    assert list(sms.taken().values()) == [{"number": "1"}]
    assert states(rig_on_both) == ["sent"]


def test_a_persons_messages_leave_in_their_order(rig_on_both: Rig) -> None:
    for number in range(1, 6):
        put_chat(rig_on_both, f"<{number}>", number)
    some = worker(rig_on_both)
    threads = [threading.Thread(target=some.settle) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    some.settle()
    assert rig_on_both.channels["wechat"].sent() == [f"<{n}>" for n in range(1, 6)]


def test_an_sms_office_that_is_away_is_asked_again_later(rig: Rig) -> None:
    rig.turns(handle=count_and_write).take(said(1))
    sms = SmsDesk(rig.folder / "sms.log", [OfficeError("sms", "timeout", retry=True, unknown=True)])
    some = worker(rig, sms=sms)
    some.settle()
    assert (states(rig), sms.taken()) == (["queued"], {})
    at(rig, 2)
    some.settle()
    assert (states(rig), len(sms.taken())) == (["sent"], 1)


def test_an_sms_that_never_goes_through_is_refused_at_last(rig: Rig) -> None:
    rig.turns(handle=count_and_write).take(said(1))
    faults = [OfficeError("sms", "http_500", retry=True) for _ in range(9)]
    some = worker(rig, sms=SmsDesk(rig.folder / "sms.log", faults))
    for seconds in range(0, 600, 60):
        at(rig, seconds)
        some.settle()
    assert states(rig) == ["refused"]
    assert len(faults) == 3


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("window", "parked"),
        ("permanent", "refused"),
        ("account", "refused"),
        ("transient", "queued"),
        ("quota", "queued"),
        ("unknown", "unknown"),
    ],
)
def test_a_message_not_taken_ends_by_its_reason(rig: Rig, reason: str, state: str) -> None:
    put_chat(rig, "<1>")
    rig.channels["wechat"].fault = SendError(reason)  # type: ignore[arg-type]
    worker(rig).settle()
    assert states(rig) == [state]


@pytest.mark.parametrize("point", ["notice claimed", "notice sending", "notice sent"])
def test_a_chat_message_is_sent_at_most_once_whoever_dies(rig: Rig, point: str) -> None:
    put_chat(rig, "<1>")

    def work() -> str:
        worker(rig.again(), hook=disaster(point)).settle()
        return "alive"

    assert forked(work).answer() is None
    at(rig, 60)
    with rig.database.writing() as records:
        settle_unknown(records, rig.sources.clock())
    worker(rig).settle()
    sent = rig.channels["wechat"].sent()
    if point == "notice claimed":
        assert (sent, states(rig)) == (["<1>"], ["sent"])
    else:
        assert (len(sent) <= 1, states(rig)) == (True, ["unknown"])


@pytest.mark.parametrize("point", ["notice claimed", "notice sent"])
def test_an_sms_is_repeated_under_its_key_whoever_dies(rig: Rig, point: str) -> None:
    rig.turns(handle=count_and_write).take(said(1))

    def work() -> str:
        worker(rig.again(), hook=disaster(point)).settle()
        return "alive"

    assert forked(work).answer() is None
    at(rig, 60)
    sms = SmsDesk(rig.folder / "sms.log")
    worker(rig, sms=sms).settle()
    assert (len(sms.taken()), states(rig)) == (1, ["sent"])


def frozen_worker(rig: Rig, point: str) -> Child:
    """A worker that froze at `point`; its answer tells that it came to its end all the same."""

    def work() -> str:
        worker(rig.again(), hook=disaster(point, signal.SIGSTOP)).settle()
        return "awake"

    sleeper = forked(work)
    assert sleeper.wait_until_frozen()
    return sleeper


def others_go_on(rig: Rig) -> None:
    """The lease has run out: housekeeping settles what it can, another worker does the rest."""
    at(rig, 60)
    with rig.database.writing() as records:
        settle_unknown(records, rig.sources.clock())
    worker(rig).settle()


@pytest.mark.parametrize("point", ["notice claimed", "notice sending", "notice sent"])
def test_a_chat_message_is_sent_once_whoever_freezes(rig_on_both: Rig, point: str) -> None:
    """By the sleeper when it wakes, or by another; the person's next message does not wait."""
    put_chat(rig_on_both, "<1>", 1)
    put_chat(rig_on_both, "<2>", 2)
    sleeper = frozen_worker(rig_on_both, point)
    others_go_on(rig_on_both)
    assert "<2>" in rig_on_both.channels["wechat"].sent()
    sleeper.wake()
    assert sleeper.answer() == "awake"
    assert sorted(rig_on_both.channels["wechat"].sent()) == ["<1>", "<2>"]
    assert "queued" not in states(rig_on_both)
    others_go_on(rig_on_both)
    assert sorted(rig_on_both.channels["wechat"].sent()) == ["<1>", "<2>"]


@pytest.mark.parametrize("point", ["notice claimed", "notice sent"])
def test_an_sms_goes_out_under_one_key_whoever_freezes(rig_on_both: Rig, point: str) -> None:
    rig_on_both.turns(handle=count_and_write).take(said(1))
    sleeper = frozen_worker(rig_on_both, point)
    others_go_on(rig_on_both)
    sleeper.wake()
    assert sleeper.answer() == "awake"
    taken = SmsDesk(rig_on_both.folder / "sms.log").taken()
    assert (list(taken.values()), states(rig_on_both)) == ([{"number": "1"}], ["sent"])
