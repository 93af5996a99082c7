"""The page that shows where the cards are, with a button for the next day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.simulator.card_making.api import MOST_DAYS, BadAsk, Making
from bot.simulator.card_making.road import FAILED, MAY_FAIL, THERE, WAITS

WORDS: Mapping[str, str] = {
    "province": "省厅校验",
    "bank": "银行开户",
    "factory": "工厂制卡",
    "centre": "卡中心写密钥",
    "branch": "送往网点",
    "posting": "等待寄出",
    "mail": "邮寄途中",
}
DESKS = {"province": "省厅", "bank": "银行"}
NEWEST = 100  # cards and files that the page shows; the API has all


def cards_page(making: Making) -> Blueprint:
    """The blueprint under `/simulator/cards`."""
    views = Blueprint("cards_page", __name__, url_prefix="/simulator")

    @views.get("/cards", strict_slashes=False)
    def cards() -> ResponseReturnValue:
        return render_template("cards.html", **shown(making))

    @views.post("/cards/days")
    def days() -> ResponseReturnValue:
        making.pass_days(_number(request.form.get("days", "")))
        return _back()

    @views.post("/cards/<application>/failure")
    def fail(application: str) -> ResponseReturnValue:
        making.plan(application, {"step": request.form.get("step")})
        return _back()

    @views.post("/cards/<application>/told")
    def tell(application: str) -> ResponseReturnValue:
        making.tell(application, request.form.to_dict())
        return _back()

    @views.errorhandler(BadAsk)
    def refused(error: BadAsk) -> ResponseReturnValue:
        return render_template("cards.html", fault=str(error), **shown(making)), 400

    return views


def shown(making: Making) -> dict[str, Any]:
    """The page's values."""
    told = making.told()
    return {
        "day": told["day"],
        "now": making.now(),
        "cards": [_card(work) for work in told["cards"][: -NEWEST - 1 : -1]],
        "count": len(told["cards"]),
        "replies": told["replies"][: -NEWEST - 1 : -1],
        "reports": told["reports"][: -NEWEST - 1 : -1],
        "desks": DESKS,
        "steps": [(step, WORDS[step]) for step in MAY_FAIL],
    }


def _card(work: Mapping[str, Any]) -> dict[str, Any]:
    words = {
        FAILED: f"{WORDS[work['step']]}失败，等重新上报",
        WAITS: "省厅已通过，等银行开户批次",
        THERE: "已送达" if work["mailed"] else "已到网点",
        "": f"{WORDS[work['step']]}，还要{work['left']}天",
    }
    name = work["name"]
    masked = f"{name[:1]}*{name[2:][-1:]}"
    return {**work, "is_at": words.get(work["word"], "已重新上报"), "name": masked}


def _back() -> ResponseReturnValue:
    return redirect(url_for("cards_page.cards"), 303)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:4]) <= MOST_DAYS and len(text) < 4):
        raise BadAsk("天数要是1到400之间的整数")
    return int(text)
