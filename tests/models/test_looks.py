"""谁看过我的资料: whose acts on whose record, and what is never told of them."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from models.audit import audit
from models.database import Database
from models.looks import Look, looks_at
from models.people import bind
from tests.models.making import ACCOUNT, DAY, NOW, OTHER_NUMBER, make_application, make_person

WHO, WHY = "staff:wang.fang", "谢某投诉，见工单88"


def test_each_act_is_told_by_role_purpose_and_day_never_by_name_or_reason(
    database: Database,
) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records))
        subject = f"application:{application.id}"
        said = {"role": "officer", "purpose": "complaint"}
        audit(records, actor=WHO, act="console.view", subject=subject, reason=WHY, now=NOW,
              detail=said)  # fmt: skip
        audit(records, actor="cli:root", act="application.show", subject=subject, reason=WHY,
              now=NOW + DAY)  # fmt: skip
        looks = looks_at(records, ACCOUNT)
    tail = application.number[-4:]
    assert looks == [
        Look(NOW + DAY, "unmasked", "operator", "other", tail),
        Look(NOW, "seen", "officer", "complaint", tail),
    ]
    told = [str(part) for look in looks for part in astuple(look)]
    assert not any(WHO.partition(":")[2] in part or WHY in part for part in told)


@pytest.mark.parametrize(
    ("act", "what"),
    [
        ("console.view", "seen"), ("console.unmask", "unmasked"), ("console.export", "exported"),
        ("application.told", "told"), ("something.new", "handled"),
    ],
)  # fmt: skip
def test_no_act_is_left_out(database: Database, act: str, what: str) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records))
        subject = f"application:{application.id}"
        detail = {"role": "a new role", "purpose": "a new purpose"}
        audit(records, actor=WHO, act=act, subject=subject, reason=WHY, now=NOW, detail=detail)
        (look,) = looks_at(records, ACCOUNT)
    assert (look.what, look.role, look.purpose) == (what, "staff", "other")


def test_nobody_is_told_of_looks_at_what_they_may_not_see(database: Database) -> None:
    with database.writing() as records:
        me, other = make_person(records), make_person(records, id_number=OTHER_NUMBER, name="别人")
        mine = make_application(records, me, account="wechat:wx1:oMine")
        claimed = make_application(records, me, account="wechat:wx1:oLiar", holder_proven=False)
        subjects = (f"application:{mine.id}", f"application:{claimed.id}", f"person:{other.id}")
        for subject in (*subjects, f"person:{me.id}"):
            audit(records, actor=WHO, act="console.view", subject=subject, reason=WHY, now=NOW)
        bind(records, "web:site:mine", me.id, NOW)
        assert [look.number_tail for look in looks_at(records, "web:site:mine")] == [
            "", mine.number[-4:],
        ]  # fmt: skip
        assert [look.number_tail for look in looks_at(records, "wechat:wx1:oLiar")] == [
            claimed.number[-4:]
        ]
        assert looks_at(records, "web:site:nobody") == []
