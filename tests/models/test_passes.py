"""领卡码: short-lived, used once, one of each collector, hashed, not to be guessed at a branch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session as Records

from config.city_collection import Collection
from models.applications import Application
from models.database import Database
from models.passes import (
    Agent,
    Collector,
    NoDigitsLeft,
    Pass,
    TriesUsedUp,
    agent_pass,
    end_passes,
    forget_passes,
    issue_pass,
    live_passes,
    open_pass,
    use_pass,
)
from tests.models.making import (
    DAY,
    KEYS,
    MINUTE,
    NOW,
    OTHER_NUMBER,
    make_application,
    make_person,
    new_id,
)

RULES = Collection()
AGENT = Agent("李小明", OTHER_NUMBER)
HERE, ELSEWHERE, CLERK = "ABC-01", "CCB-01", "c" * 32


def card(records: Records, *, id_number: str | None = None, branch: str = HERE) -> Application:
    person = make_person(records, id_number=id_number) if id_number else make_person(records)
    return make_application(records, person, branch=branch)


def issued(
    records: Records,
    application: Application,
    collector: Collector = Collector.SELF,
    *,
    now: object = NOW,
    draw: Callable[[], str] | None = None,
    agent: Agent | None = None,
) -> tuple[Pass, str]:
    digits = itertools.count(100000)
    return issue_pass(
        records,
        KEYS,
        application,
        collector,
        rules=RULES,
        now=now,  # type: ignore[arg-type]
        draw=draw or (lambda: str(next(digits))),
        new_id=new_id,
        agent=agent,
    )


def typed(
    records: Records,
    digits: str,
    *,
    now: object = NOW,
    branch: str = HERE,
    clerk: str = CLERK,
    rules: Collection = RULES,
) -> Pass | None:
    return open_pass(
        records,
        KEYS,
        branch=branch,
        digits=digits,
        staff_id=clerk,
        rules=rules,
        now=now,  # type: ignore[arg-type]
    )


def test_the_digits_open_the_card_at_its_branch_and_nowhere_else(database: Database) -> None:
    with database.writing() as records:
        mine, digits = issued(records, card(records))
        assert typed(records, digits, branch=ELSEWHERE) is None
        assert typed(records, "999999") is None
        assert typed(records, digits) is mine
        assert digits not in mine.code_hash


def test_a_pass_is_used_once(database: Database) -> None:
    with database.writing() as records:
        mine, digits = issued(records, card(records))
        assert use_pass(records, mine, NOW)
        assert not use_pass(records, mine, NOW)
        assert typed(records, digits) is None


def test_a_pass_is_over_after_its_minutes_unless_the_clerk_has_typed_it(database: Database) -> None:
    life = timedelta(minutes=RULES.pass_minutes)
    with database.writing() as records:
        application = card(records)
        _, digits = issued(records, application)
        assert typed(records, digits, now=NOW + life) is None
        mine, digits = issued(records, application)
        late = NOW + life - MINUTE
        assert typed(records, digits, now=late) is mine
        at_counter = late + timedelta(minutes=RULES.at_counter_minutes)
        assert use_pass(records, mine, at_counter - MINUTE)


def test_typing_again_and_again_keeps_no_pass_alive(database: Database) -> None:
    counter = timedelta(minutes=RULES.at_counter_minutes)
    with database.writing() as records:
        _, digits = issued(records, card(records))
        assert typed(records, digits)
        assert typed(records, digits, now=NOW + counter - MINUTE)
        assert typed(records, digits, now=NOW + counter) is None


def test_a_new_pass_ends_the_one_before_but_not_the_agents(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        other, _ = issued(records, application, Collector.AGENT, agent=AGENT)
        _, first = issued(records, application, draw=lambda: "111111")
        second, _ = issued(records, application, draw=lambda: "222222")
        assert typed(records, first) is None
        assert {row.id for row in live_passes(records, application.id, NOW)} == {
            other.id,
            second.id,
        }


def test_two_cards_at_a_branch_never_have_the_same_digits(database: Database) -> None:
    draws = iter(["111111", "111111", "222222"])
    with database.writing() as records:
        first, _ = issued(records, card(records), draw=lambda: next(draws))
        second, digits = issued(
            records, card(records, id_number=OTHER_NUMBER), draw=lambda: next(draws)
        )
        assert digits == "222222"
        assert typed(records, "111111") is first
        assert typed(records, "222222") is second


def test_where_no_digits_are_free_it_says_so_and_an_expired_one_gives_way(
    database: Database,
) -> None:
    with database.writing() as records:
        issued(records, card(records), draw=lambda: "111111")
        other = card(records, id_number=OTHER_NUMBER)
        with pytest.raises(NoDigitsLeft):
            issued(records, other, draw=lambda: "111111")
        issued(records, other, now=NOW + DAY, draw=lambda: "111111")


def test_the_agent_is_sealed_holds_for_days_and_can_be_revoked(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        mine, digits = issued(records, application, Collector.AGENT, agent=AGENT)
        assert mine.agent and AGENT.name.encode() not in mine.agent
        assert mine.named(KEYS) == AGENT
        later = NOW + timedelta(days=RULES.agent_days) - MINUTE
        assert agent_pass(records, application.id, later) is mine
        assert end_passes(records, application.id, "revoked", NOW, Collector.AGENT) == 1
        assert typed(records, digits) is None


def test_a_clerk_who_guesses_waits_and_others_of_the_branch_go_on(database: Database) -> None:
    window = timedelta(minutes=RULES.tries_minutes)
    with database.writing() as records:
        _, digits = issued(records, card(records), Collector.AGENT, agent=AGENT)
        for n in range(RULES.clerk_tries):
            assert typed(records, f"{n:06d}", now=NOW + n * timedelta(seconds=1)) is None
        with pytest.raises(TriesUsedUp) as locked:
            typed(records, digits, now=NOW + MINUTE)
        assert locked.value.until == NOW + window
        assert typed(records, digits, now=NOW + MINUTE, clerk="d" * 32)
        assert typed(records, digits, now=NOW + window)


def test_a_branch_that_guesses_with_many_names_waits_as_a_whole(database: Database) -> None:
    rules = replace(RULES, branch_tries=5)
    with database.writing() as records:
        for n in range(rules.branch_tries):
            typed(records, f"{n:06d}", clerk=f"{n:032d}", rules=rules)
        with pytest.raises(TriesUsedUp):
            typed(records, "999999", clerk="e" * 32, rules=rules)
        assert typed(records, "999999", branch=ELSEWHERE, rules=rules) is None


def test_what_has_expired_is_ended_and_what_ended_long_ago_is_forgotten(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        mine, _ = issued(records, application)
        assert forget_passes(records, NOW + DAY) == 0
        records.refresh(mine)
        assert mine.ended == "expired"
        assert forget_passes(records, NOW + 40 * DAY) == 1
        assert live_passes(records, application.id, NOW) == []


def test_of_two_who_ask_at_once_one_pass_is_left(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        draws = iter(["222222", "333333"])

        def asked_in_between() -> str:
            digits = next(draws)
            if digits == "222222":
                issued(records, application, draw=lambda: "111111")
            return digits

        mine, digits = issued(records, application, draw=asked_in_between)
        assert live_passes(records, application.id, NOW) == [mine]
        assert digits == "333333"
