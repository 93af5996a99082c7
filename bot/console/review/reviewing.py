"""`Reviewing`: the pages of one case, and what each is made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.case import offered_days
from bot.console.review.deciding import acts_of, pending_of
from bot.console.review.findings import Outcome, groups_of, marked, read_findings
from bot.console.review.pictures import addresses_of
from bot.console.review.preview import told_of
from bot.console.review.screen import Screen, names_of, screen_of, why
from bot.console.review.seeing import Seen, held_in_words, note_view, seen
from bot.console.review.words import DECISIONS
from config.reasons import Reason
from models.audit import Act
from models.returns import Finding
from models.review.arrivals import lease_end
from models.review.claims import peek
from models.review.decisions import Decision
from models.review.verdicts import Kind
from models.staff import Role

HELD, UNFIT = 409, 422
_OUTCOMES: Mapping[Kind, Outcome] = {Kind.RETURN: "return", Kind.REFUSE: "refuse"}
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class OfferedDay:
    """A day to be chosen by its number."""

    iso: str
    words: str


@dataclass(frozen=True)
class Reviewing:
    """`reasons` are the city's."""

    console: Console
    reasons: Mapping[str, Reason]

    def page(self, records: Records, template: str, **values: object) -> str:
        """A page of the review; what was decided a moment ago stands on each."""
        pending = pending_of(self.console, records)
        return self.console.render(f"review/{template}", pending=pending, **values)

    def show(
        self, application_id: str, *, said: str = "", status: int = 200
    ) -> ResponseReturnValue:
        """The one screen; or, where somebody else has the case, who."""
        console = self.console
        with console.database.reading() as records:
            found = seen(console, records, application_id)
            if not found.may_be_read_by(console.me):
                return self._held(records, found), HELD
            case = screen_of(console, records, found, self.reasons)
            html = self.page(
                records,
                "case.html",
                case=case,
                acts=acts_of(found.item.task) if found.is_claimed_by(console.me) else [],
                may_review=console.me.has(Role.REVIEWER),
                held=self._held_by(records, found),
                ahead=addresses_of(console, records, peek(records, console.me)),
                said=said,
                **_looked_at(len(case.views)),
            )
            records.expunge_all()
        note_view(console, found.application)
        return html, status

    def show_second(self, decision_id: str) -> ResponseReturnValue:
        """The one screen for the second person: what another decided, to be agreed to or not."""
        console = self.console
        with console.database.reading() as records:
            decision = records.get(Decision, decision_id)
            if decision is None:
                abort(404)
            found = seen(console, records, decision.application_id)
            if not found.wants_second(console.me) or found.standing is not decision:
                return self._held(records, found), HELD
            case = screen_of(console, records, found, self.reasons)
            html = self.page(records, "second_case.html", **self._second(records, found, case))
            records.expunge_all()
        note_view(console, found.application)
        return html

    def _second(self, records: Records, found: Seen, case: Screen) -> dict[str, object]:
        decision = found.standing
        assert decision is not None  # noqa: S101 - `wants_second` has looked
        by = names_of(records, [f"staff:{decision.by}"]).get(f"staff:{decision.by}", "")
        outcome: Outcome = "refuse" if decision.kind == Kind.REFUSE else "return"
        told = told_of(
            self.console, records, self.reasons, found.application, outcome, decision.found()
        )
        what = DECISIONS.get(decision.kind, decision.kind)
        return {
            "case": case,
            "decision": decision,
            "proposed": f"{by}：{what}",
            "why": why(decision.reason, self.reasons),
            "told": told,
            **_looked_at(len(case.views)),
        }

    def choose(
        self,
        application_id: str,
        kind: Kind,
        findings: Sequence[Finding] = (),
        *,
        said: str = "",
        status: int = 200,
    ) -> ResponseReturnValue:
        """The page of reasons, with those that are chosen and what the person will read."""
        console, outcome = self.console, _OUTCOMES[kind]
        with console.database.reading() as records:
            found = seen(console, records, application_id)
            if not found.is_claimed_by(console.me):
                return self._held(records, found), HELD
            case = screen_of(console, records, found, self.reasons)
            text = told_of(console, records, self.reasons, found.application, outcome, findings)
            html = self.page(
                records,
                "mark.html",
                case=case,
                outcome=outcome,
                groups=groups_of(self.reasons, outcome),
                chosen={f"{finding.code}:{finding.field}" for finding in findings},
                marks=marked(findings),
                text=text,
                said=said,
            )
            records.expunge_all()
        note_view(console, found.application)
        return html, status

    def chosen(self, kind: Kind) -> list[Finding]:
        """What the page of reasons sent. Raises FindingFault."""
        form = request.form
        return read_findings(
            form.getlist("finding"), form.getlist("mark"), self.reasons, _OUTCOMES[kind]
        )

    def ask_day(
        self, application_id: str, *, said: str = "", status: int = 200
    ) -> ResponseReturnValue:
        """The page that asks until when."""
        console = self.console
        days = [
            OfferedDay(day.isoformat(), f"{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}")
            for day in offered_days(console.city, console.now())
        ]
        with console.database.reading() as records:
            found = seen(console, records, application_id)
            if not found.is_claimed_by(console.me):
                return self._held(records, found), HELD
            return self.page(
                records, "hold.html", application=found.application, days=days, said=said
            ), status

    def lease_end(self) -> datetime:
        """Until when a claim holds: the city's shift, and no longer than one stays signed in."""
        console = self.console
        return min(lease_end(console.city, console.now()), console.shift_ends)

    def note(self, records: Records, act: Act, decision: Decision) -> None:
        """Write down who decided, agreed, or took back, in the same transaction."""
        subject = f"application:{decision.application_id}"
        reason = f"{DECISIONS.get(decision.kind, decision.kind)} {decision.reason}".strip()
        self.console.note(records, act, subject, reason, purpose="review", round=decision.round)

    # --- small parts --------------------------------------------------------------------

    def _held(self, records: Records, found: Seen) -> str:
        me = self.console.me
        return self.page(
            records,
            "held.html",
            application=found.application,
            held=self._held_by(records, found),
            may_claim=found.may_be_claimed_by(me),
        )

    def _held_by(self, records: Records, found: Seen) -> str:
        who = f"staff:{found.item.holder}"
        name = names_of(records, [who]).get(who, "")
        return held_in_words(found.item, name, self.console.city)


def _looked_at(count: int) -> dict[str, int]:
    """Which picture, how turned and whether enlarged: by the address, where there is no script."""

    def number(name: str, below: int) -> int:
        given = request.args.get(name, "0")
        return int(given) % below if given.isdecimal() and below else 0

    return {"view": number("view", count), "turn": number("turn", 4), "zoom": number("zoom", 2)}
