"""Sessions at the console: new tokens, ends that are kept, a cookie for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, Response

from bot.console.sessions import COOKIE, StaffSessions, Visit
from config.city_console import StaffAccess
from models.staff import end_sessions, find_session, find_staff
from models.staff_records import first_password, reset
from tests.bot.console.door import Caller, row_of, settled
from tests.bot.console.staffed import Staffed

MINUTE = timedelta(minutes=1)


pytestmark = pytest.mark.usefixtures("quick_hashes")


def token(caller: Caller) -> str:
    cookie = caller.client.get_cookie(COOKIE, path="/console")
    assert cookie
    return cookie.value


def test_signing_in_gives_a_new_token_and_the_old_one_is_worth_nothing(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    caller.get("/sign-in")
    fixed = [token(caller)]
    caller.gives_password()
    fixed.append(token(caller))
    caller.gives_code()
    assert caller.is_in() and len({*fixed, token(caller)}) == 3
    for old in fixed:
        thief = Caller(console)
        thief.client.set_cookie(COOKIE, old, path="/console")
        assert not thief.is_in()
        assert thief.gives_code(caller.code()).status_code == 401


@pytest.mark.parametrize("planted", ["A" * 43, "~e30.forged", "~", "staff:1"])
def test_a_planted_cookie_is_not_taken_over(console: Staffed, planted: str) -> None:
    caller = settled(console).elsewhere()
    caller.client.set_cookie(COOKIE, planted, path="/console")
    assert caller.gives_password().status_code == 303
    assert token(caller) != planted
    with console.parts.database.reading() as records:
        assert find_session(records, planted) is None


def test_a_stranger_leaves_no_row(console: Staffed) -> None:
    caller = Caller(console)
    caller.get("/sign-in")
    assert token(caller).startswith("~")
    with console.parts.database.reading() as records:
        assert find_session(records, token(caller)) is None


def test_the_later_session_ends_the_earlier_one_which_is_told(console: Staffed) -> None:
    first = settled(console)
    second = first.elsewhere()
    second.gives_password()
    assert second.gives_code().status_code == 303
    assert first.get("/").status_code == 303
    assert "您在另一处登录了" in first.get("/sign-in").text
    assert second.is_in()


@pytest.mark.parametrize(("pause", "in_still"), [(18 * MINUTE, True), (20 * MINUTE, False)])
def test_who_does_nothing_is_signed_out(console: Staffed, pause: timedelta, in_still: bool) -> None:
    caller = settled(console)
    caller.get("/")
    console.clock.shift(pause)
    assert caller.is_in() is in_still
    if not in_still:
        assert "太久没有操作" in caller.get("/sign-in").text


def test_a_shift_ends_however_busy_one_is(console: Staffed) -> None:
    caller = settled(console)
    for _ in range(39):
        console.clock.shift(15 * MINUTE)
        assert caller.is_in()
    console.clock.shift(15 * MINUTE)
    assert not caller.is_in()
    assert "这一班的时间到了" in caller.get("/sign-in").text


def test_who_signs_out_is_out_and_the_token_with_them(console: Staffed) -> None:
    caller = settled(console)
    old = token(caller)
    assert caller.post("/sign-out").status_code == 303
    caller.client.set_cookie(COOKIE, old, path="/console")
    assert not caller.is_in()


def _disable(console: Staffed, caller: Caller) -> None:
    with console.parts.database.writing() as records:
        found = find_staff(records, caller.login)
        assert found
        found.active = False


def _change(console: Staffed, caller: Caller) -> None:
    with console.parts.database.writing() as records:
        end_sessions(records, row_of(console, caller).id, "changed")


@pytest.mark.parametrize("act", [_disable, _change])
def test_who_is_disabled_or_changed_is_out_at_once(
    console: Staffed, act: Callable[[Staffed, Caller], None]
) -> None:
    caller = settled(console)
    act(console, caller)
    assert not caller.is_in()


def test_the_cookie_is_for_the_console_alone_and_no_script(console: Staffed) -> None:
    database, sources, rules = console.parts.database, console.parts.sources, StaffAccess()
    sessions = StaffSessions(database, sources, rules, secret="x" * 32, secure=True)
    visit, response = Visit({}), Response()
    visit["csrf_token"] = "x"
    sessions.save_session(Flask("x"), visit, response)
    sent = response.headers["Set-Cookie"]
    assert sent.startswith("__Secure-staff=") and "Domain" not in sent
    assert all(word in sent for word in ("Secure", "HttpOnly", "Path=/console", "SameSite=Strict"))


def test_what_a_session_still_answers_when_another_has_begun_ends_nobody(console: Staffed) -> None:
    """A request that is under way while its owner signs in elsewhere is kept when it is over."""
    early = settled(console)
    app, sessions = _sessions(console)
    console.clock.shift(2 * MINUTE)  # the early one's next request is noted
    visit = _opened(app, sessions, token(early))
    late = early.elsewhere()
    late.gives_password()
    late.gives_code()
    sessions.save_session(app, visit, Response())
    assert late.is_in() and not early.is_in()


def test_what_is_answered_after_signing_out_does_not_bring_the_session_back(
    console: Staffed,
) -> None:
    caller = settled(console)
    mine = token(caller)
    app, sessions = _sessions(console)
    console.clock.shift(2 * MINUTE)
    visit = _opened(app, sessions, mine)
    caller.post("/sign-out")
    sessions.save_session(app, visit, Response())
    with console.parts.database.reading() as records:
        assert find_session(records, mine) is None


def _sessions(console: Staffed) -> tuple[Flask, StaffSessions]:
    app = console.app.extensions["console"]
    return app, app.session_interface


def _opened(app: Flask, sessions: StaffSessions, token: str) -> Visit:
    """A request of this browser begins."""
    with app.test_request_context("/", headers={"Cookie": f"{COOKIE}={token}"}) as context:
        return sessions.open_session(app, context.request)


def test_a_password_that_was_drawn_anew_ends_a_half_done_sign_in(console: Staffed) -> None:
    """Whoever knew the old one does not see the new secret."""
    caller = settled(console)
    thief = caller.elsewhere()
    thief.gives_password()
    now = console.clock()
    with console.parts.database.writing() as records:
        staff = find_staff(records, caller.login)
        assert staff is not None
        reset(records, console.parts.keys, staff, first_password(console.parts.city, now), by="x")
    page = thief.get("/sign-in/set-up")
    assert (page.status_code, "<code>" in page.text) == (303, False)
    assert thief.gives_code().status_code == 401


def test_who_was_signed_out_is_told_that_of_a_form_that_was_open(console: Staffed) -> None:
    caller = settled(console)
    page = caller.get("/me").text
    kept = page.split('name="csrf-token" content="')[1].split('"')[0]
    console.clock.shift(30 * MINUTE)
    answer = caller.client.post("/console/me/recovery", data={"csrf_token": kept})
    assert (answer.status_code, "已经退出登录" in answer.text) == (401, True)
