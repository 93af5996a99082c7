"""Who gets into the console: nobody without a session, nobody without the role, on any route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from bot.console.permissions import ALLOWED, ANYBODY, permission_faults
from models.staff import Role
from tests.bot.console.door import Caller
from tests.bot.console.staffed import Desk, Staffed

pytestmark = pytest.mark.usefixtures("quick_hashes")

NOT_THERE = "f" * 32
LAST = "staff.sign_out"  # of each browser: nothing after it is asked by anybody signed in


def routes(console: Staffed) -> Iterator[tuple[Rule, str]]:
    """Every route of the console with each of its methods."""
    app: Flask = console.app.extensions["console"]
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint == LAST, rule.rule))
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(console: Staffed, rule: Rule) -> str:
    """An address of a route, with ids that nothing has."""
    app: Flask = console.app.extensions["console"]
    values = {name: _value(rule, name) for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)


def _value(rule: Rule, name: str) -> str:
    if isinstance(rule._converters[name], IntegerConverter):
        return "999999"
    options = getattr(rule._converters[name], "regex", "")
    return options.removeprefix("(?:").partition("|")[0] if "|" in options else NOT_THERE


def test_every_route_stands_in_the_table_and_the_table_names_no_other(console: Staffed) -> None:
    known = {rule.endpoint for rule, _ in routes(console)}
    assert permission_faults(known) == []
    assert permission_faults({*known, "review.new"}) == ["review.new: nobody says who may"]
    assert permission_faults(known - {"staff.home"}) == ["staff.home: there is no such route"]


def ask(desk: Desk, path: str, method: str, token: str) -> int:
    if method == "GET":
        return desk.get(path).status_code
    return desk.client.post(f"/console{path}", data={"csrf_token": token}).status_code


@pytest.mark.parametrize("role", Role)
def test_each_role_enters_what_the_table_allows_and_nothing_else(
    console: Staffed, role: Role
) -> None:
    branch = console.parts.city.branches[0].code if role is Role.CLERK else ""
    desk = console.desk(role, branch=branch)
    token, entered = desk.csrf_token(), set[str]()
    refused = set[str]()
    for rule, method in routes(console):
        status = ask(desk, address(console, rule), method, token)
        assert status < 500 or status == 501, (rule.endpoint, status)
        allowed = ALLOWED[rule.endpoint] is ANYBODY or role in ALLOWED[rule.endpoint]
        (entered if status != 403 else refused).add(rule.endpoint)
        # whoever is signed in already and gives no password at the door is refused there as well
        assert (status != 403) == allowed or rule.endpoint == "staff.sign_in", rule.endpoint
    assert entered and refused


def test_who_is_not_signed_in_enters_nothing_but_the_door(console: Staffed) -> None:
    stranger = Caller(console)
    for rule, method in routes(console):
        if ALLOWED[rule.endpoint] is ANYBODY:
            continue
        path = address(console, rule)
        if method == "GET":
            answer = stranger.get(path)
            assert (answer.status_code, answer.location) == (303, "/console/sign-in")
        else:
            assert stranger.post(path).status_code == 401


def test_no_form_is_taken_without_its_token(console: Staffed) -> None:
    desks = {role: console.desk(role, branch="ABC-01") for role in Role}
    anothers = console.desk(Role.AUDITOR).csrf_token()
    for rule, method in routes(console):
        if method != "POST":
            continue
        allowed = ALLOWED[rule.endpoint] or set(Role)
        desk = desks[next(role for role in Role if role in allowed)]
        for form in ({}, {"csrf_token": "wrong"}, {"csrf_token": anothers}):
            answer = desk.client.post(f"/console{address(console, rule)}", data=form)
            assert answer.status_code == 400, rule.endpoint
    assert desks[Role.REVIEWER].get("/").status_code == 200  # nor was anybody signed out


def test_every_page_is_kept_to_itself(console: Staffed) -> None:
    answer = console.desk(Role.REVIEWER).get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_who_is_signed_in_sees_the_first_page_and_signs_out(console: Staffed) -> None:
    desk = console.desk(Role.REVIEWER)
    assert "李工" in desk.get("/").text
    assert desk.post("/sign-out").status_code == 303
    assert desk.get("/").status_code == 303
