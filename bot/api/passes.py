"""领卡码 for a card that waits at its branch."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from bot.api.bearer import speaker
from bot.api.conversation import Conversation, Doing
from bot.api.describing import SIGNED_IN, answers
from bot.api.doors import Doors
from bot.api.record_shapes import Number
from bot.api.shapes import Idempotent, shown_as
from bot.dialogue.messages import Kind, Reply

_TAG = [Tag(name="applications", description="Applications and their progress")]
_PASS = "pass:"  # noqa: S105 - what a reply about a 领卡码 begins with


class Pass(BaseModel):
    """A 领卡码: six digits, good once and until then. null where there is none; `text` says why, or
    what to bring. `later`: the answer takes longer; ask again under the same key."""

    model_config = shown_as(
        code="482915", until="2026-12-21T02:19:05Z", text="领卡码：482 915", later=False
    )
    code: str | None
    until: datetime | None
    text: str
    later: bool = False


def pass_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`POST /applications/<number>/pass`."""

    @views.post(
        "/applications/<number>/pass",
        tags=_TAG,
        responses=answers(200, Pass, *SIGNED_IN, "key-reused", "too-large", s202=Pass),
    )
    def make_pass(header: Idempotent, path: Number) -> tuple[Response, int]:
        """Have a code for collecting the card; it takes the place of the one before

        For an application of this account, or one that a code has just proven.
        """
        form, fields = "progress.pass", {"number": path.number}
        doing = Doing(Kind.PAGE, [form, fields], key=form, data=fields, quiet=True)
        found = _pass(doors, conversation.do(speaker(), header.key, doing).reply)
        body = Response(found.model_dump_json(), mimetype="application/json")
        return body, 202 if found.later else 200


def _pass(doors: Doors, reply: Reply | None) -> Pass:
    if reply is None:
        text = doors.texts.say("zh_CN", "please_wait")
        return Pass(code=None, until=None, text=text, later=True)
    if not reply.about.startswith(_PASS):
        return Pass(code=None, until=None, text=reply.text)
    _, code, until = reply.about.split(":")
    return Pass(code=code, until=datetime.fromtimestamp(int(until), UTC), text=reply.text)
