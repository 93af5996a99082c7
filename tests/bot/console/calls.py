"""How each route of the console that names something by its id is called, and by whom.

For each such route: somebody whose case, card or decision it is, and somebody with the same role in
another district, or at another branch. Whoever adds a route with an id adds a line here:
`test_every_route_with_an_id_is_known` says so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from models.application_states import State
from models.applications import Application
from models.collection import ask_move
from models.handover.batches import Block
from models.passes import Collector, issue_pass
from models.people import account_of
from models.push.stages import Stage
from models.review.decisions import decisions_of
from models.staff import Role, Staff
from tests.bot.console.cases import Cases
from tests.bot.console.pushes import Pushes, number_in
from tests.bot.console.staffed import Desk, Staffed
from tests.models.making import KEYS, new_id

Upload = tuple[io.BytesIO, str]
EAST, WEST, APART = "119901", "119902", "119904"
HERE, THERE, ELSEWHERE = "ABC-01", "CCB-01", "PSBC-01"
UNDO = timedelta(seconds=61)


@dataclass(frozen=True, slots=True)
class Call:
    """A route's address with real ids, whose it is, and who must not know that it is there."""

    path: str
    mine: Desk
    others: Desk
    form: Mapping[str, Any] = field(default_factory=dict)


class _Kept(io.BytesIO):
    """What is sent more than once."""

    def close(self) -> None:
        self.seek(0)


def a_file(content: str, encoding: str = "utf-8", name: str = "list.csv") -> Upload:
    """What a form uploads."""
    return _Kept(content.encode(encoding)), name


class Prepared:
    """Cases and cards in the state that each route wants."""

    def __init__(self, console: Staffed) -> None:
        self.console, self.cases = console, Cases(console.parts)
        self.mine = console.desk(Role.REVIEWER, districts=(EAST,))
        self.others = console.desk(Role.REVIEWER, districts=(WEST,))
        self.second = console.desk(Role.REVIEWER, districts=(EAST,))
        self.clerk = console.desk(Role.CLERK, branch=HERE)
        self.other_clerk = console.desk(Role.CLERK, branch=ELSEWHERE)

    # --- the review -------------------------------------------------------------------------

    def case(self, path: str, /, claimed: bool = True, **form: Any) -> Call:
        application = self.cases.add()
        if claimed:
            self.mine.post(f"/review/{application}/claim")
        return Call(f"/review/{application}{path}", self.mine, self.others, form)

    def picture(self) -> Call:
        call = self.case("")
        found = re.search(
            r'/console(/review/[^"?]+/pictures/[^"?]+)', self.mine.get(call.path).text
        )
        assert found
        return Call(found[1], self.mine, self.others)

    def decided(self, act: str) -> str:
        """The id of a decision that can be undone, or waits for another person."""
        call = self.case("")
        self.mine.post(f"{call.path}/{act}", kind="approve", finding="DUPLICATE:id_number")
        with self.console.parts.database.reading() as records:
            return decisions_of(records, call.path.rpartition("/")[2])[0].id

    def day(self) -> str:
        """One until which a case may be put aside."""
        page = self.mine.get(f"{self.case('').path}/hold").text
        return str(re.findall(r'name="until" value="([^"]+)"', page)[0])

    def undo(self) -> Call:
        return Call(f"/review/undo/{self.decided('decide')}", self.mine, self.others)

    def seconded(self, act: str) -> Call:
        decision = self.decided("refuse")
        self.console.clock.shift(UNDO)
        return Call(f"/second/{decision}{act}", self.second, self.others)

    def confirmed(self) -> Call:
        call = self.seconded("/confirm")
        self.second.post(call.path)
        return Call(call.path.replace("/confirm", "/undo"), self.second, self.others)

    def together(self) -> Call:
        application = self.cases.add(district=APART)
        mine = self.console.desk(Role.REVIEWER, districts=(APART,))
        mine.post("/batch/next")
        for picture in re.findall(r'src="/console(/review/[^"]+shown=1)"', mine.get("/batch").text):
            mine.get(picture)
        return Call("/batch", mine, self.others, {"application": application})

    def blocked(self, act: str = "") -> Call:
        """A supervisor's: a line that the hand-over has stopped at."""
        mine, others = (self.console.desk(Role.SUPERVISOR, districts=(d,)) for d in (EAST, WEST))
        application = self.cases.add()
        with self.console.parts.database.writing() as records:
            records.get_one(Application, application).state = State.APPROVED.value
            records.add(
                Block(
                    application_id=application, destination="province", code="no_photo",
                    at=self.console.clock(),
                )
            )  # fmt: skip
        return Call(f"/handover/blocked/{application}{act}", mine, others)

    # --- the branch -------------------------------------------------------------------------

    def card(self, path: str, /, state: State = State.READY_FOR_PICKUP, **form: Any) -> Call:
        below = f"/branch/card/{self.ready(state)}{path}"
        return Call(below, self.clerk, self.other_clerk, form)

    def ready(self, state: State = State.READY_FOR_PICKUP) -> str:
        """An application whose card lies at our clerk's branch."""
        application = self.cases.add()
        with self.console.parts.database.writing() as records:
            row = records.get_one(Application, application)
            row.branch, row.state, row.bank_status = HERE, state.value, "not_activated"
        return application

    def parcel(self, path: str, /, **form: Any) -> Call:
        """A card whose parcel came back to our clerk's bank."""
        application = self.ready(State.MAIL_RETURNED)
        with self.console.parts.database.writing() as records:
            row = records.get_one(Application, application)
            row.bank, row.branch, row.delivery = "ABC", "", "post"
        return Call(f"/post/{application}{path}", self.clerk, self.other_clerk, form)

    def passed(self, path: str) -> Call:
        application = self.ready()
        console = self.console
        with console.parts.database.writing() as records:
            _, code = issue_pass(
                records, KEYS, records.get_one(Application, application), Collector.SELF,
                rules=console.parts.city.collection, now=console.clock(),
                draw=console.parts.sources.sms_code, new_id=console.parts.sources.new_id,
            )  # fmt: skip
        typed = self.clerk.post("/branch/find", said=code).location
        return Call(typed.removeprefix("/console") + path, self.clerk, self.other_clerk)

    def move(self, what: str) -> Call:
        """One that our branch sends; of the branch where it arrives, one that is on its way."""
        application, console = self.ready(), self.console
        with console.parts.database.writing() as records:
            card = records.get_one(Application, application)
            moved = ask_move(records, card, THERE, console.clock(), move_id=new_id())
        if what == "sent":
            return Call(f"/branch/moves/{moved.id}/sent", self.clerk, self.other_clerk)
        self.clerk.post(f"/branch/moves/{moved.id}/sent")
        there = console.desk(Role.CLERK, branch=THERE)
        return Call(f"/branch/moves/{moved.id}/arrived", there, self.clerk)

    # --- pushes -----------------------------------------------------------------------------

    def push(self, path: str, /, stage: Stage = Stage.DRAFT, **form: Any) -> Call:
        """A campaign for one district, of an editor who works there."""
        pushes, wrote = Pushes(self.console), self._pusher(EAST)
        pushes.person()
        number = pushes.at(wrote, stage)
        if stage is not Stage.DRAFT:
            pushes.expand(number)
        return Call(f"/push/{number}{path}", wrote, self._pusher(WEST), {"revision": "1", **form})

    def decided_push(self, path: str, /, **form: Any) -> Call:
        """One that waits for a second person."""
        call = self.push(path, Stage.PROPOSED, **form)
        return Call(call.path, self._pusher(EAST), call.others, call.form)

    def closing_push(self) -> Call:
        """The page of one about a branch that closes."""
        pushes, wrote = Pushes(self.console), self._pusher(EAST)
        about = {"branch": "ABC-01", "closes_on": "2026-12-31", "successor": "ABC-02"}
        number = pushes.draft(wrote, about=about)
        return Call(f"/push/{number}/closing", wrote, self._pusher(WEST), {})

    def failed_push(self) -> Call:
        call = self.push("/again", Stage.RUNNING, reason="account")
        Pushes(self.console).ended(number_in(call.path), failed_account=1)
        return call

    def trial(self) -> Call:
        call = self.push("/trial")
        with self.console.parts.database.writing() as records:
            account_of(records, "wechat:wx1:oTester", self.console.clock())
            records.get_one(Staff, call.mine.staff_id).account_key = "wechat:wx1:oTester"
        return call

    def _pusher(self, district: str) -> Desk:
        return self.console.desk(Role.PUSH_EDITOR, Role.PUSH_APPROVER, districts=(district,))


_MESSAGE: Mapping[str, Any] = {
    "chat.zh_CN": "请来领卡。",
    "chat.en": "Please come.",
    "name": "领卡",
}
_SCHEDULE: Mapping[str, Any] = {
    "expires_at": "2027-06-01T12:00", "from_hour": "8", "until_hour": "20", "rate": "0",
    "priority": "0", "cost_cap": "0",
}  # fmt: skip
_WHY: Mapping[str, Any] = {"purpose": "other", "reason": "复核"}

CALLS: Mapping[str, Callable[[Prepared], Call]] = {
    "GET review.case": lambda at: at.case(""),
    "GET review.picture": lambda at: at.picture(),
    "POST review.take": lambda at: at.case("/claim", claimed=False),
    "POST review.give_back": lambda at: at.case("/release"),
    "POST review.decided": lambda at: at.case("/decide", kind="approve"),
    "GET review.findings": lambda at: at.case("/return"),
    "POST review.found": lambda at: at.case("/return", finding="ID_BLUR:id_photos"),
    "GET review.hold": lambda at: at.case("/hold"),
    "POST review.held": lambda at: at.case("/hold", until=at.day()),
    "POST review.take_back": lambda at: at.undo(),
    "GET review.second_case": lambda at: at.seconded(""),
    "POST review.agree": lambda at: at.seconded("/confirm"),
    "POST review.disagree": lambda at: at.seconded("/decline"),
    "POST review.unconfirm": lambda at: at.confirmed(),
    "POST review.approve_all": lambda at: at.together(),
    "POST handover.unblock": lambda at: at.blocked(),
    "POST handover.back": lambda at: at.blocked("/review"),
    "GET branch.by_pass": lambda at: at.passed(""),
    "POST branch.given": lambda at: at.passed("/hand-over"),
    "GET branch.card": lambda at: at.card(""),
    "GET branch.portrait": lambda at: at.card("/portrait"),
    "POST branch.given_by_id": lambda at: at.card("/hand-over", collector="self", why="no_phone"),
    "POST branch.on": lambda at: at.card("/switch-on", state=State.COLLECTED),
    "POST branch.bank_on": lambda at: at.card("/bank-on", state=State.COLLECTED),
    "GET posting.parcel": lambda at: at.parcel(""),
    "POST posting.label": lambda at: at.parcel("/label", purpose="collection", reason="写面单"),
    "POST posting.sent": lambda at: at.parcel("/sent", parcel="EA123456789CN"),
    "POST branch_lists.moved": lambda at: at.move("sent"),
    "POST branch_lists.moved (arrived)": lambda at: at.move("arrived"),
    "GET push.campaign": lambda at: at.push(""),
    "GET push.campaign (proposed)": lambda at: at.decided_push(""),
    "GET push.campaign (look)": lambda at: at.push("", Stage.LOOK),
    "GET push.closing": lambda at: at.closing_push(),
    "GET push.progress": lambda at: at.push("/progress.json", Stage.RUNNING),
    "GET push.chart": lambda at: at.push("/outcomes.svg", Stage.RUNNING),
    "GET push.message": lambda at: at.push("/message"),
    "POST push.message": lambda at: at.push("/message", **_MESSAGE),
    "POST push.keep": lambda at: at.push("/keep", template="领卡提醒"),
    "POST push.copy": lambda at: at.push("/copy"),
    "GET push.audience": lambda at: at.push("/audience"),
    "POST push.audience": lambda at: at.push("/audience", age_from="60"),
    "POST push.take_file": lambda at: at.push("/list", file=a_file("受理号\nYZ2611239999\n")),
    "GET push.schedule": lambda at: at.push("/schedule"),
    "POST push.set_schedule": lambda at: at.push("/schedule", **_SCHEDULE),
    "POST push.trial": lambda at: at.trial(),
    "POST push.lay_before": lambda at: at.push("/propose"),
    "POST push.let_go": lambda at: at.decided_push("/approve"),
    "POST push.refuse": lambda at: at.decided_push("/refuse", reason="不合适"),
    "POST push.withdraw": lambda at: at.push("/withdraw", Stage.PROPOSED),
    "POST push.pause": lambda at: at.push("/pause", Stage.RUNNING),
    "POST push.go_on": lambda at: at.push("/resume", Stage.LOOK),
    "POST push.stop": lambda at: at.push("/stop", Stage.RUNNING, reason="发错了"),
    "POST push.again": lambda at: at.failed_push(),
    "GET push.answers": lambda at: at.push("/answers", Stage.RUNNING),
    "POST push.open_answers": lambda at: at.push("/answers", Stage.RUNNING, **_WHY),
    "POST push.silent": lambda at: at.push("/silent.csv", Stage.RUNNING, **_WHY),
    "POST push.outcomes": lambda at: at.push("/outcomes.csv", Stage.RUNNING, **_WHY),
}
"""By method and route; what stands in brackets tells two calls of one route apart."""

OF_EVERYBODY: Mapping[str, str] = {
    "static": "files of ours",
    "figures.chart": "a figure's name; counts, of one's own districts where they have any",
    "figures.table": "the same",
    "branch_lists.cards": "a list's name; what stands in it is one's branch's",
    **dict.fromkeys(
        ("roster.one", "roster.duties", "roster.out", "roster.anew"),
        "an administrator keeps the records of all staff",
    ),
    **dict.fromkeys(
        (
            "content.part",
            "content.entry",
            "content.remove",
            "content.take_file",
            "content.drop",
            "content.lay_before",
            "editions.show",
            "editions.let_hold",
            "editions.let_go",
            "editions.again",
            "editions.export",
        ),
        "what residents are told is the whole city's",
    ),
    **dict.fromkeys(
        ("push.template", "push.drop"), "what is kept for another time is words, the whole city's"
    ),
    "handover.batch": "a batch is the whole city's; of its lines one sees those of one's districts",
    "handover.table": "the same",
    "handover.again": "a batch goes again as a whole, or not by who does not see all its lines",
}
"""Routes whose ids name nothing that has a district or a branch, and why."""
