"""The administrator's pages: who works here, and as what. Nobody changes their own account."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.words import ROLE_NAMES
from models.audit import Act
from models.staff import Staff
from models.staff_records import (
    Duties,
    FirstPassword,
    StaffFault,
    add_staff,
    all_staff,
    change_duties,
    disable,
    first_password,
    hold_everybody,
    reset,
    roles_of,
)

LONGEST_REASON = 200


def roster_views(console: Console) -> Blueprint:
    """`/staff` and each of them below it."""
    views = Blueprint("roster", __name__)
    _reading(views, console)
    _changing(views, console)

    @views.errorhandler(StaffFault)
    def refused(fault: StaffFault) -> ResponseReturnValue:
        return console.render("roster_refused.html", why=str(fault)), 422

    return views


def _reading(views: Blueprint, console: Console) -> None:
    @views.get("/staff")
    def everybody() -> str:
        with console.database.reading() as records:
            return console.render("roster.html", staff=all_staff(records), names=ROLE_NAMES)

    @views.get("/staff/new")
    def blank() -> str:
        return console.render("roster_new.html", names=ROLE_NAMES)

    @views.get("/staff/<staff_id>")
    def one(staff_id: str) -> str:
        with console.database.reading() as records:
            found = records.get(Staff, staff_id) or abort(404)
            return console.render("roster_one.html", one=found, names=ROLE_NAMES)


def _changing(views: Blueprint, console: Console) -> None:
    @views.post("/staff/new")
    def add() -> ResponseReturnValue:
        duties, first = _duties(), first_password(console.city, console.now())
        with console.database.writing() as records:
            staff = add_staff(
                records,
                console.city,
                staff_id=console.sources.new_id(),
                login=request.form.get("login", ""),
                name=request.form.get("name", ""),
                duties=duties,
                first=first,
                now=console.now(),
            )
            _note(console, records, "staff.add", staff)
        return _told(console, staff, first)

    @views.post("/staff/<staff_id>/duties")
    def duties(staff_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            staff = _held(records, staff_id)
            _note(console, records, "staff.duties_before", staff)
            change_duties(records, console.city, staff, _duties(), by=console.me.by)
            _note(console, records, "staff.duties", staff)
        return redirect(url_for("roster.one", staff_id=staff_id), 303)

    @views.post("/staff/<staff_id>/disable")
    def out(staff_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            staff = _held(records, staff_id)
            disable(records, staff, by=console.me.by)
            _note(console, records, "staff.disable", staff)
        return redirect(url_for("roster.one", staff_id=staff_id), 303)

    @views.post("/staff/<staff_id>/reset")
    def anew(staff_id: str) -> ResponseReturnValue:
        first = first_password(console.city, console.now())
        with console.database.writing() as records:
            staff = _held(records, staff_id)
            reset(records, console.keys, staff, first, by=console.me.by)
            _note(console, records, "staff.reset", staff)
        return _told(console, staff, first)


def _held(records: Records, staff_id: str) -> Staff:
    hold_everybody(records)
    return records.get(Staff, staff_id, with_for_update=True) or abort(404)


def _duties() -> Duties:
    form = request.form
    roles = roles_of(form.getlist("role"))
    return Duties(roles, tuple(form.getlist("district")), form.get("branch", ""))


def _note(console: Console, records: Records, act: Act, staff: Staff) -> None:
    """What somebody may do from now on, with the reason that was given."""
    reason = request.form.get("reason", "").strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise StaffFault(f"要写明原因，最多{LONGEST_REASON}个字。")
    what = {"roles": staff.roles, "districts": staff.districts, "branch": staff.branch}
    console.note(records, act, staff.by, reason, purpose="other", **what)


def _told(console: Console, staff: Staff, first: FirstPassword) -> str:
    """The one page on which a first password stands."""
    until = first.until.astimezone(console.city.tz).date()
    return console.render("roster_password.html", one=staff, password=first.password, until=until)
