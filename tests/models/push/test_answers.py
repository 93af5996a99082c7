"""Answers to campaigns are listed each, and counted once a person; what somebody got."""

from __future__ import annotations

from sqlalchemy import event

from models.database import Database
from models.people import account_of, bind
from models.push.answers import STOP, answers_to, take_answer
from models.push.campaigns import Campaign
from models.push.heard import heard_by, heard_of_account
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, make_person
from tests.models.push.person import ASKS, counted, got, make_campaign


def test_who_changes_their_mind_has_answered_once(database: Database) -> None:
    with database.writing() as records:
        campaign = make_campaign(records, ASKS).id
        for option, text in (("1", ""), ("1", ""), ("2", ""), (STOP, "退订"), ("", "都行")):
            take_answer(records, KEYS, campaign_id=campaign, recipient=7, option=option,
                        text=text, now=NOW)  # fmt: skip
        take_answer(records, KEYS, campaign_id=campaign, recipient=8, option="1", text="", now=NOW)
    assert counted(database, campaign) == {
        ("answer", "", "1"): 1, ("answer", "", "2"): 1, ("answer", "", ""): 1,
        ("answer", "", "stop"): 1,
    }  # fmt: skip
    with database.reading() as records:
        listed = [(a.recipient, a.option, a.open_text(KEYS)) for a in answers_to(records, campaign)]
    assert listed[:3] == [(8, "1", ""), (7, "", "都行"), (7, "stop", "退订")]
    assert len(listed) == 6


def test_what_somebody_got_is_the_latest_first_and_nothing_that_waits(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        for key in (ACCOUNT, "web:site:mine"):
            bind(records, key, person.id, NOW)
        told = [make_campaign(records).id for _ in range(4)]
        for campaign_id, at, state in zip(
            told, (NOW - DAY, NOW, NOW, NOW - 9 * DAY), ("unknown", "sent", "visit", "sent"),
            strict=True,
        ):  # fmt: skip
            campaign = records.get_one(Campaign, campaign_id)
            recipient = got(records, campaign, at=at, state=state)
        heard = heard_by(records, [recipient])
        assert [each.campaign_id for each in heard] == [told[1], told[0], told[3]]
        lately = heard_of_account(records, "web:site:mine", NOW - 7 * DAY)
        assert [each.campaign_id for each in lately] == [told[1], told[0]]
        assert [e.campaign_id for e in heard_by(records, [recipient], campaigns=[told[3]])] == [
            told[3]
        ]
        account_of(records, "wechat:wx1:stranger", NOW)
        assert heard_of_account(records, "wechat:wx1:stranger", NOW - 7 * DAY) == []


def test_what_somebody_got_is_found_by_its_index(sqlite_database: Database) -> None:
    asked: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with sqlite_database.reading() as records:
        event.listen(sqlite_database.engine, "before_cursor_execute", note)
        heard_of_account(records, ACCOUNT, NOW)
        event.remove(sqlite_database.engine, "before_cursor_execute", note)
        driver = records.connection().connection.driver_connection
        assert driver is not None
        given = ("x",) * asked[-1].count("?")
        plan = driver.execute(f"EXPLAIN QUERY PLAN {asked[-1]}", given).fetchall()
    assert any("ix_push_deliveries_told" in str(line) for line in plan), plan
