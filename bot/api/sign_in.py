"""Logging in by a code of the platform, and out again."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from bot.api.bearer import Bearers, speaker
from bot.api.describing import SIGNED_IN, answers
from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.api.shapes import shown, shown_as
from bot.limits import address_of

_TAG = [Tag(name="sessions", description="Logging in and out")]
_REFUSED = ("login-refused", "not-found", "platform-away", "too-large")


class WeChatLogin(BaseModel):
    """What `wx.login` gave."""

    model_config = shown(code="0c3Xyz000abcdef")
    code: str = Field(min_length=1, max_length=256)


class AlipayLogin(BaseModel):
    """What `my.getAuthCode({scopes: 'auth_base'})` gave."""

    model_config = shown(auth_code="65e8a1bd3f4b4f0fb1a0c2d3e4f5")
    auth_code: str = Field(min_length=1, max_length=256)


class SignedIn(BaseModel):
    """The token, shown this once: `Authorization: Bearer <token>` from now on."""

    model_config = shown_as(
        token="kXv0d3l1J2v9u8yQeW5rT7aZ4bN6mC1pS0fG3hK8xYw",  # noqa: S106 - nobody's
        expires_in=2592000,
    )
    token: str
    expires_in: int = Field(description="Seconds for which it holds.")


def sign_in_views(doors: Doors, bearers: Bearers) -> APIBlueprint:
    """What can be called without a token."""
    views = APIBlueprint("sign_in", __name__, abp_tags=_TAG)

    def log_in(platform: str, code: str) -> tuple[Response, int]:
        program = doors.programs.get(platform)
        if program is None:
            raise Problem("not-found")
        doors.limits.take("login", address_of(request, doors.proxies))
        token, seconds = bearers.issue(program.visitor(code))
        told = SignedIn(token=token, expires_in=seconds).model_dump_json()
        return Response(told, mimetype="application/json"), 201

    @views.post("/sessions/wechat", responses=answers(201, SignedIn, *_REFUSED))
    def log_in_by_wechat(body: WeChatLogin) -> tuple[Response, int]:
        """Log in with a code of WeChat"""
        return log_in("wechat", body.code)

    @views.post("/sessions/alipay", responses=answers(201, SignedIn, *_REFUSED))
    def log_in_by_alipay(body: AlipayLogin) -> tuple[Response, int]:
        """Log in with an auth code of Alipay"""
        return log_in("alipay", body.auth_code)

    return views


def sign_out_views(views: APIBlueprint, bearers: Bearers) -> None:
    """The token that is shown ends, or every one of its account."""

    described = answers(204, None, *SIGNED_IN)

    @views.delete("/session", tags=_TAG, responses=described)
    def log_out() -> tuple[str, int]:
        """Log out: this token holds no longer"""
        bearers.revoke()
        return "", 204

    @views.delete("/sessions", tags=_TAG, responses=described)
    def log_out_everywhere() -> tuple[str, int]:
        """Log out everywhere: no token of this account holds any longer"""
        bearers.revoke_all(speaker())
        return "", 204
