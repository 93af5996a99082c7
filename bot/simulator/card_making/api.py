"""What scripts may ask and set: a day later, what is where, what is to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.card_making.ledger import Ledger, Plan
from bot.simulator.card_making.offices import Offices
from bot.simulator.card_making.replies import CITY, BadDisturbance, Disturbance, Replies
from bot.simulator.card_making.road import BY_HAND, MAY_FAIL, ROAD

MOST_DAYS = 400


class BadAsk(ValueError):
    """What a script asked makes no sense."""


class Making:
    """The offices that make cards, as scripts and the page see them."""

    def __init__(
        self,
        ledger: Ledger,
        offices: Offices,
        replies: Replies,
        clock: Callable[[], datetime],
        pass_time: Callable[[timedelta], None],
    ) -> None:
        self.ledger, self._offices, self._replies = ledger, offices, replies
        self._clock, self._pass_time = clock, pass_time

    def now(self) -> datetime:
        """The time there, in the city's zone."""
        return self._clock().astimezone(CITY)

    def pass_days(self, days: int) -> None:
        """So many days later, one after the other; the clock too."""
        for _ in range(days):
            self._pass_time(timedelta(days=1))
            with self.ledger.changing():
                self.ledger.set_fact("day", self.ledger.fact("day", 0) + 1)
                self._offices.pass_day()
                self._replies.write()

    def told(self) -> dict[str, Any]:
        """What is where, how many cards and accounts were made for whom, what was written."""
        made = self.ledger.made()
        nothing = {"cards": 0, "accounts": 0}
        works = [{**asdict(w), **made.get(w.application, nothing)} for w in self.ledger.works()]
        return {
            "day": self.ledger.fact("day", 0),
            "speeds": {name: self._offices.days(name) for name in ROAD},
            "shares": self.ledger.fact("shares", {}),
            "disturbance": asdict(self._replies.disturbance),
            "batches": self.ledger.batches(),
            "cards": works,
            "replies": self.ledger.all_replies(),
            "reports": self.ledger.reports(),
        }

    def plan(self, application: str, asked: Mapping[str, Any]) -> None:
        """`{"step", "times", "code", "text"}`: have a step fail. Raises `BadAsk`."""
        step, times = asked.get("step"), asked.get("times", 1)
        if step not in MAY_FAIL or not isinstance(times, int) or not 0 <= times <= 100:
            raise BadAsk(f"step is one of {', '.join(MAY_FAIL)}, times a whole number")
        code, text = asked.get("code", ROAD[step].code), asked.get("text", ROAD[step].text)
        if not isinstance(code, str) or not isinstance(text, str):
            raise BadAsk("code and text are texts")
        with self.ledger.changing():
            self.ledger.plan(Plan(application, step, code, text, times))

    def tell(self, application: str, asked: Mapping[str, Any]) -> None:
        """`{"stage", "result"}`: have told what a person did at a counter. Raises `BadAsk`."""
        said = (str(asked.get("stage")), str(asked.get("result")))
        if said not in BY_HAND:
            raise BadAsk(f"one of {', '.join(' '.join(known) for known in BY_HAND)}")
        with self.ledger.changing():
            if not self._offices.tell(BY_HAND[said], *said, application):
                raise BadAsk("no such card")
            self._replies.write()

    def set(self, name: str, asked: Mapping[str, Any], known: tuple[str, ...], most: float) -> None:
        """`speeds` or `shares`, by step. Raises `BadAsk`."""
        numbers = all(isinstance(v, int | float) and 0 <= v <= most for v in asked.values())
        if not set(asked) <= set(known) or not numbers:
            raise BadAsk(f"{name} are numbers up to {most:g} for {', '.join(known)}")
        self.ledger.set_fact(name, dict(asked))

    def disturb(self, asked: Mapping[str, Any]) -> None:
        """Spoil the reply files that are written from now on. Raises `BadDisturbance`."""
        how = Disturbance.parse(asked)
        with self.ledger.changing():
            self._replies.disturb(how)

    def again(self, name: str, asked: Mapping[str, Any]) -> str:
        """A reply file once more, in one of its own. Raises `BadAsk`, `BadDisturbance`."""
        how = Disturbance.parse(asked)
        with self.ledger.changing():
            written = self._replies.again(name, how)
        if written is None:
            raise BadAsk("no such file")
        return written


def making_api(making: Making) -> Blueprint:
    """The blueprint under `/simulator/api`."""
    views = Blueprint("making_api", __name__, url_prefix="/simulator/api")

    def refused(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    views.register_error_handler(BadAsk, refused)
    views.register_error_handler(BadDisturbance, refused)

    @views.post("/days")
    def days() -> ResponseReturnValue:
        asked = _asked().get("days", 1)
        if not isinstance(asked, int) or not 0 < asked <= MOST_DAYS:
            raise BadAsk(f"days is a whole number up to {MOST_DAYS}")
        making.pass_days(asked)
        return jsonify(day=making.ledger.fact("day", 0))

    @views.get("/cards")
    def cards() -> ResponseReturnValue:
        return jsonify(making.told())

    @views.put("/cards/<application>/failure")
    def fail(application: str) -> ResponseReturnValue:
        making.plan(application, _asked())
        return jsonify({})

    @views.post("/cards/<application>/told")
    def tell(application: str) -> ResponseReturnValue:
        making.tell(application, _asked())
        return jsonify({})

    _add_settings(views, making)
    return views


def _add_settings(views: Blueprint, making: Making) -> None:
    """How fast everything goes, how often it fails, what becomes of reply files."""

    @views.put("/cards/speeds")
    def speeds() -> ResponseReturnValue:
        making.set("speeds", _asked(), tuple(ROAD), 100)
        return jsonify({})

    @views.put("/cards/shares")
    def shares() -> ResponseReturnValue:
        making.set("shares", _asked(), MAY_FAIL, 1)
        return jsonify({})

    @views.put("/cards/replies")
    def disturb() -> ResponseReturnValue:
        making.disturb(_asked())
        return jsonify({})

    @views.post("/cards/replies/<name>")
    def again(name: str) -> ResponseReturnValue:
        return jsonify(name=making.again(name, _asked()))


def _asked() -> Mapping[str, Any]:
    asked = request.get_json(force=True, silent=True)
    if not isinstance(asked, dict):
        raise BadAsk("the body is a JSON object")
    return asked
