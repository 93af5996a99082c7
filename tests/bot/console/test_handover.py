"""The page of the hand-over: what is stuck, and a failed batch that goes again."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from models.application_states import Actor, State
from models.applications import Application, events_of
from models.audit import audit_of
from models.handover.batches import Batch, BatchState, Block
from models.review.items import ReviewItem
from models.staff import Role
from tests.bot.console.staffed import Staffed
from tests.models.handover.making import CITY, LIFE, approved, cut
from tests.models.making import DAY, NUMBER


def refused(console: Staffed, *districts: str) -> tuple[Batch, list[Application]]:
    """A batch that the province did not take, with an application of each district."""
    with console.parts.database.writing() as records:
        made = [approved(records, district=district) for district in districts]
        batch = cut(records)
        assert batch is not None
        batch.state, batch.fault = BatchState.REFUSED.value, "manifest"
    return batch, made


def test_a_refused_batch_is_stuck_and_goes_again_as_a_new_one_with_a_reason(
    console: Staffed,
) -> None:
    batch, (one, two) = refused(console, "119901", "119902")
    desk = console.desk(Role.SUPERVISOR)
    page = desk.get("/handover").text
    assert batch.id in page and "卡住：" in page and "被拒收（清单和内容不符）" in page
    path = f"/handover/batches/{batch.id}"
    lines = desk.get(path).text
    assert one.number in lines and "陈*强" in lines
    assert "陈国强" not in lines and NUMBER not in lines
    assert desk.post(f"{path}/again").status_code == 422
    answer = desk.post(f"{path}/again", reason="格式已和省厅对好")
    assert answer.status_code == 303
    with console.parts.database.reading() as records:
        again = records.scalars(select(Batch).where(Batch.kind == "REP")).one()
        assert (again.count, again.state) == (2, "cut")
        assert answer.location.endswith(again.id)
        (note,) = audit_of(records, f"batch:{batch.id}")
    assert (note.act, note.reason) == ("handover.again", "格式已和省厅对好")
    assert batch.id not in desk.get("/handover").text
    assert desk.post(f"/handover/batches/{again.id}/again", reason="再").status_code == 409
    assert two.number in desk.get(f"/handover/batches/{again.id}").text


def test_who_has_a_district_sees_its_lines_alone_and_sends_no_other_again(
    console: Staffed,
) -> None:
    batch, (east, west) = refused(console, "119901", "119902")
    desk = console.desk(Role.SUPERVISOR, districts=("119901",))
    path = f"/handover/batches/{batch.id}"
    page = desk.get(path).text
    assert east.number in page and west.number not in page
    assert desk.post(f"{path}/again", reason="x").status_code == 403
    rows = list(csv.reader(io.StringIO(desk.post(f"{path}.csv", reason="核对").text)))
    assert [row[1] for row in rows[1:]] == [east.number]
    assert rows[1][2:4] == ["陈*强", "119***********0019"]
    with console.parts.database.reading() as records:
        assert audit_of(records, f"batch:{batch.id}")[-1].act == "handover.export"
    with console.parts.database.writing() as records:
        records.merge(batch).state = BatchState.TAKEN.value


def test_an_application_that_cannot_go_is_tried_again_by_its_own_district(
    console: Staffed,
) -> None:
    with console.parts.database.writing() as records:
        bad = approved(records, answers={"name": "陈\x00强"}, district="119901")
        cut(records)
    others = console.desk(Role.SUPERVISOR, districts=("119902",))
    mine = console.desk(Role.SUPERVISOR, districts=("119901",))
    assert bad.number not in others.get("/handover").text
    page = mine.get("/handover").text
    assert bad.number in page and "有不能上报的字符" in page
    path = f"/handover/blocked/{bad.id}"
    assert others.post(path).status_code == 404
    assert mine.post(f"/handover/blocked/{'f' * 32}").status_code == 404
    assert mine.post(path).status_code == 303
    with console.parts.database.reading() as records:
        assert records.scalars(select(Block)).all() == []


def test_what_is_wrong_with_an_application_itself_goes_back_to_the_review(
    console: Staffed,
) -> None:
    with console.parts.database.writing() as records:
        bad = approved(records, answers={"name": "陈\x00强"}, district="119901")
        cut(records)
    others = console.desk(Role.SUPERVISOR, districts=("119902",))
    mine = console.desk(Role.SUPERVISOR, districts=("119901",))
    assert "退回审核" in mine.get("/handover").text
    path = f"/handover/blocked/{bad.id}/review"
    assert others.post(path).status_code == 404
    assert mine.post(path).status_code == 303
    assert mine.post(path).status_code == 409
    assert bad.number not in mine.get("/handover").text
    with console.parts.database.reading() as records:
        last = events_of(records, bad.id)[-1]
        assert (last.to_state, last.reason) == ("UNDER_REVIEW", "characters")
        item = records.get_one(ReviewItem, bad.id)
        assert (item.task, item.status, item.lane) == ("handover", "waiting", "difficult")
        assert records.get(Block, (bad.id, "province")) is None
        (note,) = audit_of(records, f"application:{bad.id}")
    assert note.act == "handover.back"
    reviewer = console.desk(Role.REVIEWER, districts=("119901",))
    assert reviewer.post(f"/review/{bad.id}/claim").status_code == 303
    assert "交不出去" in reviewer.get(f"/review/{bad.id}").text
    assert reviewer.post(f"/review/{bad.id}/release").status_code == 303
    with console.parts.database.writing() as records:
        assert records.get_one(Application, bad.id).state == "UNDER_REVIEW"
        records.get_one(ReviewItem, bad.id).status = "gone"


def test_who_withdrew_is_not_stuck(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        bad = approved(records, answers={"name": "陈\x00强"})
        cut(records)
        LIFE.advance(records, bad, State.CANCEL_REQUESTED, Actor.CITIZEN, bad.state_since, by="")
    desk = console.desk(Role.SUPERVISOR)
    assert bad.number not in desk.get("/handover").text
    assert desk.post(f"/handover/blocked/{bad.id}/review").status_code == 409
    assert desk.post(f"/handover/blocked/{bad.id}").status_code == 303


def test_what_nobody_answers_is_stuck_after_the_citys_days(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        approved(records)
        batch = cut(records)
        assert batch is not None
        batch.state, stuck_days = BatchState.TAKEN.value, CITY.handover.province.stuck_days
        batch.cut_at -= (stuck_days + 1) * DAY
    page = console.desk(Role.ADMINISTRATOR).get("/handover").text
    row = next(line for line in page.splitlines() if batch.id in line)
    assert "卡住：" in row and "已收，待回盘" in row


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("refused", "没有收下：timeout"),
        ("conflict", "没有收下：timeout"),
        ("sending", "还不知道是否收下：timeout"),
        ("cut", "还没有送到：timeout"),
    ],
)
def test_the_page_of_a_batch_says_no_more_than_is_known(
    console: Staffed, state: str, said: str
) -> None:
    with console.parts.database.writing() as records:
        approved(records)
        batch = cut(records)
        assert batch is not None
        batch.state, batch.fault = state, "timeout"
    assert f"{said}。" in console.desk(Role.ADMINISTRATOR).get(f"/handover/batches/{batch.id}").text


def test_reviewers_have_no_business_there_and_unknown_batches_are_none(console: Staffed) -> None:
    assert console.desk(Role.REVIEWER).get("/handover").status_code == 403
    desk = console.desk(Role.ADMINISTRATOR)
    assert desk.get("/handover/batches/nothing").status_code == 404
    assert desk.post("/handover/batches/nothing/again", reason="x").status_code == 404
    assert desk.post("/handover/batches/nothing.csv", reason="x").status_code == 404
