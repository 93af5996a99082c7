"""A parcel that came back: the bank's clerks see where it is to go, and say that it has left."""

from __future__ import annotations

from sqlalchemy import select

from models.application_states import Actor, State
from models.applications import Application, events_of, open_answers, replace_answers
from models.audit import audit_of
from models.notices import Notice
from models.staff import Role
from tests.bot.console.staffed import Staffed
from tests.models.making import KEYS, NUMBER, PHONE, make_application, make_person

ANSWERS = {
    "name": "陈国强", "phone": PHONE, "id_number": NUMBER, "lives_at": "城东区和平路18号",
}  # fmt: skip


def came_back(console: Staffed) -> str:
    with console.parts.database.writing() as records:
        made = make_application(
            records, make_person(records), answers=ANSWERS, bank="ABC", delivery="post",
            holder_proven=False, now=console.clock(),
        )  # fmt: skip
        made.state = State.MAIL_RETURNED.value
        return made.id


def test_it_goes_to_the_new_address_and_the_person_is_told_its_number(console: Staffed) -> None:
    application_id, parts = came_back(console), console.parts
    desk = console.desk(Role.CLERK, branch="ABC-01")
    assert "还没有新地址" in desk.get("/post").text
    with parts.database.writing() as records:
        made = records.get_one(Application, application_id)
        answers = {**open_answers(made, KEYS), "lives_at": "北山区青年路6号"}
        replace_answers(records, KEYS, made, answers, Actor.CITIZEN, console.clock())
    assert "给了新地址" in desk.get("/post").text
    page = desk.get(f"/post/{application_id}").text
    assert "北山区青年路6号" not in page and PHONE not in page and "陈*强" in page
    assert desk.post(f"/post/{application_id}/label", purpose="collection").status_code == 422
    label = desk.post(f"/post/{application_id}/label", purpose="collection", reason="写面单").text
    assert all(told in label for told in ("北山区青年路6号", PHONE, "陈国强"))
    assert NUMBER not in label
    assert desk.post(f"/post/{application_id}/sent", parcel="见单子").status_code == 422
    assert desk.post(f"/post/{application_id}/sent", parcel="ea 123 456 789 cn").status_code == 303
    assert desk.post(f"/post/{application_id}/sent", parcel="EA123456789CN").status_code == 404
    with parts.database.reading() as records:
        last = events_of(records, application_id)[-1]
        assert (last.to_state, last.detail) == ("MAILED", {"parcel": "EA123456789CN"})
        mine = select(Notice).where(Notice.matter == f"application:{application_id}")
        (told,) = [n.open_payload(KEYS) for n in records.scalars(mine)]
        acts = [event.act for event in audit_of(records, f"application:{application_id}")]
    assert (told["name"], told["params"]["parcel"]) == ("mailed", "EA123456789CN")
    assert acts == ["console.unmask", "card.posted"]
