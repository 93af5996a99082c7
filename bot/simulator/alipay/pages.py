"""The page on which a person lets Alipay look at their face, in so far as a form can."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from bot.simulator.alipay import checks
from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.refusals import Refusal


def pages(accounts: Sequence[AlipayAccount]) -> Blueprint:
    """The blueprint under `/alipay/certify`."""
    views = Blueprint(
        "certify", __name__, url_prefix="/alipay/certify", template_folder="../templates"
    )

    @views.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        return error.node["sub_msg"], 404, {"Content-Type": "text/plain; charset=utf-8"}

    def whose(id: str) -> AlipayAccount:
        return next((one for one in accounts if checks.is_known(one, id)), accounts[0])

    @views.get("/<id>")
    def show(id: str) -> ResponseReturnValue:
        return checks.page(whose(id), id)

    @views.post("/<id>")
    def decide(id: str) -> ResponseReturnValue:
        checks.decide(whose(id), id, request.form.get("passed", ""))
        return redirect(f"/alipay/certify/{id}", 303)

    return views
