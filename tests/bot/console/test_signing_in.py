"""Signing in: two factors, each code once, nothing told to who guesses, and ends that are kept."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher

from bot.console import signing_in
from models import passwords
from models.audit import AuditEvent
from models.passwords import is_outdated
from models.staff import Role, find_staff
from models.staff_records import first_password, reset
from tests.bot.console.door import (
    OWN_PASSWORD,
    Caller,
    newcomer,
    pass_a_step,
    row_of,
    settled,
)
from tests.bot.console.staffed import Staffed

MINUTE = timedelta(minutes=1)


pytestmark = pytest.mark.usefixtures("quick_hashes")


def test_the_first_visit_sets_up_a_phone_and_a_password(console: Staffed) -> None:
    caller = newcomer(console)
    assert caller.gives_password().location == "/console/sign-in/set-up"
    page = caller.sets_up()
    assert page.status_code == 200 and len(set(caller.codes)) == 10
    assert caller.get("/").location == "/console/me"  # nothing before the password is changed
    assert caller.changes_password().status_code == 303
    assert "周工，您好" in caller.get("/").text


def test_a_secret_is_shown_once_and_no_more_when_it_counts(console: Staffed) -> None:
    caller = newcomer(console)
    caller.gives_password()
    first, second = (
        re.findall(r"<code>(\w{32})</code>", caller.get("/sign-in/set-up").text) for _ in range(2)
    )
    assert first != second
    caller.sets_up()
    again = caller.elsewhere()
    again.gives_password()
    assert again.get("/sign-in/set-up").location == "/console/sign-in/code"


def test_the_second_visit_asks_for_password_and_code(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    assert caller.gives_password().location == "/console/sign-in/code"
    assert not caller.is_in()
    assert caller.gives_code().location == "/console/"
    assert caller.is_in()


def test_a_code_without_the_password_leads_nowhere(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    assert caller.get("/sign-in/code").location == "/console/sign-in"
    assert caller.post("/sign-in/code", code=caller.code()).status_code == 401
    assert caller.post("/sign-in/set-up", code=caller.code()).status_code == 401


def test_a_password_waits_for_its_code_ten_minutes_and_no_longer(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    caller.gives_password()
    console.clock.shift(11 * MINUTE)
    assert caller.gives_code().status_code == 401


def test_a_code_is_taken_once(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    caller.gives_password()
    code = caller.code()
    assert caller.gives_code(code).status_code == 303
    thief = caller.elsewhere()
    thief.gives_password()
    assert thief.gives_code(code).status_code == 403
    pass_a_step(console)
    assert thief.gives_code(code).status_code == 403  # still within the phone's clock
    assert thief.gives_code().status_code == 303


def test_of_two_who_send_one_code_at_once_one_gets_in(console: Staffed) -> None:
    callers = [settled(console).elsewhere()]
    callers.append(callers[0].elsewhere())
    for caller in callers:
        caller.gives_password()
        caller.get("/sign-in/code")
    code = callers[0].code()
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda caller: caller.gives_code(code).status_code, callers))
    assert sorted(answers) == [303, 403]


def test_a_recovery_code_opens_once_however_it_is_typed(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    caller.gives_password()
    assert caller.gives_code(caller.codes[3].lower().replace("-", " ")).status_code == 303
    assert "还剩9个" in caller.get("/me").text
    again = caller.elsewhere()
    again.gives_password()
    assert again.gives_code(caller.codes[3]).status_code == 403
    assert again.gives_code(caller.codes[4]).status_code == 303


def test_new_recovery_codes_make_the_old_ones_void(console: Staffed) -> None:
    caller = settled(console)
    assert caller.post("/me/recovery", code="000000").status_code == 422
    fresh = caller.post("/me/recovery", code=caller.code())
    assert len(re.findall(r"<li><code>", fresh.text)) == 10
    other = caller.elsewhere()
    other.gives_password()
    assert other.gives_code(caller.codes[0]).status_code == 403


# --- guessing ----------------------------------------------------------------------------------


def test_who_guesses_is_told_nothing_of_which_logins_there_are(console: Staffed) -> None:
    real = settled(console).elsewhere()
    answers = [real.gives_password("wrong", login).text for login in (real.login, "nobody.at.all")]
    shown = [re.sub(r"(content|value)=\"[^\"]+\"", "", answer) for answer in answers]
    assert shown[0] == shown[1] and "没能登录" in shown[0]


def test_each_guess_costs_one_hash_whether_the_login_exists_or_not(console: Staffed) -> None:
    real = settled(console).elsewhere()
    with console.parts.database.writing() as records:
        gone = row_of(console, newcomer(console)).login
        found = find_staff(records, gone)
        assert found
        found.active = False
    with patch.object(signing_in, "fits", wraps=passwords.fits) as asked:
        for login in (real.login, "nobody.else", gone):
            assert real.gives_password("wrong", login).status_code == 403
    verified = [call.args[1] for call in asked.call_args_list]
    assert verified[0].startswith("$argon2id$") and verified[1:] == ["", ""]
    assert passwords._nobodys().rpartition("$")[0].split("$")[:4] == verified[0].split("$")[:4]


def test_guessing_locks_a_login_with_growing_waits_and_then_the_right_one_is_asked(
    console: Staffed,
) -> None:
    caller = settled(console).elsewhere()
    for _ in range(5):
        assert "没能登录" in caller.gives_password("wrong").text
    assert "1分钟" in caller.gives_password().text  # right, and not looked at
    console.clock.shift(MINUTE)
    assert "没能登录" in caller.gives_password("wrong").text
    assert "2分钟" in caller.gives_password().text
    console.clock.shift(2 * MINUTE)
    assert caller.gives_password().status_code == 303
    assert caller.gives_code().status_code == 303


def test_a_login_that_nobody_has_is_locked_as_well(console: Staffed) -> None:
    caller = Caller(console)
    told = [caller.gives_password("wrong", "no.such.login").text for _ in range(6)]
    assert "没能登录" in told[4] and "错得太多了" in told[5]


def test_codes_are_guessed_no_more_often_than_passwords(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    caller.gives_password()
    wrong = f"{(int(caller.code()) + 1) % 10**6:06}"
    told = [caller.gives_code(wrong).text for _ in range(6)]
    assert "没能登录" in told[4] and "错得太多了" in told[5]
    assert "错得太多了" in caller.gives_password().text  # the right password does not unlock it


def test_an_address_that_guesses_at_many_logins_waits(console: Staffed) -> None:
    site = console.parts.city.console
    thief = Caller(console)
    thief.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for turn in range(site.address_tries):
        assert "没能登录" in thief.gives_password("wrong", f"login{turn}").text
    assert "错得太多了" in thief.gives_password("wrong", "one.more").text
    assert settled(console).elsewhere().gives_password().status_code == 303  # from elsewhere


def test_a_hundred_guesses_at_once_are_a_hundred(console: Staffed) -> None:
    caller = settled(console)
    callers = [caller.elsewhere() for _ in range(12)]
    for other in callers:
        other.get("/sign-in")
    with ThreadPoolExecutor(12) as threads:
        told = list(threads.map(lambda other: other.gives_password("wrong").text, callers))
    assert sum("没能登录" in answer for answer in told) == 5


def test_a_flood_of_guesses_leaves_threads_to_the_residents_and_locks_nobody(
    console: Staffed,
) -> None:
    caller = settled(console).elsewhere()
    with ExitStack() as crowd:
        for _ in range(8):
            crowd.enter_context(passwords._ROOM)
        answers = [caller.gives_password() for _ in range(6)]
    assert {answer.status_code for answer in answers} == {503}
    assert "请过几秒再试" in answers[0].text
    assert caller.gives_password().status_code == 303


def test_failures_and_entries_are_in_the_audit_without_the_address(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    caller.gives_password("wrong")
    mine = row_of(console, caller).by
    with console.parts.database.reading() as records:
        found = [e for e in records.query(AuditEvent) if e.subject == mine]
    assert [event.act for event in found] == [
        "staff.sign_in", "staff.password", "staff.sign_in_failed",
    ]  # fmt: skip
    assert "127.0.0.1" not in str([event.detail for event in found])


# --- passwords ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("Kurz-7-kurz", "至少12个字符"),
        ("nurkleinebuchstaben", "至少用3种"),
        ("Password-1234", "太常见"),
        ("P@ssw0rd!2026", "太常见"),
        ("Qwertyuiop123!", "太常见"),
        ("x" * 120 + "A1-aaaaaaaaaaa", "最多128个"),
        (OWN_PASSWORD, "不能和现在的一样"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(console: Staffed, new: str, told: str) -> None:
    caller = settled(console)
    answer = caller.changes_password(new)
    assert answer.status_code == 422 and told in answer.text


def test_a_password_does_not_hold_the_login(console: Staffed) -> None:
    caller = settled(console)
    assert "不能有自己的工号" in caller.changes_password(f"Ab-7-{caller.login}-xyz").text


def test_a_wrong_present_password_changes_nothing_and_counts(console: Staffed) -> None:
    caller = settled(console)
    told = [caller.changes_password("Neue-Woelfe-12", "wrong").text for _ in range(6)]
    assert "现在的密码不对" in told[4] and "错得太多了" in told[5]


def test_a_first_password_is_worth_nothing_after_a_week(console: Staffed) -> None:
    caller = newcomer(console)
    console.clock.shift(timedelta(days=7))
    assert "没能登录" in caller.gives_password().text


def test_an_old_password_must_be_changed_before_anything_else(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    console.clock.shift(timedelta(days=181))
    caller.gives_password()
    caller.gives_code()
    assert caller.get("/").location == "/console/me"
    assert "先换一个自己的密码" in caller.get("/me").text


def test_a_hash_of_other_parameters_is_renewed_when_its_owner_comes(console: Staffed) -> None:
    caller = settled(console).elsewhere()
    with console.parts.database.writing() as records:
        found = find_staff(records, caller.login)
        assert found
        found.password_hash = PasswordHasher(2, 8, 1).hash(OWN_PASSWORD)
    assert is_outdated(row_of(console, caller).password_hash)
    caller.gives_password()
    assert not is_outdated(row_of(console, caller).password_hash)


def test_a_reset_begins_anew_and_lets_in_at_once(console: Staffed) -> None:
    caller = settled(console)
    other = caller.elsewhere()
    for _ in range(6):
        other.gives_password("wrong")
    first = first_password(console.parts.city, console.clock())
    with console.parts.database.writing() as records:
        found = find_staff(records, caller.login)
        assert found
        reset(records, console.parts.keys, found, first, by="cli:root")
    assert not caller.is_in()
    assert other.gives_password(first.password).location == "/console/sign-in/set-up"
    assert Role.REVIEWER in row_of(console, caller).roles
