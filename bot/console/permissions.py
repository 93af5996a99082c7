"""Who may do what at the console: one table, by the name of the route. What is not in it is
forbidden, and the console does not start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.staff import Role, Staff

ANYBODY = frozenset[Role]()
"""Of a route that needs no signing in."""
SIGNED_IN = frozenset(Role)

_BRANCH = (
    "home",
    "find",
    "by_pass",
    "given",
    "card",
    "portrait",
    "given_by_id",
    "on",
    "bank_on",
)
_BRANCH_LISTS = ("cards", "arrived", "moves", "moved")
_REVIEWER = frozenset({Role.REVIEWER})
_CASES = frozenset({Role.REVIEWER, Role.SUPERVISOR})
_SUPERVISOR = frozenset({Role.SUPERVISOR})

_RUNS_IT = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_HANDOVER = ("overview", "batch", "again", "table", "unblock", "back")
_PUSHES = frozenset({Role.PUSH_EDITOR, Role.PUSH_APPROVER})
_PUSH_SEEN = (
    "index", "campaign", "progress", "chart", "answers", "templates", "template", "link", "trial",
    "pause", "go_on", "stop", "again", "open_answers", "silent", "outcomes", "closing",
)  # fmt: skip
_PUSH_WRITTEN = (
    "new", "message", "keep", "copy", "audience", "take_file", "schedule", "set_schedule",
    "lay_before", "withdraw", "drop",
)  # fmt: skip
_ROSTER = ("everybody", "blank", "one", "add", "duties", "out", "anew")

ALLOWED: Mapping[str, frozenset[Role]] = {
    "static": ANYBODY,
    "staff.sign_in": ANYBODY,
    "staff.code": ANYBODY,  # who gave the right password
    "staff.set_up": ANYBODY,  # the same, for the first time
    "staff.sign_out": SIGNED_IN,
    "staff.home": SIGNED_IN,
    **{f"branch.{route}": frozenset({Role.CLERK}) for route in _BRANCH},
    **{
        f"posting.{route}": frozenset({Role.CLERK})
        for route in ("waiting", "parcel", "label", "sent")
    },
    **{f"branch_lists.{route}": frozenset({Role.CLERK}) for route in _BRANCH_LISTS},
    "promises.late": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    **dict.fromkeys(
        (
            "content.index",
            "content.part",
            "content.entry",
            "content.remove",
            "content.take_file",
            "content.drop",
            "content.lay_before",
            "closing.branch",
            "editions.show",
            "editions.let_hold",
            "editions.let_go",
            "editions.again",
            "editions.export",
        ),
        frozenset({Role.CONTENT_EDITOR}),  # two of them: one writes, another publishes
    ),
    "figures.page": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "figures.table": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "figures.chart": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    **{f"roster.{route}": frozenset({Role.ADMINISTRATOR}) for route in _ROSTER},
    "queue.page": _SUPERVISOR,
    "queue.take_away": _SUPERVISOR,
    "queue.assign": _SUPERVISOR,
    "review.start": _REVIEWER,
    "review.next_case": _REVIEWER,
    "review.case": _CASES,  # supervisors read
    "review.picture": _CASES,
    "review.take": _REVIEWER,
    "review.give_back": _REVIEWER,
    "review.decided": _REVIEWER,
    "review.findings": _REVIEWER,
    "review.found": _REVIEWER,
    "review.hold": _REVIEWER,
    "review.held": _REVIEWER,
    "review.take_back": _REVIEWER,
    "review.batch": _REVIEWER,
    "review.batch_next": _REVIEWER,
    "review.batch_release": _REVIEWER,
    "review.approve_all": _REVIEWER,
    "review.second": _REVIEWER,
    "review.second_next": _REVIEWER,
    "review.second_case": _REVIEWER,
    "review.agree": _REVIEWER,
    "review.disagree": _REVIEWER,
    "review.unconfirm": _REVIEWER,
    **{f"handover.{route}": _RUNS_IT for route in _HANDOVER},
    **{f"push.{route}": _PUSHES for route in _PUSH_SEEN},
    **{f"push.{route}": frozenset({Role.PUSH_EDITOR}) for route in _PUSH_WRITTEN},
    "push.let_go": frozenset({Role.PUSH_APPROVER}),
    "push.refuse": frozenset({Role.PUSH_APPROVER}),
    "audit.search": frozenset({Role.AUDITOR}),
    "audit.export": frozenset({Role.AUDITOR}),
    "me.page": SIGNED_IN,
    "me.password": SIGNED_IN,
    "me.recovery": SIGNED_IN,
}


def office_of(staff: Staff, allowed: frozenset[Role]) -> str:
    """In which of their roles somebody enters a route, as the audit keeps it and a resident may
    read it (`models.looks.ROLES`): the first one that the route allows."""
    return next((role.value for role in Role if role in allowed and staff.has(role)), "staff")


def permission_faults(endpoints: Iterable[str]) -> list[str]:
    """What the table and the routes of the console do not have in common."""
    known = set(endpoints)
    missing = [f"{name}: nobody says who may" for name in sorted(known - ALLOWED.keys())]
    return missing + [f"{name}: there is no such route" for name in sorted(ALLOWED.keys() - known)]
