"""What residents are told, changed at the console: by one, published by another, from a day on."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from werkzeug.test import TestResponse

import bot.app
from bot.console.content_preview import MOST
from bot.editions import Editions
from config.city import City, load_city
from config.content import PARTS, present
from models.content import keep_draft, propose, publish
from models.staff import Role
from tests.bot.console.cases import Cases
from tests.bot.console.reviewing import claimed
from tests.bot.console.staffed import Desk, Staffed
from tests.bot.website.guest import Guest

FEES = {"first": "8", "reissue": "20", "pickup": "0", "post": "邮费自付", "post_en": "you pay"}


@pytest.fixture
def staffed(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staffed]:
    """A site that looks for new words at every request."""
    monkeypatch.setattr(bot.app, "Editions", partial(Editions, seconds=0))
    console = Staffed(tmp_path, redis_url)
    yield console
    console.close()


def today(console: Staffed) -> str:
    return console.clock().astimezone(console.parts.city.tz).date().isoformat()


def drafted_fees(console: Staffed, desk: Desk, **fees: str) -> TestResponse:
    """The fees in other words, laid before a second person."""
    assert desk.post("/content/fees/entry?key=-", **{**FEES, **fees}).status_code == 303
    return desk.post("/content/fees/propose", note="试行", valid_from=today(console))


def editors(console: Staffed) -> tuple[Desk, Desk]:
    return console.desk(Role.CONTENT_EDITOR), console.desk(Role.CONTENT_EDITOR)


def test_two_editors_change_a_fee_and_residents_are_told_it_without_a_restart(
    staffed: Staffed,
) -> None:
    one, other = editors(staffed)
    resident = Guest(staffed)
    resident.get("/apply")
    assert "首次办卡不收费" in resident.send(text="办卡多少钱")
    edition = drafted_fees(staffed, one).location.removeprefix("/console")
    page = one.get(edition).text
    assert "要由另一个人发布" in page and "首次（元）" in page
    assert "首次办卡收费8元" in page  # as the phone shows it
    assert one.post(f"{edition}/publish").status_code == 409
    assert other.post(f"{edition}/publish").status_code == 303
    assert other.post(f"{edition}/publish").status_code == 409
    assert "首次办卡收费8元" in resident.send(text="办卡多少钱")
    page = one.get(edition).text
    assert "首次（元）" not in page and "没有不同" in page


def test_what_does_not_fit_is_told_by_its_field_and_kept_by_nobody(staffed: Staffed) -> None:
    one, _ = editors(staffed)
    answer = one.post("/content/fees/entry?key=-", **{**FEES, "first": "八"})
    assert answer.status_code == 422
    assert "首次（元）：要填整数" in answer.text and 'value="八"' in answer.text
    assert "我的草稿" not in one.get("/content/fees").text
    for day in ("2020-01-01", "soon", ""):
        one.post("/content/fees/entry?key=-", **FEES)
        answer = one.post("/content/fees/propose", note="x", valid_from=day)
        assert (answer.status_code, "生效日期" in answer.text) == (422, True)


def test_what_contradicts_the_rest_cannot_be_proposed(staffed: Staffed) -> None:
    one, _ = editors(staffed)
    assert one.post("/content/banks/remove", key="ICBC").status_code == 303
    answer = one.post("/content/banks/propose", note="x", valid_from=today(staffed))
    assert answer.status_code == 422
    assert "there is no bank ICBC" in answer.text
    assert one.post("/content/banks/drop").status_code == 303
    assert "我的草稿" not in one.get("/content/banks").text


def branches_file(staffed: Staffed, one: Desk, rows: list[dict[str, Any]]) -> TestResponse:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    heads = {"name": "网点名称", "bank": "银行", "phone": "联系电话"}
    sheet.append([heads.get(name, name) for name in rows[0]])
    for row in rows:
        sheet.append(list(row.values()))
    packed = io.BytesIO()
    book.save(packed)
    packed.seek(0)
    return one.post("/content/branches/import", file=(packed, "网点.xlsx"))


def rows_of(city: City) -> list[dict[str, Any]]:
    rows = [{**vars(branch)} for branch in city.branches]
    for row in rows:
        row.pop("__pydantic_initialised__", None)
    return rows


def test_a_branch_that_closes_comes_from_a_spreadsheet_and_is_seen_before(staffed: Staffed) -> None:
    one, _ = editors(staffed)
    rows = rows_of(load_city())
    rows[1] |= {"closes_on": date(2026, 12, 31), "successor": "ABC-99"}
    assert branches_file(staffed, one, rows).status_code == 303
    said = {"note": "停办", "valid_from": today(staffed)}
    assert "there is no branch ABC-99" in one.post("/content/branches/propose", **said).text
    rows[1]["successor"] = "ABC-02"
    assert branches_file(staffed, one, rows).status_code == 303
    form = one.get("/content/branches/entry?key=ABC-01").text
    assert 'value="2026-12-31"' in form and "由哪个网点接着办（代码）" in form
    edition = one.post("/content/branches/propose", **said).location.removeprefix("/console")
    page = one.get(edition).text
    assert "农业银行和平路支行12月31日起不办了，改到农业银行城西支行；回复 1 选它。" in page
    assert "停办日期" in page, "what differs"


def test_branches_come_from_a_spreadsheet_and_its_faults_are_told_row_by_row(
    staffed: Staffed,
) -> None:
    one, other = editors(staffed)
    city = load_city()
    rows = rows_of(city)
    wrong = json.loads(json.dumps(rows))
    wrong[1]["lat"], wrong[2]["name"], wrong[4]["code"] = "north", "", wrong[3]["code"]
    answer = branches_file(staffed, one, wrong)
    assert answer.status_code == 422
    for said in ("第 3 行：纬度：要填数字", "第 4 行：名称：必填", "第 6 行：代码与第 5 行相同"):
        assert said in answer.text
    assert "我的草稿" not in one.get("/content/branches").text
    for row in rows:
        row["hours"] = "每天 8:00至20:00"
    assert branches_file(staffed, one, rows).status_code == 303
    edition = one.post(
        "/content/branches/propose", note="新时间", valid_from=today(staffed)
    ).location.removeprefix("/console")
    page = one.get(edition).text
    assert "每天 8:00至20:00" in page and f"还有 {len(rows) - MOST} 条也会变" in page
    assert other.post(f"{edition}/publish").status_code == 303
    exported = tomllib.loads(one.get("/content/branches/file.toml").text)
    assert exported["branches"][0]["hours"] == "每天 8:00至20:00"
    assert exported["name"] == city.name


def zipped(name: str, content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr(name, content)
    return packed.getvalue()


def torn(packed: bytes, name: str) -> bytes:
    """A zip whose packed bytes are others than they were."""
    at = packed.index(name.encode()) + len(name)
    return packed[:at] + b"\xff" * 8 + packed[at + 8 :]


TYPES = "[Content_Types].xml"
NO_FILES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"PK\x03\x04nothing", id="no zip"),
        pytest.param("代码\nX\n".encode(), id="other columns"),
        pytest.param(b"\xff\xfe\xff", id="no text"),
        pytest.param(zipped("notes.txt", "x"), id="another zip"),
        pytest.param(zipped(TYPES, NO_FILES), id="a document"),
        pytest.param(zipped(TYPES, "x"), id="no XML"),
        pytest.param(torn(zipped(TYPES, "x"), TYPES), id="a torn zip"),
    ],
)
def test_a_file_that_is_no_table_of_branches_is_refused_in_words(
    console: Staffed, content: bytes
) -> None:
    desk = console.desk(Role.CONTENT_EDITOR)
    answer = desk.post("/content/branches/import", file=(io.BytesIO(content), "x.xlsx"))
    assert answer.status_code == 422
    assert "文件没有读入" in answer.text


def reasons_file(desk: Desk, heads: dict[str, str], **other: str) -> TestResponse:
    """Every reason that holds, a row each; of the first some cells in `other` words."""
    rows: list[dict[str, str]] = []
    for reason in present(None, {}, PARTS["reasons"]):
        row = {name: reason[name] for name in ("code", "label", "outcome")}
        row["fields"] = "、".join(reason["fields"])
        for name in ("need", "fact", "rule", "remedy"):
            row |= {f"{name}.{locale}": text for locale, text in reason[name].items()}
        rows.append(row if rows else row | other)
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow([heads.get(name, name) for name in rows[0]])
    table.writerows(row.values() for row in rows)
    packed = io.BytesIO(written.getvalue().encode("gb18030"))
    return desk.post("/content/reasons/import", file=(packed, "reasons.csv"))


@pytest.mark.parametrize(
    "heads",
    [{}, {"need.zh_CN": "要补什么（中文）", "rule.en": "规定（英文）", "fields": "涉及的项"}],
)
def test_reasons_come_from_a_spreadsheet_with_a_column_for_each_language(
    console: Staffed, heads: dict[str, str]
) -> None:
    desk = console.desk(Role.CONTENT_EDITOR)
    wrong = reasons_file(desk, heads, **{"need.zh_CN": ""})
    assert (wrong.status_code, "第 2 行：要补什么（中文）：必填" in wrong.text) == (422, True)
    assert reasons_file(desk, heads, **{"need.zh_CN": "姓名，要核对"}).status_code == 303
    first, *_ = present(None, {}, PARTS["reasons"])
    answer = desk.get(f"/content/reasons/entry?key={first['code']}").text
    assert ">姓名，要核对</textarea>" in answer
    assert f">{first['rule']['en']}</textarea>" in answer


def test_an_old_edition_is_gone_back_to_by_two_as_well(staffed: Staffed) -> None:
    one, other = editors(staffed)
    first = drafted_fees(staffed, one).location.removeprefix("/console")
    other.post(f"{first}/publish")
    second = drafted_fees(staffed, one, first="9").location.removeprefix("/console")
    other.post(f"{second}/publish")
    assert other.post(f"{first}/again").status_code == 303
    back = other.post("/content/fees/propose", note="退回", valid_from=today(staffed))
    assert one.post(f"{back.location.removeprefix('/console')}/publish").status_code == 303
    staffed.parts.__dict__.pop("changes", None)
    assert staffed.parts.changes["fees"]["first"] == 8
    assert other.get("/content/fees").text.count("已发布") == 3


def test_an_edition_holds_from_its_day_on(staffed: Staffed) -> None:
    one, other = editors(staffed)
    one.post("/content/fees/entry?key=-", **FEES)
    day = (staffed.clock() + timedelta(days=2)).date().isoformat()
    proposed = one.post("/content/fees/propose", note="x", valid_from=day)
    other.post(f"{proposed.location.removeprefix('/console')}/publish")
    assert not staffed.parts.is_outdated()
    staffed.clock.shift(timedelta(days=2))
    assert staffed.parts.is_outdated()


def test_reasons_that_were_published_are_those_of_the_review(staffed: Staffed) -> None:
    database, now = staffed.parts.database, staffed.clock()
    words = present(None, {}, PARTS["reasons"])
    next(each for each in words if each["code"] == "PHOTO_BG")["label"] = "背景要换成白墙"
    with database.writing() as records:
        draft = keep_draft(records, "reasons", words, by="one", now=now, rests_on=None)
        propose(records, draft, note="x", valid_from=now.date(), today=now.date(), now=now)
        publish(records, draft.id, by="other", now=now)
    reviewer, application = staffed.desk(Role.REVIEWER), Cases(staffed.parts).add()
    claimed(reviewer, application)
    assert "背景要换成白墙" in reviewer.get(f"/review/{application}/return").text


def test_a_later_edition_is_gone_on_from_and_never_undone(staffed: Staffed) -> None:
    one, other = editors(staffed)
    later = (staffed.clock() + timedelta(days=2)).date().isoformat()
    one.post("/content/fees/entry?key=-", **{**FEES, "reissue": "25"})
    coming = one.post("/content/fees/propose", note="x", valid_from=later)
    other.post(f"{coming.location.removeprefix('/console')}/publish")
    page = one.get("/content/fees").text
    assert f"下面是已经发布、{later} 起用的一版" in page
    assert 'name="reissue" value="25"' in one.get("/content/fees/entry?key=-").text
    one.post("/content/fees/entry?key=-", **{**FEES, "first": "9", "reissue": "25"})
    early = one.post("/content/fees/propose", note="x", valid_from=today(staffed))
    assert (early.status_code, "更晚的日子" in early.text) == (422, True)
    again = one.post("/content/fees/propose", note="x", valid_from=later)
    page = one.get(again.location.removeprefix("/console")).text
    assert "和到那天用的比" in page
    assert ("首次（元）" in page, "补换（元）" in page) == (True, False)


def test_answers_are_changed_one_by_one(console: Staffed) -> None:
    desk = console.desk(Role.CONTENT_EDITOR)
    page = desk.get("/content/faq/entry?key=faq_fee").text
    assert "{fee_first}" in page
    wrong = {"answer.zh_CN": "", "answer.en": "x"}
    assert desk.post("/content/faq/entry?key=faq_fee", **wrong).status_code == 422
    told = {"answer.zh_CN": "要{nothing}", "answer.en": "x"}
    assert desk.post("/content/faq/entry?key=faq_fee", **told).status_code == 303
    answer = desk.post("/content/faq/propose", note="x", valid_from=today(console))
    assert (answer.status_code, "which nobody knows" in answer.text) == (422, True)


def test_nothing_unknown_is_edited(console: Staffed) -> None:
    desk = console.desk(Role.CONTENT_EDITOR)
    for path in ("/content/faq/entry", "/content/fees/entry"):
        assert desk.post(path, key="", **{"answer.zh_CN": "x", "answer.en": "x"}).status_code == 404
        assert "我的草稿" not in desk.get(path.removesuffix("/entry")).text
    for path in ("/content/nothing", "/content/fees/entry?key=x", "/content/faq/entry",
                 "/content/editions/999", "/content/nothing/file.toml"):  # fmt: skip
        assert desk.get(path).status_code == 404, path
    assert desk.post("/content/fees/remove", key="-").status_code == 404
    assert console.desk(Role.REVIEWER).get("/content").status_code == 403
