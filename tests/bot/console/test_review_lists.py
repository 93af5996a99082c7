"""The review's other pages: batches, the second person, the supervisors' list."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.console.review.deciding import acts_of
from models.documents import documents_of
from models.review.decisions import SECOND_LOOK, Decision, decisions_of
from models.review.items import ReviewItem, Task
from models.review.together import approve_together, opened
from models.review.verdicts import ALLOWED
from models.staff import Role, StaffSession
from tests.bot.console.cases import FITS, NAMES, Cases
from tests.bot.console.reviewing import (
    EAST,
    claimed,
    settled,
    staff_of,
)
from tests.bot.console.staffed import Desk, Staffed

MINUTES = timedelta(minutes=10)  # less than a claim holds

# --- ten at a glance ----------------------------------------------------------------------------


def test_a_batch_is_approved_when_each_picture_was_opened(console: Staffed, cases: Cases) -> None:
    console.clock.shift(timedelta(hours=1))
    district = "119904"
    some = [cases.add(district=district) for _ in range(3)]
    desk = console.desk(Role.REVIEWER, districts=(district,))
    desk.post("/batch/next")
    page = desk.get("/batch").text
    assert page.count("<article") == 3
    answer = desk.post("/batch", application=some)
    assert (answer.status_code, "还有图片没有打开" in answer.text) == (422, True)
    shown = re.findall(r'(?:data-)?src="/console(/review/[^"]+shown=1)"', page)
    assert len(shown) == 9
    for address in shown:
        desk.get(address)
    assert "已打开 9 张，共 9 张" in desk.get("/batch").text
    assert desk.post("/batch", application=some).status_code == 303
    with console.parts.database.reading() as records:
        decided = [decisions_of(records, each)[0] for each in some]
    assert [each.kind for each in decided] == ["approve"] * 3


def test_a_batch_is_claimed_for_no_longer_than_one_stays_signed_in(
    console: Staffed, cases: Cases
) -> None:
    district = "119904"
    some = [cases.add(district=district) for _ in range(2)]
    desk, soon = console.desk(Role.REVIEWER, districts=(district,)), console.clock() + MINUTES
    with console.parts.database.writing() as records:
        mine = select(StaffSession).where(StaffSession.staff_id == desk.staff_id)
        records.scalars(mine).one().ends_at = soon
    desk.post("/batch/next")
    with console.parts.database.reading() as records:
        assert [records.get_one(ReviewItem, each).until for each in some] == [soon] * 2


def test_a_batch_is_taken_back_as_one(console: Staffed, cases: Cases) -> None:
    district = "119903"
    some = [cases.add(district=district) for _ in range(2)]
    desk = console.desk(Role.REVIEWER, districts=(district,))
    desk.post("/batch/next")
    for address in re.findall(r'src="/console(/review/[^"]+shown=1)"', desk.get("/batch").text):
        desk.get(address)
    desk.post("/batch", application=some)
    page = desk.get("/batch").text
    assert "2 件一起：通过，已记下" in page
    undo = re.search(r'action="/console(/review/undo/[0-9a-f]+)"', page)
    assert undo
    desk.post(undo[1])
    settled(console, cases)
    assert [cases.state(each) for each in some] == ["UNDER_REVIEW"] * 2


def test_of_a_batch_that_is_partly_in_effect_nothing_is_taken_back(
    console: Staffed, cases: Cases
) -> None:
    some = sorted(cases.add(own_photo="portrait_wang_yan", measures=[FITS]) for _ in range(2))
    desk = console.desk(Role.REVIEWER)
    staff = staff_of(console, desk)
    for each in some:
        claimed(desk, each)
    with console.parts.database.writing() as records:
        for kept in documents_of(records, *some).values():
            for document in kept:
                opened(records, staff, document, console.clock())
        first, last = approve_together(records, cases.life, staff, some, console.clock())
        assert first.application_id < last.application_id
        first.effective_at, last.effective_at = None, console.clock()
        ids = first.id, last.id
    answer = desk.post(f"/review/undo/{first.id}")
    assert (answer.status_code, "撤不回了" in answer.text) == (409, True)
    with console.parts.database.reading() as records:
        assert [records.get_one(Decision, each).dropped_at for each in ids] == [None, None]


def test_what_is_drawn_of_a_batch_waits_for_another_person(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application, me = cases.add(own_photo="portrait_wang_yan", measures=[FITS]), reviewer.staff_id
    claimed(reviewer, application)
    every = replace(cases.life.city, review=replace(cases.life.city.review, second_look=1.0))
    life, staff = replace(cases.life, city=every), staff_of(console, reviewer)
    with console.parts.database.writing() as records:
        for document in documents_of(records, application)[application]:
            opened(records, staff, document, console.clock())
        (decision,) = approve_together(records, life, staff, [application], console.clock())
        assert (decision.wants, decision.by) == (SECOND_LOOK, me)
        decision_id = decision.id
    assert "我提出的" not in reviewer.get("/second").text  # nobody learns what of theirs was drawn
    settled(console, cases)
    assert cases.state(application) == "UNDER_REVIEW"
    other = console.desk(Role.REVIEWER, districts=(EAST,))
    assert "随机抽到" in other.get("/second").text
    assert "复看" in other.get(f"/second/{decision_id}").text
    other.post(f"/second/{decision_id}/confirm")
    settled(console, cases)
    assert cases.state(application) == "APPROVED"


@pytest.mark.parametrize("task", list(Task))
def test_each_task_has_a_key_for_each_decision(task: Task) -> None:
    acts = acts_of(task)
    assert {act.kind for act in acts} == set(ALLOWED[task])
    keys = [act.key for act in acts]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set("05789")


# --- the supervisors' list ------------------------------------------------------------------------


def test_the_list_names_no_person_and_shows_who_has_what(console: Staffed, cases: Cases) -> None:
    district = "119902"
    mine, free = (
        cases.add(district=district, own_photo="portrait_wang_yan"),
        cases.add(district=district),
    )
    claimed(console.desk(Role.REVIEWER, districts=(district,)), mine)
    supervisor = console.desk(Role.SUPERVISOR, districts=(district,))
    page = supervisor.get("/queue").text
    assert "李工在看" in page
    assert not re.search("|".join((*NAMES, "11999919", "1390000")), page)
    only = supervisor.get("/queue?status=waiting&lane=agrees").text
    assert (mine in only, free in only) == (False, True)
    elsewhere = console.desk(Role.SUPERVISOR, districts=(EAST,)).get(f"/queue?district={district}")
    assert free not in elsewhere.text


def test_a_supervisor_gives_it_to_another_and_takes_it_away(console: Staffed, cases: Cases) -> None:
    district = "119902"
    application = cases.add(promised=date(2026, 11, 1), district=district)
    first = console.desk(Role.REVIEWER, districts=(district,))
    second = console.desk(Role.REVIEWER, districts=(district,))
    elsewhere = console.desk(Role.REVIEWER, districts=(EAST,))
    supervisor = console.desk(Role.SUPERVISOR, districts=(district,))
    claimed(first, application)
    answer = supervisor.post("/queue/assign", application=application, to=elsewhere.staff_id)
    assert (answer.status_code, "请选转给谁" in answer.text) == (422, True)
    supervisor.post("/queue/assign", application=application, to=second.staff_id)
    assert first.post(f"/review/{application}/decide", kind="approve").status_code == 409
    assert second.post("/review/next").location.endswith(application)
    answer = supervisor.post("/queue/take-away", application=application)
    assert "改了 1 件" in supervisor.client.get(answer.location).text
    assert second.get("/review").status_code == 200
    other = console.desk(Role.SUPERVISOR, districts=(EAST,))
    answer = other.post("/queue/take-away", application=application)
    assert "1 件没有改" in other.client.get(answer.location).text


def test_the_next_page_begins_where_this_one_ended(console: Staffed, cases: Cases) -> None:
    district = "119901"
    supervisor = console.desk(Role.SUPERVISOR, districts=(district,))
    for _ in range(max(0, 52 - supervisor.get("/queue").text.count('name="application"'))):
        cases.queued(district)
    first = supervisor.get("/queue").text
    after = re.search(r'href="/console(/queue\?after=[^"]+)"', first)
    assert after
    second = supervisor.get(after[1].replace("&amp;", "&")).text
    ids = [re.findall(r'name="application" value="([^"]+)"', page) for page in (first, second)]
    assert len(ids[0]) == 50
    assert ids[1]
    assert not set(ids[0]) & set(ids[1])
