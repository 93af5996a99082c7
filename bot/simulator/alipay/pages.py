"""The page on which a person lets Alipay look at their face, in so far as a form can."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from bot.simulator.alipay import checks
from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.refusals import Refusal


def pages(account: AlipayAccount) -> Blueprint:
    """The blueprint under `/alipay/certify`."""
    views = Blueprint(
        "alipay_pages", __name__, url_prefix="/alipay/certify", template_folder="../templates"
    )

    @views.errorhandler(Refusal)
    def refused(error: Refusal) -> ResponseReturnValue:
        return error.node["sub_msg"], 404, {"Content-Type": "text/plain; charset=utf-8"}

    @views.get("/<id>")
    def show(id: str) -> ResponseReturnValue:
        return checks.page(account, id)

    @views.post("/<id>")
    def decide(id: str) -> ResponseReturnValue:
        checks.decide(account, id, request.form.get("passed", ""))
        return redirect(f"/alipay/certify/{id}", 303)

    return views
