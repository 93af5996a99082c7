"""The review's pages: who sees what, what is written down, what a page does without a script."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import event

from models.review.decisions import decisions_of
from models.staff import Role
from tests.bot.console.cases import UNFIT, Cases
from tests.bot.console.reviewing import (
    EAST,
    WEST,
    claimed,
    looks,
    pictures,
    settled,
    staff_of,
)
from tests.bot.console.staffed import Desk, Staffed

PAGE, SCRIPT = 100 * 1024, 15 * 1024  # bytes
STATEMENTS = 18  # of one request, with the session's own


# --- one case ---------------------------------------------------------------------------------


def test_next_opens_the_oldest_promise_of_ones_district(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    cases.add(promised=date(2026, 11, 1), district=WEST)
    oldest = cases.add(promised=date(2026, 11, 2))
    answer = reviewer.post("/review/next")
    assert (answer.status_code, answer.location) == (303, f"/console/review/{oldest}")
    page = reviewer.get(f"/review/{oldest}").text
    assert "还剩" not in page
    assert "已超" in page
    assert reviewer.get("/review").location == f"/console/review/{oldest}"
    reviewer.post(f"/review/{oldest}/decide", kind="approve")


def test_the_screen_says_in_words_what_differs_and_what_was_derived(
    cases: Cases, reviewer: Desk
) -> None:
    page = claimed(
        reviewer,
        cases.add(
            own_photo="portrait_wang_yan",
            measures=[UNFIT],
            id_address="云州市城东区和平路81号",
            name="<b>赵</b>小云",
        ),
    ).text
    assert re.search(r"不一致</strong>，证件上读到：云州市城东区和平路18号", page)
    assert re.search(r"性别</th><td>男\s*<span class=\"tag\">推定", page)
    assert re.search(r"明暗</th><td>61 <strong>不合格</strong>", page)
    assert "<b>" not in page
    assert len(page) < PAGE


def test_another_district_has_no_such_case(console: Staffed, cases: Cases) -> None:
    application = cases.add(district=WEST)
    own = claimed(console.desk(Role.REVIEWER, districts=(WEST,)), application)
    assert own.status_code == 200
    for desk in (
        console.desk(Role.REVIEWER, districts=(EAST,)),
        console.desk(Role.SUPERVISOR, districts=(EAST,)),
    ):
        assert desk.get(f"/review/{application}").status_code == 404
        assert desk.get(pictures(own.text)[0]).status_code == 404
    other = console.desk(Role.REVIEWER, districts=(EAST,))
    assert other.post(f"/review/{application}/decide", kind="approve").status_code == 404
    assert (
        other.post(f"/review/{application}/return", finding="ID_BLUR:id_photos").status_code == 404
    )
    assert cases.state(application) == "UNDER_REVIEW"


def test_what_another_has_claimed_is_a_conflict_that_says_who(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.add()
    page = claimed(console.desk(Role.REVIEWER, districts=(EAST,)), application).text
    answer = claimed(reviewer, application)
    assert answer.status_code == 409
    assert "李工在看" in answer.text
    assert "11999919" not in answer.text
    assert reviewer.get(pictures(page)[0]).status_code == 404
    assert reviewer.post(f"/review/{application}/decide", kind="approve").status_code == 409
    assert cases.state(application) == "UNDER_REVIEW"


def test_a_supervisor_reads_and_decides_nothing(console: Staffed, cases: Cases) -> None:
    application = cases.add()
    supervisor = console.desk(Role.SUPERVISOR)
    page = supervisor.get(f"/review/{application}")
    assert page.status_code == 200
    assert 'name="kind"' not in page.text
    assert "下一件" not in page.text
    assert supervisor.post(f"/review/{application}/decide", kind="approve").status_code == 403


def test_each_look_is_written_down_once_a_round_with_the_pictures(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.add()
    page = claimed(reviewer, application).text
    reviewer.get(f"/review/{application}")
    for address in pictures(page):
        assert reviewer.get(address).status_code == 200
    me = staff_of(console, reviewer).by
    assert looks(console, application) == [(me, "application.view", 1)]


def test_a_picture_that_is_loaded_ahead_is_a_look_as_well(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    first, second = cases.add(promised=date(2026, 11, 3)), cases.add(promised=date(2026, 11, 4))
    reviewer.post("/review/next")
    ahead = re.search(r'data-ahead="([^"]+)"', reviewer.get(f"/review/{first}").text)
    assert ahead
    addresses = [each.removeprefix("/console") for each in ahead[1].split()]
    assert all(f"/review/{second}/" in address for address in addresses)
    assert looks(console, second) == []
    answer = reviewer.get(addresses[0])
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [act for _, act, _ in looks(console, second)] == ["application.view"]
    # Kept for who has its pictures: another one's next is not this.
    other = console.desk(Role.REVIEWER, districts=(EAST,))
    assert other.post("/review/next").location != f"/console/review/{second}"


def test_a_second_round_opens_at_the_difference(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.second_round(staff_of(console, reviewer))
    page = claimed(reviewer, application).text
    changed = page.index("这一轮改了什么")
    assert re.search(
        r"现住址</th><td>城东区和平路18号</td><td><strong>城东区人民路1号", page[changed:]
    )
    views = re.findall(r"<figcaption>([^<]+)", page)
    assert views[:2] == ["本人自拍照片（上一轮）", "本人自拍照片"]
    assert "退回修改（李工）：背景不是纯白" in page


def test_a_request_asks_the_records_a_few_times(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.second_round(staff_of(console, reviewer))
    claimed(reviewer, application)
    asked: list[str] = []

    def count(_: object, __: object, statement: str, *more: object) -> None:
        if statement != "BEGIN":
            asked.append(statement)

    engine = console.parts.database.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        page = reviewer.get(f"/review/{application}").text
        assert len(asked) <= STATEMENTS, asked
        asked.clear()
        reviewer.get(pictures(page)[0])
        assert len(asked) <= STATEMENTS, asked
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_the_script_is_small(console: Staffed, reviewer: Desk) -> None:
    with reviewer.get("/static/review.js") as answer:
        assert len(answer.data) < SCRIPT


# --- deciding ---------------------------------------------------------------------------------


def test_a_decision_leads_on_and_can_be_taken_back(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.add(promised=date(2026, 11, 1))
    claimed(reviewer, application)
    page = reviewer.client.get(
        reviewer.post(f"/review/{application}/decide", kind="approve").location
    ).text
    undo = re.search(r'action="/console(/review/undo/[0-9a-f]+)"', page)
    assert undo
    assert "通过，已记下" in page
    decided = reviewer.get(f"/review/{application}").text
    assert "李工已决定" in decided
    assert "下一件" in decided
    assert cases.state(application) == "UNDER_REVIEW"
    answer = reviewer.post(undo[1])
    assert answer.location == f"/console/review/{application}"
    settled(console, cases)
    assert cases.state(application) == "UNDER_REVIEW"
    reviewer.post(f"/review/{application}/decide", kind="approve")
    settled(console, cases)
    assert cases.state(application) == "APPROVED"


def test_too_late_to_take_back_is_said(console: Staffed, cases: Cases, reviewer: Desk) -> None:
    application = cases.add()
    claimed(reviewer, application)
    reviewer.post(f"/review/{application}/decide", kind="approve")
    with console.parts.database.reading() as records:
        decision = decisions_of(records, application)[0].id
    settled(console, cases)
    answer = reviewer.post(f"/review/undo/{decision}")
    assert (answer.status_code, "撤不回了" in answer.text) == (409, True)


def test_what_is_returned_shows_the_person_s_words_first_and_keeps_the_rectangle(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.add()
    claimed(reviewer, application)
    page = reviewer.get(f"/review/{application}/return").text
    document = re.search(r'data-field="id_photos".*?data-document="([^"]+)"', page, re.S)
    assert document
    chosen = {
        "finding": "ID_BLUR:id_photos",
        "mark": f"ID_BLUR:id_photos:{document[1]}:0.1,0.2,0.3,0.25",
    }
    shown = reviewer.post(f"/review/{application}/return", **chosen, preview="1").text
    assert "身份证照片看不清，每个字都要看得清。其他都合格，不用重填。" in shown
    assert f'value="{chosen["mark"]}"' in shown
    assert cases.state(application) == "UNDER_REVIEW"
    assert reviewer.post(f"/review/{application}/return", **chosen).status_code == 303
    settled(console, cases)
    with console.parts.database.reading() as records:
        found = decisions_of(records, application)[0].found()[0]
    assert (cases.state(application), found.rectangle) == ("RETURNED", (0.1, 0.2, 0.3, 0.25))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "请先选原因"),
        ({"finding": "NOTHING:portrait"}, "不在清单里"),
        ({"finding": "DUPLICATE:id_number"}, "不在清单里"),
        ({"finding": "PHOTO_BG:portrait", "mark": "PHOTO_BG:portrait:x:1,2"}, "没有收全"),
        ({"finding": "PHOTO_BG:portrait", "mark": "PHOTO_BG:portrait:x:0,0,2,nan"}, "超出了"),
        ({"finding": "PHOTO_BG:portrait", "mark": "PHOTO_BG:portrait:x:0,0,1,1"}, "不属于这份"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_decided(
    cases: Cases, reviewer: Desk, form: dict[str, str], said: str
) -> None:
    application = cases.add()
    claimed(reviewer, application)
    answer = reviewer.post(f"/review/{application}/return", **form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert reviewer.get("/review").location.endswith(application)
    reviewer.post(f"/review/{application}/release")


def test_a_refusal_waits_for_another_person(console: Staffed, cases: Cases, reviewer: Desk) -> None:
    application = cases.add()
    claimed(reviewer, application)
    assert "另一位审核人员确认" in reviewer.get(f"/review/{application}/refuse").text
    reviewer.post(f"/review/{application}/refuse", finding="DUPLICATE:id_number")
    settled(console, cases)
    assert cases.state(application) == "UNDER_REVIEW"
    with console.parts.database.reading() as records:
        decision = decisions_of(records, application)[0].id
    assert reviewer.post(f"/second/{decision}/confirm").status_code == 409
    other = console.desk(Role.REVIEWER, districts=(EAST,))
    page = other.get(f"/second/{decision}").text
    assert "李工：不予受理" in page
    assert "一人只能有一张" in page
    other.post(f"/second/{decision}/confirm")
    settled(console, cases)
    assert cases.state(application) == "REFUSED"


def test_what_another_does_not_agree_to_comes_back(
    console: Staffed, cases: Cases, reviewer: Desk
) -> None:
    application = cases.add()
    claimed(reviewer, application)
    reviewer.post(f"/review/{application}/refuse", finding="DUPLICATE:id_number")
    with console.parts.database.reading() as records:
        decision = decisions_of(records, application)[0].id
    other = console.desk(Role.REVIEWER)
    assert (
        console.desk(Role.REVIEWER, districts=(WEST,)).get(f"/second/{decision}").status_code == 404
    )
    other.post(f"/second/{decision}/decline")
    assert "没有得到另一位同意" in claimed(reviewer, application).text


def test_hold_wants_a_day_to_come(cases: Cases, reviewer: Desk) -> None:
    application = cases.add()
    claimed(reviewer, application)
    page = reviewer.get(f"/review/{application}/hold").text
    days = re.findall(r'name="until" value="([^"]+)"', page)
    assert len(days) == 9
    for wrong in ("", "tomorrow", "2020-01-01"):
        answer = reviewer.post(f"/review/{application}/hold", until=wrong)
        assert (answer.status_code, "重新选" in answer.text) == (422, True)
    assert reviewer.post(f"/review/{application}/hold", until=days[0]).status_code == 303
