"""The campaign of a branch that closes: whom it is for, what it says, when it may go out, who has
not answered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session as Records

from config.content import PARTS, present
from config.locales import Texts
from config.templates import load_templates
from models.application_states import State
from models.branch_closing import move_to
from models.content import keep_draft, last_published, propose, publish
from models.database import Database
from models.people import account_of
from models.push.answers import add_answer
from models.push.audience import Segment, chosen
from models.push.campaigns import Campaign, NotPublished, approve
from models.push.campaigns import propose as lay_before
from models.push.closing import Closing, begin, message_of, unanswered
from models.push.deliveries import Delivery
from models.push.expansion import expand
from models.push.messages import faults
from models.push.stages import Stage
from tests.closing import CLOSES, CODE, SUCCESSOR, closing_city
from tests.models.making import KEYS, NOW
from tests.models.test_branch_closing import LIFE, card

CITY = closing_city()
TEXTS = Texts.load(CITY)
CLOSING = Closing(CODE, CLOSES, SUCCESSOR)
TODAY = date(2026, 11, 23)


def begun(records: Records) -> Campaign:
    return begin(records, CITY, TEXTS, CLOSING, NOW, by="staff:1")


def published(records: Records, **changed: Any) -> None:
    """An edition in which the branch closes, unless it is `changed`."""
    value = [dict(each) for each in present(None, {}, PARTS["branches"])]
    for each in value:
        if each["code"] == CODE:
            each.update({"closes_on": CLOSES.isoformat(), "successor": SUCCESSOR, **changed})
    last = last_published(records, "branches")
    draft = keep_draft(records, "branches", value, by="staff:1", now=NOW, rests_on=last)
    propose(records, draft, note="", valid_from=TODAY, today=TODAY, now=NOW)
    publish(records, draft.id, by="staff:2", now=NOW)


def recipient(records: Records, user: str) -> int:
    return account_of(records, f"wechat:wx1:{user}", NOW).recipient


# --- what it says ------------------------------------------------------------------------------


def test_it_fits_every_branch_in_every_language() -> None:
    templates = load_templates(CITY)
    for branch in CITY.branches:
        for other in CITY.offered(TODAY, branch.bank):
            closing = Closing(branch.code, date(2027, 12, 31), other.code)
            said = message_of(CITY, TEXTS, closing, TODAY)
            assert faults(said, templates, of_applications=True) == []


def test_both_answers_are_one_tap_and_the_successor_is_named() -> None:
    said = message_of(CITY, TEXTS, CLOSING, TODAY)
    assert [(option.label["zh_CN"], option.act) for option in said.options] == [
        ("改到农业银行城西支行", "successor"), ("选别的网点", "branches"),
    ]  # fmt: skip
    assert said.expects_answers
    assert "（受理号尾号{tail}）" in said.chat["zh_CN"], "filled in for each as it is sent"
    assert "农业银行和平路支行，12月31日起不办了" in said.chat["zh_CN"]
    assert "ABC Heping Road Branch" in said.chat["en"] and "31 December" in said.chat["en"]


# --- for whom ----------------------------------------------------------------------------------


def test_it_is_for_those_whose_card_goes_there_and_is_not_collected(database: Database) -> None:
    with database.writing() as records:
        campaign = begun(records)
        wanted = set()
        for number, (state, more) in enumerate(
            [
                (State.SUBMITTED, {}), (State.APPROVED, {}), (State.IN_PRODUCTION, {}),
                (State.READY_FOR_PICKUP, {}), (State.COLLECTED, {}), (State.CANCELLED, {}),
                (State.APPROVED, {"branch": SUCCESSOR}),
                (State.APPROVED, {"branch": "", "delivery": "post"}),
            ]
        ):  # fmt: skip
            one = card(records, state, account=f"wechat:wx1:o{number}", **more)
            if number < 4:
                wanted.add((recipient(records, f"o{number}"), one.number))
            else:
                recipient(records, f"o{number}")
        segment = Segment.read(campaign.audience)
        found = records.execute(chosen(segment, "service", NOW, TODAY))
        assert {(r, number) for r, number in found} == wanted
        assert campaign.purpose == "service" and campaign.kind == "closing"
        assert campaign.expires_at.astimezone(CITY.tz).date() == CLOSES


# --- the two cannot be parted ------------------------------------------------------------------


@pytest.mark.parametrize("changed", [{"closes_on": "2027-01-31"}, {"successor": "ABC-03"}, None])
def test_it_is_not_approved_before_the_content_says_so(
    database: Database, changed: dict[str, str] | None
) -> None:
    with database.writing() as records:
        campaign = begun(records)
        if changed:
            published(records, **changed)
        lay_before(records, campaign, NOW, by="staff:1", alone_below=50)
        assert campaign.stage == Stage.PROPOSED, "however few people it is for"
        with pytest.raises(NotPublished):
            approve(records, campaign.id, campaign.revision, NOW, by="staff:2")
        assert campaign.stage == Stage.PROPOSED
        published(records)
        approve(records, campaign.id, campaign.revision, NOW, by="staff:2")
        assert campaign.at is Stage.APPROVED


def test_one_for_few_people_needs_no_second_person_once_the_content_says_so(
    database: Database,
) -> None:
    with database.writing() as records:
        published(records)
        campaign = begun(records)
        lay_before(records, campaign, NOW, by="staff:1", alone_below=50)
        assert campaign.at is Stage.APPROVED


# --- who has not answered ----------------------------------------------------------------------


def test_who_has_chosen_nothing_and_whose_card_still_goes_there_is_listed(
    database: Database,
) -> None:
    with database.writing() as records:
        campaign = begun(records)
        cards = []
        for number in range(6):
            account = f"wechat:wx1:o{number}"
            cards.append(card(records, State.APPROVED, account=account))
            recipient(records, f"o{number}")
        assert expand(records, campaign, Segment.read(campaign.audience), NOW, TODAY) == 6
        assert unanswered(records, campaign)[0] == 6

        def says(number: int, option: str, text: str = "") -> None:
            who = recipient(records, f"o{number}")
            its = {"campaign_id": campaign.id, "recipient": who}
            add_answer(records, KEYS, **its, option=option, text=text, now=NOW)

        says(0, "1")
        says(1, "2")
        says(2, "", "我不知道")  # words of their own choose no branch
        says(3, "stop")
        move_to(records, LIFE, cards[4], CODE, "ABC-03", NOW)  # by 改网点
        row = records.get_one(Delivery, (campaign.id, recipient(records, "o5")))
        row.state = "failed"
        count, rows = unanswered(records, campaign)
        assert count == 3
        assert [(r.number, r.state, r.outcome) for r in rows] == [
            (cards[2].number, "APPROVED", "new"),
            (cards[3].number, "APPROVED", "new"),
            (cards[5].number, "APPROVED", "failed"),
        ]
        assert [row.number for row in unanswered(records, campaign, limit=1)[1]] == [
            cards[2].number
        ]
        cards[5].state = "READY_FOR_PICKUP"
        assert move_to(records, LIFE, cards[5], CODE, SUCCESSOR, NOW) == "asked"
        assert unanswered(records, campaign)[0] == 2, "the card is to be sent on"


def test_a_campaign_about_no_branch_is_asked_of_nobody(database: Database) -> None:
    with database.writing() as records:
        campaign = begun(records)
        campaign.about = None
        assert unanswered(records, campaign) == (0, [])
