"""A branch closes, at the console: the content and the campaign begun in one act, each published or
approved by a second person, the content first; who has not chosen is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.application_states import State
from models.content import history
from models.push.answers import add_answer
from models.push.closing import Closing
from models.push.deliveries import Delivery
from models.push.drafts import latest_campaigns
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.pushes import Pushes
from tests.bot.console.staffed import Desk, Staffed
from tests.closing import CODE, SUCCESSOR

BOTH = (Role.CONTENT_EDITOR, Role.PUSH_EDITOR)
PAGE = f"/content/branches/closing?key={CODE}"


@pytest.fixture
def staffed(tmp_path: Path, redis_url: str) -> Iterator[Staffed]:
    """A console of its own: what is published here holds for no other test."""
    found = Staffed(tmp_path, redis_url)
    yield found
    found.close()


def closes(console: Staffed) -> str:
    return (console.clock() + timedelta(days=40)).date().isoformat()


def begun(console: Staffed, desk: Desk) -> str:
    answer = desk.post(PAGE, closes_on=closes(console), successor=SUCCESSOR)
    assert answer.status_code == 303, answer.text
    return answer.location.removeprefix("/console")


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def test_both_are_begun_at_once_and_the_campaign_waits_for_the_content(staffed: Staffed) -> None:
    writer = staffed.desk(*BOTH)
    other = staffed.desk(Role.CONTENT_EDITOR, Role.PUSH_APPROVER)
    pushes = Pushes(staffed)
    numbers = [pushes.person(state=State.APPROVED) for _ in range(3)]
    assert f"停办 {CODE}" in writer.get("/content/branches").text
    assert "农业银行城西支行" in writer.get(PAGE).text
    page = begun(staffed, writer)
    told = writer.get(page).text
    assert "等人发布，发布以后推送才能批准" in told and "农业银行城西支行" in told
    campaign = page.removesuffix("/closing")
    said = writer.get(campaign).text
    assert "1 改到农业银行城西支行、2 选别的网点" in said and "不用另一个人批准" not in said
    seen = revision(said)
    assert writer.post(f"{campaign}/propose", revision=seen).status_code == 303
    early = other.post(f"{campaign}/approve", revision=seen)
    assert early.status_code == 409 and "停办的内容还没有发布" in early.text
    with staffed.parts.database.reading() as records:
        edition = history(records, "branches")[0]
        assert edition.written_by == f"staff:{writer.staff_id}" and edition.state == "proposed"
        number = edition.id
    assert "起不办了，改到农业银行城西支行" in other.get(f"/content/editions/{number}").text
    assert other.post(f"/content/editions/{number}/publish").status_code == 303
    assert "已发布" in other.get(page).text
    assert other.post(f"{campaign}/approve", revision=seen).status_code == 303
    _who_has_not_chosen(staffed, pushes, other, page, numbers)


def _who_has_not_chosen(
    staffed: Staffed, pushes: Pushes, desk: Desk, page: str, numbers: list[str]
) -> None:
    with staffed.parts.database.reading() as records:
        campaign = latest_campaigns(records, 1)[0].id
    assert pushes.expand(campaign) == 3
    pushes.move(campaign, Stage.RUNNING)
    pushes.ended(campaign, sent=2, failed_permanent=1)
    with staffed.parts.database.writing() as records:
        told = records.query(Delivery).filter_by(campaign_id=campaign, number=numbers[0]).one()
        add_answer(
            records, staffed.parts.keys, campaign_id=campaign, recipient=told.recipient,
            option="1", text="", now=staffed.clock(),
        )  # fmt: skip
    listed = desk.get(page).text
    assert "还没有选的：<strong>2</strong>" in listed
    assert numbers[0] not in listed and numbers[1] in listed and numbers[2] in listed
    assert "已发出" in listed and "没发成" in listed and "通过，待上报" in listed


def test_what_cannot_be_meant_leaves_neither(staffed: Staffed) -> None:
    desk = staffed.desk(*BOTH)
    today = staffed.clock().date().isoformat()
    day = closes(staffed)
    for form, said in (
        ({"closes_on": today, "successor": SUCCESSOR}, "停办日期要晚于"),
        ({"closes_on": "soon", "successor": SUCCESSOR}, "停办日期要晚于"),
        ({"closes_on": day, "successor": ""}, "请选由哪个网点接着办"),
        ({"closes_on": day, "successor": "CCB-01"}, "hands out no cards of ABC"),
    ):
        answer = desk.post(PAGE, **form)
        assert answer.status_code == 422 and said in answer.text
    assert desk.get("/content/branches/closing?key=ABC-99").status_code == 404
    with staffed.parts.database.reading() as records:
        assert list(history(records, "branches")) == [] and latest_campaigns(records, 9) == []


def test_it_takes_both_offices_and_no_draft_that_waits(staffed: Staffed) -> None:
    day = closes(staffed)
    for desk in (
        staffed.desk(Role.CONTENT_EDITOR),
        staffed.desk(*BOTH, districts=("119901",)),
    ):
        assert "请由兼内容编辑和推送编辑" in desk.get(PAGE).text
        assert desk.post(PAGE, closes_on=day, successor=SUCCESSOR).status_code == 409
    writer = staffed.desk(*BOTH)
    assert writer.post("/content/branches/remove", key="ABC-03").status_code == 303
    answer = writer.post(PAGE, closes_on=day, successor=SUCCESSOR)
    assert answer.status_code == 409 and "您有一份网点的草稿还没有提交" in answer.text
    assert writer.post("/content/branches/drop").status_code == 303
    begun(staffed, writer)
    with staffed.parts.database.reading() as records:
        campaign = latest_campaigns(records, 1)[0]
        assert Closing.of(campaign) == Closing.read(
            {"branch": CODE, "closes_on": day, "successor": SUCCESSOR}
        )
        assert campaign.kind == "closing" and campaign.at is Stage.DRAFT


def test_another_campaign_has_no_such_page(staffed: Staffed) -> None:
    desk = staffed.desk(*BOTH)
    number = Pushes(staffed).draft(desk)
    assert desk.get(f"/push/{number}/closing").status_code == 404
