"""A worker dies or freezes on a rung: nothing is lost, and told twice only where that is better."""

from __future__ import annotations

import signal

import pytest

from bot.app import ladders_in_doubt
from bot.ports import SendError
from models.notices import Notice, settle_unknown
from models.people import find_account
from tests.bot.turn.processes import Child, disaster, forked
from tests.bot.turn.rig import Rig, account, said
from tests.bot.work.desk_rig import SmsDesk, at, tools, worker
from tests.bot.work.ladder_rig import APPROVED as APPROVED_CITY
from tests.bot.work.ladder_rig import PHONE, allow, notice, put, sent, with_city

ABOVE: dict[str, dict[str, SendError]] = {
    "chat": {},
    "template": {"text": SendError("window")},
    "subscription": {"text": SendError("window"), "template": SendError("account")},
    "sms": {
        "text": SendError("window"),
        "template": SendError("account"),
        "subscription": SendError("permanent"),
    },
}
"""What refuses before each rung is reached."""

POINTS = ["notice claimed", "notice sending", "notice sent"]


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    found = with_city(rig_on_both, APPROVED_CITY)
    allow(found, 5)
    return found


def working(rig: Rig, rung: str, point: str, how: signal.Signals = signal.SIGKILL) -> Child:
    """A worker in a process of its own, disaster striking at `point` of `rung`."""
    # One claim a rung; refused calls pass `notice sending` too, `notice sent` only what is taken.
    nth = 1 if point == "notice sent" else list(ABOVE).index(rung) + 1

    def work() -> str:
        own = rig.again()
        own.channels["wechat"].faults = ABOVE[rung]
        worker(own, hook=disaster(point, how, nth)).settle()
        return "awake"

    return forked(work)


def others_go_on(rig: Rig, rung: str, seconds: float = 60) -> None:
    at(rig, seconds)
    with rig.database.writing() as records:
        settle_unknown(records, rig.sources.clock())
    ladders_in_doubt(tools(rig, SmsDesk(rig.folder / "sms.log"))).do(rig.sources.clock())
    rig.channels["wechat"].faults = ABOVE[rung]
    worker(rig).settle()


def taken(rig: Rig, rung: str) -> int:
    """How often the receiver of a rung took it, de-duplicated where it does that."""
    if rung == "sms":
        return len(SmsDesk(rig.folder / "sms.log").taken())
    if rung == "template":
        return len(set(sent(rig, "template")))
    return len(sent(rig, {"chat": "text"}.get(rung, rung)))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("rung", ["template", "sms"])
def test_what_the_receiver_knows_by_its_key_is_called_again(
    rig: Rig, rung: str, point: str
) -> None:
    put(rig, phone=PHONE)
    assert working(rig, rung, point).answer() is None
    others_go_on(rig, rung)
    assert (notice(rig).state, notice(rig).rung, taken(rig, rung)) == ("sent", rung, 1)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("rung", ["chat", "subscription"])
def test_what_the_receiver_does_not_know_is_called_at_most_once(
    rig: Rig, rung: str, point: str
) -> None:
    put(rig, phone=PHONE)
    assert working(rig, rung, point).answer() is None
    others_go_on(rig, rung)
    if point == "notice claimed":
        assert (notice(rig).state, notice(rig).rung, taken(rig, rung)) == ("sent", rung, 1)
    else:
        assert (notice(rig).state, notice(rig).steps[-1][:2]) == ("unknown", [rung, "unknown"])
        assert taken(rig, rung) == (point == "notice sent")


@pytest.mark.parametrize("point", ["notice sending", "notice sent"])
def test_where_a_double_is_better_than_silence_the_next_rung_tells_it(rig: Rig, point: str) -> None:
    put(rig, "refused", phone=PHONE)
    assert working(rig, "chat", point).answer() is None
    others_go_on(rig, "chat")
    assert (notice(rig).state, notice(rig).rung) == ("sent", "template")
    assert taken(rig, "chat") == (point == "notice sent")


@pytest.mark.parametrize("rung", ["template", "sms"])
def test_a_call_of_a_dead_worker_is_known_by_its_key_for_ten_minutes_at_the_template(
    rig: Rig, rung: str
) -> None:
    put(rig, phone=PHONE)
    assert working(rig, rung, "notice sent").answer() is None
    others_go_on(rig, rung, seconds=601)
    expected = ("unknown", 1) if rung == "template" else ("sent", 1)
    assert (notice(rig).state, taken(rig, rung)) == expected
    if rung == "template":
        assert len(sent(rig, "template")) == 1  # by whoever died


def test_a_credit_is_taken_with_the_call_and_not_twice(rig: Rig) -> None:
    put(rig)
    assert working(rig, "subscription", "notice sending").answer() is None
    others_go_on(rig, "subscription")
    with rig.database.reading() as records:
        found = find_account(records, str(account()))
    assert found is not None
    assert found.subscription_credits == {"S1": 4}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("rung", ["chat", "template", "sms"])
def test_who_freezes_on_a_rung_and_wakes_tells_nothing_twice(
    rig: Rig, rung: str, point: str
) -> None:
    put(rig, phone=PHONE)
    sleeper = working(rig, rung, point, signal.SIGSTOP)
    assert sleeper.wait_until_frozen()
    others_go_on(rig, rung)
    sleeper.wake()
    assert sleeper.answer() == "awake"
    others_go_on(rig, rung, 120)
    assert taken(rig, rung) == 1
    assert notice(rig).state == ("sent" if rung != "chat" or "claimed" in point else "unknown")


@pytest.mark.parametrize("point", ["notice marked", "notice parked"])
def test_a_worker_that_dies_while_parking_leaves_it_to_the_visit(rig: Rig, point: str) -> None:
    put(rig)
    with rig.database.writing() as records:
        row = find_account(records, str(account()))
        assert row is not None
        row.followed = False
    rig.turns().take(said(1))
    assert working(rig, "chat", point).answer() is None
    others_go_on(rig, "chat")
    assert notice(rig).state == "parked"
    reply = rig.turns().take(said(2))
    assert reply is not None
    assert reply.text.endswith("<r2>")
    assert "社保功能已启用" in reply.text
    assert [found.state for found in rig.rows(Notice)] == ["sent"]
