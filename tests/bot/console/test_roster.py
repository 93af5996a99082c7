"""The administrator keeps the records of staff: reasons, limits, and nobody their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from models.audit import audit_of
from models.staff import Role, Staff
from models.staff_records import Duties as D
from models.staff_records import StaffFault, change_duties, disable, roles_of
from tests.bot.console.door import Caller
from tests.bot.console.staffed import Desk, Staffed

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture
def admin(console: Staffed) -> Iterator[Desk]:
    yield console.desk(Role.ADMINISTRATOR)


def found(console: Staffed, staff_id: str) -> Staff:
    with console.parts.database.reading() as records:
        return records.get_one(Staff, staff_id)


def acts(console: Staffed, staff_id: str) -> list[str]:
    with console.parts.database.reading() as records:
        return [event.act for event in audit_of(records, f"staff:{staff_id}")]


def test_somebody_is_added_and_signs_in_with_the_password_that_is_shown_once(
    console: Staffed, admin: Desk
) -> None:
    branch = console.parts.city.branches[0].code
    page = admin.post("/staff/new", login="Zhao.Yi", name="赵一", role="clerk", branch=branch,
                      reason="新同事")  # fmt: skip
    password = re.findall(r"<code>([^<]+)</code>", page.text)[0]
    assert password not in admin.get("/staff").text
    assert Caller(console, "zhao.yi", password).gives_password().status_code == 303
    link = re.search(r'/console/staff/(\w{32})">zhao.yi<', admin.get("/staff").text)
    assert link and acts(console, link[1]) == ["staff.add"]
    assert found(console, link[1]).branch == branch


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"login": "x"}, "2到32个字符"),
        ({"login": "a b"}, "2到32个字符"),
        ({"name": " "}, "姓名要填"),
        ({"role": "king"}, "没有这个岗位"),
        ({"role": []}, "至少要有一个岗位"),
        ({"role": "clerk"}, "要写明网点"),
        ({"role": "reviewer", "branch": "CCB-01"}, "要写明网点"),
        ({"role": "clerk", "branch": "none"}, "没有这个网点"),
        ({"district": "119000"}, "没有这个区"),
        ({"role": ["auditor", "reviewer"]}, "不能兼任"),
        ({"role": ["administrator", "supervisor"]}, "不能兼任"),
        ({"reason": ""}, "要写明原因"),
    ],
)
def test_what_does_not_fit_is_refused_and_says_why(
    console: Staffed, admin: Desk, form: dict[str, object], told: str
) -> None:
    given = {"login": "qian.er", "name": "钱二", "role": "reviewer", "reason": "x", **form}
    answer = admin.post("/staff/new", **given)
    assert answer.status_code == 422 and told in answer.text
    assert "qian.er" not in admin.get("/staff").text


def test_a_login_is_somebodys_alone(console: Staffed, admin: Desk) -> None:
    given = {"login": "sun.san", "name": "孙三", "role": "reviewer", "reason": "x"}
    assert admin.post("/staff/new", **given).status_code == 200
    assert "已经有人用了" in admin.post("/staff/new", **given).text


def test_whose_duties_change_signs_in_anew_and_both_states_are_noted(
    console: Staffed, admin: Desk
) -> None:
    desk = console.desk(Role.REVIEWER)
    district = console.parts.city.districts[0].code
    form = {"role": "supervisor", "district": district, "reason": "升职"}
    assert admin.post(f"/staff/{desk.staff_id}/duties", **form).status_code == 303
    assert desk.get("/").status_code == 303
    assert "权限或密码有变动" in desk.get("/sign-in").text
    assert found(console, desk.staff_id).districts == [district]
    assert acts(console, desk.staff_id) == ["staff.duties_before", "staff.duties"]


def test_who_is_disabled_is_out_at_once_and_a_reset_brings_them_back(
    console: Staffed, admin: Desk
) -> None:
    desk = console.desk(Role.REVIEWER)
    assert admin.post(f"/staff/{desk.staff_id}/disable", reason="离职").status_code == 303
    assert desk.get("/").status_code == 303
    assert not found(console, desk.staff_id).active
    page = admin.post(f"/staff/{desk.staff_id}/reset", reason="回来了")
    assert "初始密码" in page.text and found(console, desk.staff_id).active


def test_nobody_changes_their_own_account(console: Staffed, admin: Desk) -> None:
    for act in ("duties", "disable", "reset"):
        answer = admin.post(f"/staff/{admin.staff_id}/{act}", role="supervisor", reason="x")
        assert answer.status_code == 422 and "由别的管理员来改" in answer.text
    assert found(console, admin.staff_id).roles == [Role.ADMINISTRATOR]


def test_the_last_administrator_stays(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        for staff in records.query(Staff):
            staff.active = False
    last = console.desk(Role.ADMINISTRATOR)
    city = console.parts.city
    with console.parts.database.writing() as records:
        staff = records.get_one(Staff, last.staff_id)
        with pytest.raises(StaffFault, match="最后一个"):
            disable(records, staff, by="cli:root")
        with pytest.raises(StaffFault, match="最后一个"):
            change_duties(records, city, staff, D(roles_of(["auditor"])), by="cli:root")
    other = console.desk(Role.ADMINISTRATOR)
    assert other.post(f"/staff/{last.staff_id}/disable", reason="x").status_code == 303
