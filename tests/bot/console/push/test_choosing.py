"""Whom a campaign is for: a segment with its count, or a file, with every row that adds nobody."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator

import pytest
from openpyxl import Workbook

from bot.console.push.list_file import read_list
from bot.console.sheets import UnreadableFile
from models.application_states import State
from models.audit import audit_of
from models.push.listed import Typed
from models.push.stages import Stage
from models.staff import Role
from tests.bot.console.calls import a_file
from tests.bot.console.pushes import Pushes
from tests.bot.console.staffed import Desk, Staffed

NORTH, WEST = "119903", "119902"
"""No other test of the module's console has people there."""


@pytest.fixture
def pushes(console: Staffed) -> Pushes:
    return Pushes(console)


@pytest.fixture
def editor(console: Staffed) -> Desk:
    return console.desk(Role.PUSH_EDITOR)


@pytest.fixture(scope="module")
def north(console: Staffed) -> Iterator[list[str]]:
    """Three who applied in the north: one whose card waits, two under review."""
    pushes = Pushes(console)
    states = (State.READY_FOR_PICKUP, State.UNDER_REVIEW, State.UNDER_REVIEW)
    yield [pushes.person(district=NORTH, state=state) for state in states]


def counted(page: str) -> int:
    found = re.search(r'id="count".*?<strong>(\d+)</strong>', page)
    assert found
    return int(found[1])


@pytest.mark.usefixtures("north")
def test_a_segment_is_counted_without_being_kept_and_kept_as_counted(
    pushes: Pushes, editor: Desk
) -> None:
    number = pushes.draft(editor, districts=())
    form = {"districts": [NORTH], "states": ["UNDER_REVIEW"], "days_until": "3"}
    page = editor.post(f"/push/{number}/audience", **form, count="1").text
    assert counted(page) == 2
    assert pushes.campaign(number).audience == {}
    assert re.search(rf'value="{NORTH}" checked', page)
    answer = editor.post(f"/push/{number}/audience", **form, revision="1")
    assert answer.location.endswith(f"/push/{number}/schedule")
    kept = pushes.campaign(number)
    assert kept.audience == {"districts": [NORTH], "states": ["UNDER_REVIEW"], "days_until": 3}
    assert counted(editor.get(f"/push/{number}/audience").text) == 2


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"age_from": "60", "age_until": "18"}, "不能小于前面的数"),
        ({"age_from": "131"}, "超出了可以填的范围"),
        ({"days_from": "4001"}, "超出了可以填的范围"),
        ({"days_from": "-1"}, "要填一个整数"),
        ({"age_until": "十八"}, "要填一个整数"),
        ({"states": "NOTHING"}, "有一项不在您可以选的范围内"),
        ({"districts": "999999"}, "有一项不在您可以选的范围内"),
    ],
)
def test_what_is_out_of_range_stands_at_its_field(
    pushes: Pushes, editor: Desk, form: dict[str, str], said: str
) -> None:
    number = pushes.draft(editor, districts=())
    answer = editor.post(f"/push/{number}/audience", **form, revision="1")
    assert (answer.status_code, said in answer.text) == (422, True)
    for value in form.values():
        assert value.isupper() or value == "999999" or f'value="{value}"' in answer.text
    assert pushes.campaign(number).audience == {}


def test_who_has_districts_chooses_within_them_alone(
    console: Staffed, pushes: Pushes, north: list[str]
) -> None:
    editor = console.desk(Role.PUSH_EDITOR, districts=(WEST,))
    number = pushes.draft(editor, districts=(WEST,))
    page = editor.get(f"/push/{number}/audience").text
    assert f'value="{NORTH}"' not in page and f'value="{WEST}"' in page
    beyond = editor.post(f"/push/{number}/audience", districts=[NORTH], revision="1")
    assert (beyond.status_code, "不在您可以选的范围内" in beyond.text) == (422, True)
    foreign = next(b.code for b in console.parts.city.branches if b.district != WEST)
    assert editor.post(f"/push/{number}/audience", branches=[foreign]).status_code == 422
    assert editor.post(f"/push/{number}/audience", revision="1").status_code == 303
    assert pushes.campaign(number).audience == {"districts": [WEST]}
    given = "受理号\n" + "\n".join(north)
    page = editor.post(f"/push/{number}/list", file=a_file(given), revision="2").text
    assert "找到 0 人" in page and "没有这个受理号" in page
    assert pushes.campaign(number).audience == {"districts": [WEST]}  # what was there stays


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("受理号", "number"), ("受理编号", "number"), ("申请号", "number"), ("Number", "number"),
        ("手机", "phone"), (" 手机号 ", "phone"), ("电话", "phone"), ("PHONE", "phone"),
    ],
)  # fmt: skip
def test_a_column_has_many_names_and_encodings(head: str, kind: str, encoding: str) -> None:
    rows = read_list(f"备注,{head}\r\n某人,X1\r\n,\r\n某人,X2\r\n".encode(encoding))
    assert rows == [Typed(2, "X1", kind), Typed(4, "X2", kind)]  # type: ignore[arg-type]


def test_of_a_row_with_both_the_number_counts() -> None:
    rows = read_list("手机号,受理号\n13900001234,YZ1\n13900001234,\n".encode())
    assert rows == [Typed(2, "YZ1", "number"), Typed(3, "13900001234", "phone")]


def test_a_single_column_needs_no_head() -> None:
    assert read_list(b"13900001234\n139") == [
        Typed(1, "13900001234", "phone"), Typed(2, "139", "phone"),
    ]  # fmt: skip
    assert [row.kind for row in read_list(b"YZ2611230731\nYZ2611230732")] == ["number", "number"]


def test_numbers_of_a_spreadsheet_are_read_as_they_look() -> None:
    book, packed = Workbook(), io.BytesIO()
    book.active.append(["手机号码"])
    book.active.append([13900001234])
    book.active.append([13900001234.0])
    book.save(packed)
    assert {row.text for row in read_list(packed.getvalue())} == {"13900001234"}


@pytest.mark.parametrize(
    "content",
    [b"", "受理号\n".encode(), "姓名,住址\n某人,某处\n".encode(), b"\xff\xfe\xff", b"PK\x03\x04x",
     b'"\nx"y"', "受理号\n".encode() + b"x\n" * 50_001],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_words(pushes: Pushes, editor: Desk, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_list(content)
    number = pushes.draft(editor, districts=())
    upload = io.BytesIO(content), "x.csv"
    answer = editor.post(f"/push/{number}/list", file=upload, revision="1")
    assert (answer.status_code, "文件没有读入" in answer.text) == (422, True)
    assert editor.post(f"/push/{number}/list", revision="1").status_code == 422


def test_good_rows_are_kept_and_each_other_row_is_told_and_can_be_taken_along(
    console: Staffed, pushes: Pushes, editor: Desk, north: list[str]
) -> None:
    number = pushes.draft(editor, districts=())
    formula = '=HYPERLINK("x")'
    rows = [
        north[0],
        north[1],
        north[0],
        "YZ2611230000",
        "",
        '"' + formula.replace('"', '""') + '"',
    ]
    page = editor.post(
        f"/push/{number}/list", file=a_file("\n".join(["受理号", *rows])), revision="1"
    ).text
    assert "文件有 5 行，找到 2 人" in page
    assert "和第 2 行重复" in page and "重复：1 行" in page and "格式不对：1 行" in page
    made = pushes.campaign(number)
    assert (made.total, made.audience) == (2, {"list": 2, "numbered": True})
    assert pushes.deliveries(number) == {"new": 2}
    linked = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', page)
    assert linked
    table = base64.b64decode(linked[1]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(table))) == [
        ["行", "内容", "原因"],
        ["4", north[0], "和第 2 行重复"],
        ["5", "YZ2611230000", "没有这个受理号，或者不在您负责的范围内"],
        ["7", f"'{formula}", "格式不对"],
    ]
    with console.parts.database.reading() as records:
        (noted,) = audit_of(records, f"push:{number}")
        assert (noted.act, noted.detail["rows"]) == ("push.list", 5)
        assert not any(each in str(noted.detail) + noted.reason for each in north)
    assert "现在用的是名单" in editor.get(f"/push/{number}/audience").text


def test_a_second_list_takes_the_place_of_the_first_and_a_segment_that_of_a_list(
    pushes: Pushes, editor: Desk, north: list[str]
) -> None:
    number = pushes.draft(editor, districts=())
    for revision, some in (("1", north[:2]), ("2", north[2:])):
        given = a_file("\n".join(["受理号", *some]))
        assert editor.post(f"/push/{number}/list", file=given, revision=revision).status_code == 200
    assert pushes.deliveries(number) == {"new": 1}
    stale = editor.post(f"/push/{number}/list", file=a_file("受理号\nYZ2611230000"), revision="1")
    assert stale.status_code == 409
    answer = editor.post(f"/push/{number}/audience", districts=[NORTH], revision="3")
    assert answer.status_code == 303
    assert (pushes.deliveries(number), pushes.campaign(number).total) == ({}, len(north))


def test_of_phones_it_is_told_whether_somebody_is_reached_and_no_more(
    console: Staffed, pushes: Pushes, editor: Desk
) -> None:
    pushes.person(district=NORTH, phone="13811110001")
    number = pushes.draft(editor, districts=())
    given = a_file("手机\n13811110001\n13811110002\n138\n")
    page = editor.post(f"/push/{number}/list", file=given, revision="1").text
    assert "找到 1 人" in page
    assert "这个手机号没有可以通知的人：1 行" in page and "格式不对：1 行" in page
    confined = console.desk(Role.PUSH_EDITOR, districts=(WEST,))
    number = pushes.draft(confined, districts=(WEST,))
    given = a_file("手机\n13811110001\n13811110002\n")
    page = confined.post(f"/push/{number}/list", file=given, revision="1").text
    assert "这个手机号没有可以通知的人：2 行" in page


def test_a_list_is_taken_for_a_draft_alone(pushes: Pushes, editor: Desk, north: list[str]) -> None:
    number = pushes.at(editor, Stage.PROPOSED, districts=())
    answer = editor.post(f"/push/{number}/list", file=a_file(f"受理号\n{north[0]}"), revision="1")
    assert (answer.status_code, pushes.deliveries(number)) == (409, {})


# --- time and cost -------------------------------------------------------------------------------

SCHEDULE = {
    "starts_at": "", "expires_at": "2027-01-08T20:00", "from_hour": "9", "until_hour": "18",
    "rate": "5", "priority": "10", "cost_cap": "12.5",
}  # fmt: skip


def test_time_rate_and_cost_are_kept(pushes: Pushes, editor: Desk) -> None:
    number = pushes.draft(editor)
    form = {**SCHEDULE, "starts_at": "2027-01-01T09:30"}
    assert editor.post(f"/push/{number}/schedule", **form, revision="1").status_code == 303
    made = pushes.campaign(number)
    assert (made.from_hour, made.until_hour, made.rate, made.priority) == (9, 18, 5, 10)
    assert made.cost_cap == 1250
    assert made.starts_at is not None
    assert made.starts_at.isoformat() == "2027-01-01T01:30:00+00:00"
    page = editor.get(f"/push/{number}/schedule").text
    assert 'value="2027-01-01T09:30"' in page and 'value="12.50"' in page
    late = editor.post(f"/push/{number}/schedule", **SCHEDULE, revision="1")
    assert (late.status_code, "又有人改过" in late.text) == (409, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": ""}, {"expires_at": "2020-01-01T00:00"}, {"expires_at": "morgen"},
        {"starts_at": "2027-02-01T00:00"}, {"starts_at": "2027-13-01T00:00"}, {"from_hour": "25"},
        {"until_hour": "x"}, {"rate": "-1"}, {"rate": "10001"}, {"rate": "1.5"},
        {"priority": "7"}, {"priority": "100"}, {"cost_cap": ""}, {"cost_cap": "-1"},
        {"cost_cap": "1.234"}, {"cost_cap": "99999999"}, {"cost_cap": "１"},
    ],
)  # fmt: skip
def test_what_cannot_be_stands_at_its_field_and_is_not_kept(
    pushes: Pushes, editor: Desk, wrong: dict[str, str]
) -> None:
    number = pushes.draft(editor)
    answer = editor.post(f"/push/{number}/schedule", **{**SCHEDULE, **wrong}, revision="1")
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert pushes.campaign(number).revision == 1
