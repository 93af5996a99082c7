"""Who gets into the console: nobody without a session, nobody without the role."""

from __future__ import annotations

from bot.console.permissions import permission_faults
from models.staff import Role
from tests.bot.console.staffed import Staffed


def test_every_route_stands_in_the_table_and_the_table_names_no_other(console: Staffed) -> None:
    routes = {rule.endpoint for rule in console.app.extensions["console"].url_map.iter_rules()}
    assert permission_faults(routes) == []
    assert permission_faults({*routes, "review.new"}) == ["review.new: nobody says who may"]
    assert permission_faults(routes - {"staff.home"}) == ["staff.home: there is no such route"]


def test_who_is_not_signed_in_is_sent_to_sign_in(console: Staffed) -> None:
    answer = console.app.test_client().get("/console/")
    assert (answer.status_code, answer.location) == (303, "/console/sign-in")


def test_who_is_signed_in_sees_the_first_page_and_signs_out(console: Staffed) -> None:
    desk = console.desk(Role.REVIEWER)
    assert "李工" in desk.get("/").text
    assert desk.post("/sign-out").status_code == 303
    assert desk.get("/").status_code == 303


def test_a_form_without_the_token_is_refused(console: Staffed) -> None:
    desk = console.desk(Role.REVIEWER)
    assert desk.client.post("/console/sign-out").status_code == 400
    assert desk.get("/").status_code == 200
