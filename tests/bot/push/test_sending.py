"""A campaign from its approval to its end: everybody once, by the best road that holds."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.dialogue.messages import AccountKey
from bot.push import gauges
from bot.push.outcomes import ATTEMPTS
from bot.push.ports import Result
from config.city_push import Push
from models.people import find_account
from models.push.aftermath import once_more
from models.push.campaigns import events_of, go, locked, resume
from models.push.choices import stop_pushes
from models.push.stages import Stage
from tests.bot.push.push_rig import (
    APPROVED,
    MESSAGE,
    NOON,
    book_of,
    campaign,
    changed,
    counters,
    deliveries,
    found,
    lane,
    people,
    push_rig,
    road,
    stage,
    states,
    work,
    work_and_close,
)
from tests.bot.turn.rig import Rig
from tests.bot.work.desk_rig import at

WINDOW = Result("window", "45015")
DAY_SECONDS = 24 * 3600


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    return push_rig(rig_on_both)


def go_on(rig: Rig, its: int) -> None:
    with rig.database.writing() as records:
        resume(records, locked(records, its), NOON, by="staff:2")


def test_the_first_are_told_and_the_others_after_somebody_looked(rig: Rig) -> None:
    whom = people(rig, 300)
    its, sending = campaign(rig, whom), lane(rig)
    work(sending)
    assert (stage(rig, its), found(rig, its).taken) == ("look", 10)
    assert states(rig, its)["sent", "wechat:template"] == 10
    assert not any(row.state == "sent" for who, row in deliveries(rig, its).items() if who > 10)
    go_on(rig, its)
    work_and_close(sending)
    assert stage(rig, its) == "done"
    assert book_of(rig).calls() == Counter({f"p{its}-{who}": 1 for who in whom})
    assert counters(rig, its) == Counter({("sent", "wechat:template", ""): 300})
    assert {row.sent_as for row in deliveries(rig, its).values()} == {
        f"at-p{its}-{who}" for who in whom
    }
    with rig.database.reading() as records:
        moves = [(each.to_stage, each.by) for each in events_of(records, its)]
    assert moves == [
        ("first", "clock"), ("look", "clock"), ("running", "staff:2"), ("done", "clock"),
    ]  # fmt: skip


def test_never_more_are_marked_than_there_are_slots(rig: Rig) -> None:
    its, busy = campaign(rig, people(rig, 60), first=0), road(rig, seconds=0.02)
    rig.city = changed(APPROVED, first_share=1.0)
    calling: list[int] = []

    def look(point: str) -> None:
        if point == "push taken":
            calling.append(sum(row.state == "calling" for row in deliveries(rig, its).values()))

    work_and_close(lane(rig, {"wechat": busy}, in_flight=7, hook=look))
    assert stage(rig, its) == "done"
    assert max(calling) <= 7
    assert 1 < busy.most_at_once <= 7


def test_who_says_no_after_the_rows_were_made_is_not_called(rig: Rig) -> None:
    whom = people(rig, 30)
    its, sending = campaign(rig, whom), lane(rig)
    work(sending)
    with rig.database.writing() as records:
        stop_pushes(records, "wechat:wx1:user20", NOON)
        records.delete(find_account(records, "wechat:wx1:user21"))
        account = find_account(records, "wechat:wx1:user22")
        assert account is not None
        account.announcements_since = None
    go_on(rig, its)
    work_and_close(sending)
    assert (len(book_of(rig).calls()), stage(rig, its)) == (27, "done")
    skipped = {who: row.reason for who, row in deliveries(rig, its).items() if who in (20, 21, 22)}
    assert skipped == {20: "stopped", 21: "gone", 22: "not_agreed"}
    assert counters(rig, its)["skipped", "", "stopped"] == 1


def test_a_stop_holds_from_the_next_transaction_on(rig: Rig) -> None:
    rig.city = changed(APPROVED, first_share=1.0)
    its = campaign(rig, people(rig, 100))

    def stop(point: str) -> None:
        if point == "push taken" and stage(rig, its) == "running":
            with rig.database.writing() as records:
                go(records, locked(records, its), Stage.STOPPED, "staff", NOON, by="staff:2")

    work_and_close(lane(rig, in_flight=20, hook=stop))
    told = states(rig, its)
    assert (stage(rig, its), len(book_of(rig).calls())) == ("stopped", 8)
    assert told == Counter({("sent", "wechat:template"): 8, ("new", ""): 92})


def test_what_a_platform_refuses_goes_by_the_next_road(rig: Rig) -> None:
    rig.city = changed(APPROVED, failed_share=1.0)
    its = campaign(rig, people(rig, 5, inbound=NOON, subscription_credits={"S1": 1}))
    refused = {
        "chat": WINDOW,
        "template": Result("permanent", "43004"),
        "subscription": Result("account", "48001"),
    }
    work_and_close(lane(rig, {"wechat": road(rig, always=refused)}))
    assert states(rig, its) == Counter({("visit", "visit"): 5})
    assert counters(rig, its) == Counter(
        {
            ("left", "wechat:chat", "window 45015"): 5,
            ("left", "wechat:template", "permanent 43004"): 5,
            ("left", "wechat:subscription", "account 48001"): 5,
            ("visit", "visit", "account"): 5,
        }
    )
    row = deliveries(rig, its)[1]
    assert row.left == (
        "wechat:chat window 45015; wechat:template permanent 43004;"
        " wechat:subscription account 48001"
    )


def test_what_may_go_through_later_is_tried_six_times_and_then_left(rig: Rig) -> None:
    its = campaign(rig, people(rig, 1))
    sending = lane(rig, {"wechat": road(rig, always={"template": Result("transient", "-1")})})
    for attempt in range(ATTEMPTS):
        work(sending)
        row = deliveries(rig, its)[1]
        if attempt < ATTEMPTS - 1:
            assert (row.state, row.attempts) == ("waiting", attempt + 1)
            assert row.due_at is not None
            pause = (row.due_at - rig.sources.clock()).total_seconds()
            assert 0.5 * 2**attempt <= pause <= 1.5 * 2**attempt
        at(rig, 60 * (attempt + 1))
    work_and_close(sending)
    assert states(rig, its) == Counter({("visit", "visit"): 1})
    assert counters(rig, its)["left", "wechat:template", "transient -1"] == 1


def test_the_next_visit_is_marked_before_and_after_it_is_written(rig: Rig) -> None:
    its = campaign(rig, people(rig, 2, channel="web"))
    key = "{web:wx1:user1}"
    seen: list[tuple[str, bool, set[str]]] = []

    def look(point: str) -> None:
        if point in ("push visits marked", "push recorded"):
            marked = any(rig.client.hexists(name, "parked") for name in rig.client.keys(f"*{key}*"))
            seen.append((point, marked, {row.state for row in deliveries(rig, its).values()}))
            for name in rig.client.keys(f"*{key}*"):
                rig.client.hdel(name, "parked")  # as a turn that found nothing does

    work_and_close(lane(rig, hook=look))
    assert seen == [
        ("push visits marked", True, {"calling"}),
        ("push recorded", False, {"visit"}),
        ("push visits marked", True, {"visit"}),
    ]
    assert states(rig, its) == Counter({("visit", "visit"): 2})


@pytest.mark.parametrize("answers", [True, False])
def test_what_expects_answers_is_marked_once_it_is_written(rig: Rig, answers: bool) -> None:
    its = campaign(rig, people(rig, 3), message={**MESSAGE, "answers": answers})
    seen: list[tuple[int, set[str]]] = []

    def look(point: str) -> None:
        if point == "push visits marked":
            marks = [
                name for name in rig.client.keys("*user*") if rig.client.hexists(name, "parked")
            ]
            seen.append((len(marks), {row.state for row in deliveries(rig, its).values()}))

    work_and_close(lane(rig, hook=look))
    assert states(rig, its) == Counter({("sent", "wechat:template"): 3})
    assert seen[-1:] == ([(3, {"sent"})] if answers else [])


def test_of_two_campaigns_that_with_the_higher_priority_leaves_first(rig: Rig) -> None:
    rig.city = changed(APPROVED, first_share=1.0)
    later = campaign(rig, people(rig, 20))
    urgent = campaign(rig, people(rig, 20, start=101), priority=5)
    order: list[str] = []
    sending = road(rig, on_send=lambda call: order.append(call.key.partition("-")[0]))
    work_and_close(lane(rig, {"wechat": sending}))
    assert order == [f"p{urgent}"] * 20 + [f"p{later}"] * 20


def test_a_try_on_oneself_leaves_at_any_hour_and_without_agreement(rig: Rig) -> None:
    whom = people(rig, 1, announcements_since=None)
    at(rig, 11 * 3600)  # 23:00 in the city
    quiet = campaign(rig, whom, kind="message")
    tried = campaign(rig, whom, kind="test", priority=100, stage="approved")
    work_and_close(lane(rig))
    assert (stage(rig, tried), stage(rig, quiet)) == ("done", "approved")
    assert book_of(rig).calls() == Counter({f"p{tried}-1": 1})


def test_open_deliveries_of_a_campaign_whose_last_hour_came_are_skipped(rig: Rig) -> None:
    its = campaign(rig, people(rig, 30), expires_at=NOON + timedelta(hours=1))
    running = lane(rig)
    work(running)
    assert stage(rig, its) == "look"
    at(rig, 3600)
    work_and_close(running)
    assert stage(rig, its) == "expired"
    assert counters(rig, its) == Counter(
        {("sent", "wechat:template", ""): 10, ("skipped", "", "expired"): 20}
    )


def test_a_campaign_pauses_by_itself_when_too_many_calls_fail(rig: Rig) -> None:
    rig.city = changed(APPROVED, first_share=1.0, failed_least=20, failed_share=0.2)
    its = campaign(rig, people(rig, 200))
    answers = [Result("bug", "47003") if n % 2 else Result() for n in range(99)]
    sending = road(rig, answers={"template": answers})
    work_and_close(lane(rig, {"wechat": sending}, in_flight=10))
    assert stage(rig, its) == "paused"
    assert found(rig, its).reason.startswith("failed ")
    assert len(sending.answers["template"]) > 50
    with rig.database.reading() as records:
        assert events_of(records, its)[-1].by == "bound"


def test_a_platform_that_refuses_us_pauses_the_campaign_with_its_words(rig: Rig) -> None:
    rig.city = changed(APPROVED, first_share=1.0, failed_share=1.0)
    its = campaign(rig, people(rig, 200))
    sending = road(rig, always={"template": Result("account", "48001")})
    work_and_close(lane(rig, {"wechat": sending}, in_flight=10))
    assert (stage(rig, its), found(rig, its).reason) == ("paused", "wechat:template account 48001")
    assert states(rig, its)["new", ""] > 150


def test_once_more_reaches_only_those_that_were_not_reached(rig: Rig) -> None:
    rig.city = changed(APPROVED, first_share=1.0, failed_share=1.0)
    its = campaign(rig, people(rig, 20))
    some = [Result("bug", "47003") if n < 5 else Result(sent_as=f"x{n}") for n in range(20)]
    running = lane(rig, {"wechat": (sending := road(rig, answers={"template": some}))})
    work(running)
    assert states(rig, its)["visit", "visit"] == 5
    with rig.database.writing() as records:
        row = locked(records, its)
        assert once_more(records, row, ["bug"], NOON) == 5
        go(records, row, Stage.RUNNING, "staff", NOON, by="staff:2")
    work_and_close(running)
    assert not sending.answers["template"]
    assert sum(book_of(rig).calls().values()) == 5
    assert states(rig, its) == Counter({("sent", "wechat:template"): 20})
    assert counters(rig, its)["sent", "wechat:template", ""] == 20


def test_all_accounts_of_a_person_are_one_recipient(rig: Rig) -> None:
    people(rig, 1, inbound=NOON - timedelta(days=9))
    people(rig, 1, start=2, recipient=1, inbound=NOON)
    keys: list[AccountKey | None] = []
    its = campaign(rig, [1])
    work_and_close(lane(rig, {"wechat": road(rig, on_send=lambda c: keys.append(c.account))}))
    assert [key.user for key in keys if key] == ["user2"]  # the one used last
    assert states(rig, its) == Counter({("sent", "wechat:chat"): 1})


def test_the_city_sets_how_many_are_first(rig: Rig) -> None:
    assert Push().first_of(100_000) == 1000
    its = campaign(rig, people(rig, 8))
    work_and_close(lane(rig))
    assert (found(rig, its).first, stage(rig, its)) == (0, "done")


def test_whoever_plans_its_statements_knows_at_once_of_many_rows(rig: Rig) -> None:
    """PostgreSQL alone plans by what it counted; by itself it would count a minute later."""
    its, sending = campaign(rig, range(1, 1001)), lane(rig)
    assert sending.claim() is not None  # having begun it
    assert stage(rig, its) == "first"
    sending.close()
    if rig.database.is_sqlite:
        return
    counted = text("SELECT reltuples FROM pg_class WHERE relname = 'push_deliveries'")
    with rig.database.reading() as records:
        assert records.scalar(counted) == 1000


def test_figures_are_taken_in_the_thread_in_which_calls_end(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another one a call that ends meanwhile is lost, or changes what is walked through."""
    threads, labels = set[str](), gauges.CALLS.labels

    def noted(*values: str) -> object:
        threads.add(threading.current_thread().name)
        return labels(*values)

    monkeypatch.setattr(gauges, "_EVERY", 0.0)
    monkeypatch.setattr(gauges.CALLS, "labels", noted)
    campaign(rig, people(rig, 8))
    before = labels("wechat:template", "sent")._value.get()
    work_and_close(lane(rig, {"wechat": road(rig, seconds=0.05)}))
    assert threads == {threading.current_thread().name}
    assert labels("wechat:template", "sent")._value.get() == before + 8


def test_what_the_content_says_no_more_waits_for_a_second_person(rig: Rig) -> None:
    about = {"branch": "ABC-01", "closes_on": "2026-12-31", "successor": "ABC-02"}
    its = campaign(rig, people(rig, 3), kind="closing", about=about, approved_by="staff:2")
    work_and_close(lane(rig))
    waits = found(rig, its)
    assert (waits.stage, waits.reason, waits.approved_by) == ("proposed", "unpublished", "")
    assert not book_of(rig).calls()


@pytest.mark.parametrize("by", ["staff:1", "staff:2"])
def test_what_has_outgrown_its_writers_own_approval_waits_for_a_second_person(
    rig: Rig, by: str
) -> None:
    people(rig, Push().alone_below)
    its = campaign(rig, [], audience={"channels": ["wechat"]}, approved_by=by, total=3)
    work_and_close(lane(rig))
    if by == "staff:2":
        assert stage(rig, its) != "proposed"
        return
    waits = found(rig, its)
    assert (waits.stage, waits.reason, waits.approved_by) == ("proposed", "grown", "")
    assert waits.total == Push().alone_below
    assert not deliveries(rig, its) and not book_of(rig).calls()
