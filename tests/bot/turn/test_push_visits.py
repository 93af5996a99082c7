"""Campaigns in a turn: told at a visit, and noted so that they may be answered."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.dialogue.messages import Kind, Outcome, Reply, Update
from bot.ports import Turn
from config.locales import Texts
from models.applications import Application
from models.lifecycle import Lifecycle
from models.people import Account, account_of
from models.push.campaigns import Campaign
from models.push.choices import stop_pushes
from models.push.counts import add_counts
from models.push.deliveries import Delivery
from models.push.messages import Message
from models.push.reminders import remind
from tests.bot.turn.processes import deliver
from tests.bot.turn.rig import NOON, Rig, account, count, said
from tests.bot.turn.test_visits import TOLD, known, marked, park, statements, text_of
from tests.models.making import KEYS, make_application, make_person, new_id
from tests.models.push.person import ASKS, SAYS, counted, got, make_campaign

SATURDAY = "周六照常开门。"
DAY = timedelta(days=1)


def waits(rig: Rig, message: Message = SAYS, **other: Any) -> int:
    """A campaign that no road took, as its sending leaves it."""
    number = other.pop("number", None)
    with rig.database.writing() as records:
        campaign = make_campaign(records, message, **{"expires_at": NOON + 60 * DAY, **other})
        got(records, campaign, str(account()), at=NOON, state="visit", number=number)
    rig.marks.mark(account())
    return campaign.id


def arrived(rig: Rig, message: Message = ASKS, road: str = "wechat:chat") -> int:
    """A campaign that was sent, and the mark that its answers are expected."""
    with rig.database.writing() as records:
        campaign = make_campaign(records, message)
        got(records, campaign, str(account()), at=NOON - timedelta(hours=1), road=road)
    rig.marks.mark(account())
    return campaign.id


def ends(rig: Rig) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in rig.rows(Delivery)]


def noted(rig: Rig) -> list[list[Any]]:
    notes: dict[str, Any] = rig.session().get("notes", {})
    listed: list[list[Any]] = notes.get("outside", {}).get("open", [])
    return listed


def test_it_is_told_with_the_next_reply_once_and_counted(rig_on_both: Rig) -> None:
    rig = known(rig_on_both)
    campaign = waits(rig)
    turns = rig.turns()
    assert turns.take(said(2)) == Reply(f"{SATURDAY} <r2>")
    assert turns.take(said(2)) == Reply(f"{SATURDAY} <r2>")  # the redelivery hears the same
    assert turns.take(said(3)) == Reply("<r3>")
    assert ends(rig) == [("sent", "")]
    assert counted(rig.database, campaign) == {("sent", "visit", ""): 1}
    assert not marked(rig)


def test_ones_own_notices_come_first_and_campaigns_of_ones_own_matter_before_others(
    rig: Rig,
) -> None:
    park(known(rig))
    waits(rig, purpose="announcement")
    with rig.database.writing() as records:
        for row in records.query(Account):
            row.announcements_since = NOON
    waits(rig, Message(chat={"zh_CN": "您的卡。", "en": "Your card."}))
    text = text_of(rig.turns().take(said(2)))
    assert text.index(TOLD) < text.index("您的卡。") < text.index(SATURDAY)


def test_no_more_than_a_days_share_is_told_and_the_rest_another_day(rig: Rig) -> None:
    known(rig)
    for _ in range(3):
        waits(rig)
    assert text_of(rig.turns().take(said(2))).count(SATURDAY) == rig.city.push.per_day == 2
    assert ends(rig) == [("visit", ""), ("sent", ""), ("sent", "")]
    assert rig.turns().take(said(3)) == Reply("<r3>")
    assert marked(rig)
    tomorrow = rig.again()
    object.__setattr__(tomorrow.sources, "clock", lambda: NOON + DAY)
    assert SATURDAY in text_of(tomorrow.turns().take(said(4)))
    assert not marked(tomorrow)
    tomorrow.close()


def test_it_is_told_in_the_language_spoken_now_about_their_own_application(rig: Rig) -> None:
    def english(turn: Turn) -> Outcome:
        turn.session.locale = "en"
        return count(turn)

    known(rig)
    with rig.database.writing() as records:
        number = make_application(records, make_person(records)).number
    tail = Message(chat={"zh_CN": "尾号{tail}。", "en": "Yours ends in {tail}."})
    waits(rig, tail, number=number)
    text = text_of(rig.turns(handle=english).take(said(2)))
    assert f"Yours ends in {number[-4:]}." in text


@pytest.mark.parametrize(
    ("changed", "end"),
    [
        ({"expires_at": NOON}, ("skipped", "expired")),
        ({"stage": "stopped"}, ("skipped", "ended")),
        ({"purpose": "announcement"}, ("skipped", "not_agreed")),
        ({"message": {"chat": {"zh_CN": "{nobody}"}}}, ("skipped", "unworded")),
        ({"message": {"x": 1}}, ("skipped", "unworded")),
        ({"stage": "paused"}, ("visit", "")),
    ],
)
def test_what_must_not_be_told_any_more_is_not(
    rig: Rig, changed: dict[str, Any], end: tuple[str, str]
) -> None:
    known(rig)
    campaign = waits(rig)
    with rig.database.writing() as records:
        for name, value in changed.items():
            setattr(records.get_one(Campaign, campaign), name, value)
    assert rig.turns().take(said(2)) == Reply("<r2>")
    assert ends(rig) == [end]
    assert marked(rig) == (end[0] == "visit"), "what is paused is asked for again"


def test_who_says_no_in_this_very_turn_is_told_nothing(rig_on_both: Rig) -> None:
    def no(turn: Turn) -> Outcome:
        stop_pushes(turn.records, str(turn.account), turn.now)
        return count(turn)

    rig = known(rig_on_both)
    waits(rig)
    assert rig.turns(handle=no).take(said(2)) == Reply("<r2>")
    assert ends(rig) == [("skipped", "stopped")]


def test_what_does_not_fit_keeps_its_place_of_the_day(rig: Rig) -> None:
    known(rig)
    rig.channels["wechat"].holds = 1
    for _ in range(2):
        waits(rig)
    for number in (2, 3):
        assert text_of(rig.turns().take(said(number))).count(SATURDAY) == 1
    assert ends(rig) == [("sent", ""), ("sent", "")]


@pytest.mark.parametrize("point", ["handled", "before sql commit", "after sql commit"])
def test_killed_in_the_middle_it_is_told_once(rig_on_both: Rig, point: str) -> None:
    rig = known(rig_on_both)
    rig.lease_ms = 150
    campaign = waits(rig, ASKS)
    assert deliver(rig, said(2), point).answer() is None
    turns = rig.turns()
    text = text_of(turns.take(said(2)))
    assert text.startswith("和平路支行月底关门。\n[zh_CN push.choose]")
    assert turns.take(said(3)) == Reply("<r3>")
    assert ends(rig) == [("sent", "")]
    assert [number for number, _, _ in noted(rig)] == [campaign], "its answer is understood"


# --- what may be answered ----------------------------------------------------------------------


def test_what_was_sent_since_is_noted_before_the_turn_and_costs_later_ones_nothing(
    rig_on_both: Rig,
) -> None:
    rig = known(rig_on_both)
    arrived(rig, SAYS)
    campaign = arrived(rig)
    seen: list[Any] = []

    def look(turn: Turn) -> Outcome:
        seen.append(dict(turn.session.notes.get("outside", {})))
        return count(turn)

    turns = rig.turns(handle=look)
    turns.take(said(2))
    until = (NOON + 7 * DAY - timedelta(hours=1)).isoformat()
    assert seen == [{"open": [[campaign, until, True]], "fresh": True}]
    with statements(rig) as asked:
        turns.take(said(3))
    assert asked == []
    assert seen[-1] == {"open": [[campaign, until, True]], "fresh": False}


def test_what_was_sent_by_a_wording_without_options_has_no_numbers(rig: Rig) -> None:
    arrived(known(rig), road="wechat:template")
    rig.turns().take(said(2))
    assert [numbered for _, _, numbered in noted(rig)] == [False]


def test_while_the_records_are_away_the_mark_stays(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> Any:
        raise OperationalError("SELECT", None, Exception())

    campaign = arrived(known(rig))
    with monkeypatch.context() as without:
        without.setattr(rig.database, "reading", away)
        assert rig.turns().take(said(2)) == Reply("<r2>")
    assert (noted(rig), marked(rig)) == ([], True)
    rig.turns().take(said(3))
    assert [number for number, _, _ in noted(rig)] == [campaign]
    assert not marked(rig)


def test_what_nobody_says_notes_nothing(rig: Rig) -> None:
    arrived(known(rig))
    update = Update("e1", account(), Kind.CREDITS, NOON, data={"accepted": {}, "refused": []})
    rig.turns(handle=lambda turn: None).take(update)
    assert (noted(rig), marked(rig)) == ([], True)


def reminder_waits(rig: Rig) -> str:
    """A reminder of a card that lies at the branch, which no road took; the application's id."""
    life = Lifecycle(KEYS, rig.city, Texts.load(rig.city), new_id)
    with rig.database.writing() as records:
        account_of(records, str(account()), NOON)
        made = make_application(records, make_person(records), account=str(account()))
        made.state, made.state_since = "READY_FOR_PICKUP", NOON - 15 * DAY
        remind(records, life, "collect_due", made, "15d", NOON, by="timer:collection")
        (row,) = records.query(Delivery)
        row.state = row.road = "visit"
        add_counts(records, row.campaign_id, Counter({("visit", "visit", ""): 1}))
    rig.marks.mark(account())
    return made.id


def days_later(rig: Rig) -> Rig:
    """Its campaign is over."""
    with rig.database.writing() as records:
        for campaign in records.query(Campaign):
            campaign.stage = "expired"
    later = rig.again()
    object.__setattr__(later.sources, "clock", lambda: NOON + 5 * DAY)
    return later


def test_a_reminder_is_told_at_a_visit_for_as_long_as_it_is_true(rig: Rig) -> None:
    reminder_waits(known(rig))
    later = days_later(rig)
    assert "2027-11-08前没有领，会封存" in text_of(later.turns().take(said(2)))
    assert ends(rig) == [("sent", "")]
    later.close()


def test_nobody_hears_at_a_visit_of_a_card_they_have_collected(rig: Rig) -> None:
    application_id = reminder_waits(known(rig))
    with rig.database.writing() as records:
        records.get_one(Application, application_id).state = "COLLECTED"
    later = days_later(rig)
    assert later.turns().take(said(2)) == Reply("<r2>")
    assert ends(rig) == [("skipped", "over")]
    later.close()
