"""What somebody sees whose request cannot be answered: a page in words, never a trace."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from bot.console.desk import Console
from models.applications import ForbiddenMove
from models.passwords import Busy

FAULTS: Mapping[int, tuple[str, str]] = {
    400: ("没有收到", "页面放得太久了，或者内容不完整。请返回，刷新页面后再试。"),
    401: ("请先登录", "这里已经退出登录，刚才的操作没有做。请登录后再做一次。"),
    403: ("没有权限", "您的岗位不能用这个页面。需要的话请找管理员。"),
    404: ("没有找到", "没有这个页面，或者不在您负责的范围内。"),
    405: ("不能这样用", "请从工作台的菜单进入。"),
    409: ("已经变了", "别人刚刚处理过，请刷新页面看最新的情况。"),
    413: ("内容太大", "请减少内容后再试。"),
    503: ("请稍等", "现在登录的人太多，请过几秒再试。"),
    422: ("没有填完整", "请返回补全：用途和原因都要填。"),
}
OTHER = ("出了点问题", "刚才的操作没有做成，请稍后再试。一直这样，请告诉管理员。")


def answer_faults(app: Flask, console: Console) -> None:
    """Every error status that carries no page of its own gets one."""

    @app.errorhandler(HTTPException)
    def fault(error: HTTPException) -> tuple[str, int] | Response:
        if error.response is not None or (error.code or 500) < 400:
            return error.get_response()
        code = error.code or 500
        title, told = FAULTS.get(code, OTHER)
        return console.render("error.html", title=title, told=told), code

    @app.errorhandler(ForbiddenMove)
    def moved_meanwhile(error: ForbiddenMove) -> tuple[str, int]:
        title, told = FAULTS[409]
        return console.render("error.html", title=title, told=told), 409

    @app.errorhandler(Busy)
    def busy(error: Busy) -> tuple[str, int]:
        title, told = FAULTS[503]
        return console.render("error.html", title=title, told=told), 503
