"""A clerk's pages: one card for six digits, at one's own branch, once, and written down."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import delete, select

from models.application_states import State
from models.applications import Application, events_of, open_answers
from models.audit import audit_of
from models.card_moves import moves_at
from models.collection import ask_move
from models.documents import add_document
from models.lifecycle import BANK_ACTIVATED
from models.notices import Notice
from models.passes import Agent, Collector, PassTry, issue_pass, live_passes
from models.staff import Role
from tests.bot.console.staffed import Desk, Staffed
from tests.models.making import KEYS, NUMBER, OTHER_NUMBER, PHONE, make_application, make_person

HERE, ELSEWHERE = "ABC-01", "CCB-01"
XSS = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def nobody_has_guessed(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        records.execute(delete(PassTry))


def card(
    console: Staffed, *, branch: str = HERE, state: State = State.READY_FOR_PICKUP, **more: object
) -> str:
    """A card of somebody at a branch; returns the application's id."""
    answers = {"name": "陈国强", "phone": PHONE, "id_number": NUMBER, **more}
    with console.parts.database.writing() as records:
        made = make_application(
            records,
            make_person(records),
            answers=answers,
            branch=branch,
            delivery="pickup",
            holder_proven=False,
            now=console.clock(),
        )
        made.state, made.bank_status = state.value, "not_activated"
        return made.id


def digits(console: Staffed, application_id: str, collector: Collector = Collector.SELF) -> str:
    agent = Agent("李小明", OTHER_NUMBER) if collector is Collector.AGENT else None
    with console.parts.database.writing() as records:
        _, code = issue_pass(
            records,
            KEYS,
            records.get_one(Application, application_id),
            collector,
            rules=console.parts.city.collection,
            now=console.clock(),
            draw=console.parts.sources.sms_code,
            new_id=console.parts.sources.new_id,
            agent=agent,
        )
        return code


def a_jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (358, 441), "white").save(out, "JPEG")
    return out.getvalue()


def clerk(console: Staffed, branch: str = HERE) -> Desk:
    return console.desk(Role.CLERK, branch=branch)


def found(desk: Desk, said: str) -> str:
    """The address that what was typed leads to, without the prefix."""
    answer = desk.post("/branch/find", said=said)
    assert answer.status_code == 303, answer.text
    return answer.location.removeprefix("/console")


def state_of(console: Staffed, application_id: str) -> str:
    with console.parts.database.reading() as records:
        return records.get_one(Application, application_id).state


def test_from_six_digits_to_both_sides_switched_on(console: Staffed) -> None:
    application_id = card(console)
    desk, code = clerk(console), digits(console, application_id)
    to = found(desk, f"{code[:3]} {code[3:]}")
    page = desk.get(to).text
    assert "本人领取" in page and "陈国强" in page and NUMBER[-4:] in page
    assert NUMBER not in page and PHONE not in page
    answer = desk.post(f"{to}/hand-over")
    after = desk.get(answer.location.removeprefix("/console")).text
    assert "卡已交出" in after
    for _ in range(2):  # pressed twice is pressed once, and noted once
        desk.post(f"/branch/card/{application_id}/bank-on")
    with console.parts.database.reading() as records:
        acts = [event.act for event in audit_of(records, f"application:{application_id}")]
    assert acts.count("card.bank_on") == 1
    assert state_of(console, application_id) == State.COLLECTED
    desk.post(f"/branch/card/{application_id}/switch-on")
    desk.post(f"/branch/card/{application_id}/switch-on")
    with console.parts.database.reading() as records:
        row = records.get_one(Application, application_id)
        assert (row.state, row.bank_status, row.card_status) == ("ACTIVATED", BANK_ACTIVATED, "1")
        log = [(e.kind, e.to_state, e.by, e.reason) for e in events_of(records, application_id)]
        assert log[1:] == [
            ("moved", "COLLECTED", f"staff:{desk.staff_id}", "pass"),
            ("bank_activated", "COLLECTED", f"staff:{desk.staff_id}", ""),
            ("moved", "ACTIVATED", f"staff:{desk.staff_id}", "enabled"),
        ]
        assert events_of(records, application_id)[1].detail == {"collector": "self"}
        acts = [event.act for event in audit_of(records, f"application:{application_id}")]
        told = [n.open_payload(KEYS)["name"] for n in records.scalars(select(Notice))]
    assert acts == [
        "application.view", "card.hand_out", "application.view", "card.bank_on", "card.switch_on",
    ]  # fmt: skip
    assert told.count("collected") == told.count("activated") == 1


def test_who_collects_for_somebody_is_named_with_the_end_of_their_number(console: Staffed) -> None:
    desk = clerk(console)
    to = found(desk, digits(console, card(console), Collector.AGENT))
    page = desk.get(to).text
    assert "代领" in page and "李小明" in page and OTHER_NUMBER[-4:] in page
    assert OTHER_NUMBER not in page


@pytest.mark.parametrize("kind", ["unknown", "other branch", "used", "expired"])
def test_what_does_not_hold_is_not_there_and_all_sound_alike(console: Staffed, kind: str) -> None:
    desk, application_id = clerk(console), card(console)
    code = digits(console, application_id)
    if kind == "unknown":
        code = f"{(int(code) + 500_000) % 1_000_000:06d}"
    if kind == "other branch":
        desk = clerk(console, ELSEWHERE)
    if kind == "used":
        desk.post(f"{found(desk, code)}/hand-over")
    if kind == "expired":
        console.clock.shift(timedelta(minutes=16))
    answer = desk.post("/branch/find", said=code)
    assert answer.status_code == 404
    assert "本网点没有这张卡" in answer.text
    assert "陈国强" not in answer.text


def test_a_pass_that_was_used_meanwhile_hands_nothing_over(console: Staffed) -> None:
    application_id = card(console)
    first, second = clerk(console), clerk(console)
    to = found(first, digits(console, application_id))
    assert second.get(to).status_code == 200
    assert first.post(f"{to}/hand-over").status_code == 303
    answer = second.post(f"{to}/hand-over")
    assert answer.status_code == 409
    assert "没有记为交卡" in answer.text
    with console.parts.database.reading() as records:
        assert len(events_of(records, application_id)) == 2


def test_who_guesses_is_told_when_to_go_on(console: Staffed) -> None:
    desk = clerk(console)
    for n in range(console.parts.city.collection.clerk_tries):
        desk.post("/branch/find", said=f"{n:06d}")
    answer = desk.post("/branch/find", said="999999")
    assert answer.status_code == 429
    assert "以后再输" in answer.text
    assert desk.post("/branch/find", said=NUMBER).status_code == 429


def test_the_clerk_may_hand_over_by_the_id_card_with_a_reason(console: Staffed) -> None:
    application_id = card(console)
    desk = clerk(console)
    to = found(desk, NUMBER)
    assert "没有领卡码" in desk.get(to).text
    assert desk.post(f"{to}/hand-over", collector="self", why="").status_code == 400
    assert desk.post(f"{to}/hand-over", collector="boss", why="no_phone").status_code == 400
    assert state_of(console, application_id) == State.READY_FOR_PICKUP
    assert desk.post(f"{to}/hand-over", collector="self", why="no_phone").status_code == 303
    with console.parts.database.reading() as records:
        assert events_of(records, application_id)[-1].reason == "no_phone"
        acts = audit_of(records, f"application:{application_id}")
    assert ("card.hand_out", "no_phone") in [(act.act, act.reason) for act in acts]


def test_another_branchs_card_is_not_there_whatever_is_asked(console: Staffed) -> None:
    application_id = card(console)
    code = digits(console, application_id)
    to = found(clerk(console), code)
    other = clerk(console, ELSEWHERE)
    below = f"/branch/card/{application_id}"
    assert other.get(to).status_code == 404
    assert other.post(f"{to}/hand-over").status_code == 404
    assert other.get(below).status_code == other.get(f"{below}/portrait").status_code == 404
    for act in ("switch-on", "bank-on"):
        assert other.post(f"{below}/{act}").status_code == 404
    form = {"collector": "self", "why": "no_phone"}
    assert other.post(f"{below}/hand-over", **form).status_code == 404
    assert other.post("/branch/arrived", card=application_id).status_code == 404
    assert other.get(f"/branch/list/waiting?after={application_id}").status_code == 404
    assert state_of(console, application_id) == State.READY_FOR_PICKUP


def test_a_pass_that_nobody_has_typed_cannot_be_reached_by_its_id(console: Staffed) -> None:
    application_id = card(console)
    digits(console, application_id)
    with console.parts.database.reading() as records:
        found_pass = live_passes(records, application_id, console.clock())[0]
    assert clerk(console).get(f"/branch/pass/{found_pass.id}").status_code == 404


def test_others_of_the_staff_and_clerks_without_a_branch_get_nothing(console: Staffed) -> None:
    assert console.desk(Role.REVIEWER).get("/branch").status_code == 403
    assert console.desk(Role.CLERK).get("/branch").status_code == 404


def test_what_a_person_wrote_is_shown_as_text(console: Staffed) -> None:
    application_id = card(console, name=XSS, id_number=f"1{XSS}")
    desk = clerk(console)
    page = desk.get(found(desk, digits(console, application_id))).text
    assert XSS not in page and "&lt;script&gt;" in page
    assert XSS not in desk.get("/branch/list/waiting").text


def test_the_list_is_masked_and_goes_on_where_it_stopped(
    console: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.branch_lists.ROWS", 2)
    branch = "PSBC-01"

    cards = []
    for _ in range(3):
        cards.append(card(console, branch=branch))
        console.clock.shift(timedelta(minutes=1))
    desk = clerk(console, branch)
    first = desk.get("/branch/list/waiting").text
    assert "陈*强" in first and "陈国强" not in first
    assert [each in first for each in cards] == [True, True, False]
    second = desk.get(f"/branch/list/waiting?after={cards[1]}").text
    assert [each in second for each in cards] == [False, False, True]


def test_what_came_waits_from_then_on_and_its_person_is_told(console: Staffed) -> None:
    application_id = card(console, state=State.PRODUCED)
    desk = clerk(console)
    assert application_id in desk.get("/branch/list/coming").text
    desk.post("/branch/arrived", card=application_id)
    desk.post("/branch/arrived", card=application_id)
    assert state_of(console, application_id) == State.READY_FOR_PICKUP
    with console.parts.database.reading() as records:
        mine = select(Notice).where(Notice.matter == f"application:{application_id}")
        assert [n.open_payload(KEYS)["name"] for n in records.scalars(mine)] == ["ready"]


def test_the_portrait_is_shown_marked_with_who_looks(console: Staffed) -> None:
    parts = console.parts
    with parts.database.writing() as records:
        add_document(
            records, KEYS, parts.objects, document_id="d" * 32, kind="portrait", image=a_jpeg(),
            media_type="image/jpeg", width=358, height=441, draft_id=None, expires_at=None,
            now=console.clock(),
        )  # fmt: skip
    application_id = card(console, portrait={"document": "d" * 32})
    desk = clerk(console)
    answer = desk.get(f"/branch/card/{application_id}/portrait")
    assert answer.mimetype == "image/jpeg"
    assert answer.data != a_jpeg()
    assert answer.headers["Cache-Control"] == "no-store"
    without = card(console)
    assert desk.get(f"/branch/card/{without}/portrait").status_code == 404


def test_a_card_goes_from_branch_to_branch_and_its_person_is_told_when_it_is_there(
    console: Staffed,
) -> None:
    parts, application_id = console.parts, card(console)
    with parts.database.writing() as records:
        made = records.get_one(Application, application_id)
        ask_move(records, made, "ABC-02", console.clock(), move_id="m" * 32)
    here, there = clerk(console), clerk(console, "ABC-02")
    assert "还没寄出" in there.get("/branch/moves").text
    assert here.post(f"/branch/moves/{'m' * 32}/arrived").status_code == 404
    assert there.post(f"/branch/moves/{'m' * 32}/sent").status_code == 404
    here.post(f"/branch/moves/{'m' * 32}/sent")
    form = {"collector": "self", "why": "no_phone"}
    assert here.post(f"/branch/card/{application_id}/hand-over", **form).status_code == 409
    there.post(f"/branch/moves/{'m' * 32}/arrived")
    assert there.post(f"/branch/moves/{'m' * 32}/arrived").status_code == 404
    assert here.get(f"/branch/card/{application_id}").status_code == 404
    assert application_id in there.get("/branch/list/waiting").text
    with parts.database.reading() as records:
        made = records.get_one(Application, application_id)
        assert open_answers(made, KEYS)["branch"] == made.branch == "ABC-02"
        kinds = [e.kind for e in events_of(records, application_id)][1:]
        assert kinds == ["move_asked", "move_sent", "answers_replaced", "move_arrived"]
        mine = select(Notice).where(Notice.matter == f"application:{application_id}")
        (told,) = [n.open_payload(KEYS) for n in records.scalars(mine)]
    assert told["name"] == "ready" and told["params"]["branch"] == parts.city.branch("ABC-02").name


def test_a_card_that_is_to_go_on_and_has_not_come_is_not_sent_yet(console: Staffed) -> None:
    parts, application_id = console.parts, card(console, state=State.PRODUCED)
    with parts.database.writing() as records:
        made = records.get_one(Application, application_id)
        ask_move(records, made, "ABC-02", console.clock(), move_id="n" * 32)
    here = clerk(console)
    assert "到了再寄出" in here.get("/branch/moves").text
    here.post(f"/branch/moves/{'n' * 32}/sent")
    here.post("/branch/arrived", card=application_id)
    with parts.database.reading() as records:
        assert [m.sent_at for m in moves_at(records, HERE, 9) if m.id == "n" * 32] == [None]
        mine = select(Notice).where(Notice.matter == f"application:{application_id}")
        assert list(records.scalars(mine)) == [], "nobody is called here"
    here.post(f"/branch/moves/{'n' * 32}/sent")
    assert "已寄出" in here.get("/branch/moves").text


def test_a_parcel_that_came_back_is_waited_for_where_the_person_chose(console: Staffed) -> None:
    application_id = card(console, state=State.MAIL_RETURNED)
    desk = clerk(console)
    assert application_id in desk.get("/branch/list/coming").text
    desk.post("/branch/arrived", card=application_id)
    assert state_of(console, application_id) == State.READY_FOR_PICKUP
