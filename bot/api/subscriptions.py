"""Messages that people may subscribe to in the mini program, and what they allowed."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from bot.api.bearer import speaker
from bot.api.conversation import Conversation, Doing
from bot.api.describing import SIGNED_IN, answers
from bot.api.doors import Doors
from bot.api.problems import Problem, asked_locale
from bot.api.shapes import Idempotent, shown, shown_as
from bot.dialogue.messages import AccountKey, Kind
from models.people import find_account

_TAG = [Tag(name="subscriptions", description="Messages that people allow")]
TemplateId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Template(BaseModel):
    """`id` for wx.requestSubscribeMessage or my.requestSubscribeMessage, what comes in words, and
    how many are allowed as far as we know."""

    id: str
    name: str
    text: str
    allowed: int


class Templates(BaseModel):
    """What may be asked for; WeChat takes three at once."""

    model_config = shown_as(
        templates=[{"id": "tmpl-1", "name": "progress", "text": "办理进度", "allowed": 1}]
    )
    templates: list[Template]


class Results(BaseModel):
    """What the platform's pop-up gave: ids that were accepted, each for one message more, and ids
    that were refused."""

    model_config = shown(accepted=["tmpl-1"], refused=[])
    accepted: list[TemplateId] = Field([], max_length=10)
    refused: list[TemplateId] = Field([], max_length=10)


def subscription_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`/subscriptions`."""

    @views.get("/subscriptions", tags=_TAG, responses=answers(200, Templates, *SIGNED_IN))
    def list_templates() -> Response:
        """What can be subscribed to"""
        held = _allowed(doors, speaker())
        found = [
            Template(id=each, name=name, text=_words(doors, name), allowed=held.get(each, 0))
            for name, each in _templates(doors, speaker()).items()
        ]
        return Response(Templates(templates=found).model_dump_json(), mimetype="application/json")

    described = answers(204, None, *SIGNED_IN, "key-reused", "too-large")

    @views.post("/subscriptions", tags=_TAG, responses=described)
    def tell_results(header: Idempotent, body: Results) -> tuple[str, int]:
        """Tell what the person allowed"""
        known = set(_templates(doors, speaker()).values())
        if not {*body.accepted, *body.refused} <= known:
            raise Problem("malformed", places=["body"])
        held, most = _allowed(doors, speaker()), doors.city.api.most_credits
        more = {each: 1 for each in body.accepted if held.get(each, 0) < most}
        data = {"accepted": more, "refused": sorted(set(body.refused))}
        doing = Doing(Kind.CREDITS, body.model_dump(), data=data, quiet=True)
        conversation.do(speaker(), header.key, doing)
        return "", 204


def _templates(doors: Doors, account: AccountKey) -> dict[str, str]:
    programs = (each for each in doors.programs.values() if each.channel == account.channel)
    return dict(next(programs).templates)


def _allowed(doors: Doors, account: AccountKey) -> dict[str, int]:
    with doors.database.reading() as records:
        row = find_account(records, str(account))
        return dict(row.subscription_credits) if row else {}


def _words(doors: Doors, name: str) -> str:
    return doors.texts.say(asked_locale(), f"website.notices.wording.{name}")
