"""Progress for who is bound to nobody: what is asked for, and the code that proves it.

By the forms of the site's own page: the same codes, limits and words, and the open question of the
chat stays where it is. Nothing tells whether there is such an application before the proof.
"""

from __future__ import annotations

from typing import Literal

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field, RootModel

from bot.api.bearer import speaker
from bot.api.conversation import Conversation, Doing
from bot.api.describing import SIGNED_IN, answers
from bot.api.doors import Doors
from bot.api.record_shapes import Application, timeline
from bot.api.shapes import Idempotent, shown, shown_as
from bot.dialogue.messages import AccountKey, Kind, Reply
from bot.limits import address_of
from models.applications import Application as ApplicationRow

_TAG = [Tag(name="progress", description="Progress for who is bound to nobody")]
_CODE_SENT, _APPLICATION = "progress:code", "application:"


class ByNumber(BaseModel):
    """An acceptance number."""

    model_config = shown(number="YZ2611230731")
    number: str = Field(min_length=10, max_length=24)


class ByName(BaseModel):
    """The holder's name and identity number."""

    model_config = shown(name="陈国强", id_number="119999199003070019")
    name: str = Field(min_length=2, max_length=60)
    id_number: str = Field(min_length=8, max_length=24)


class AskedFor(RootModel[ByNumber | ByName]):
    """Which application."""

    model_config = shown_as(number="YZ2611230731")


class CodeBody(BaseModel):
    """The code of the SMS."""

    model_config = shown(code="482915")
    code: str = Field(pattern=r"^[0-9]{6}$")


class Proof(BaseModel):
    """`asks`: what is needed next, the code or what is asked for once more; empty when the proof is
    there. `application` is shown after it. `later`: the answer takes longer, and comes among the
    messages."""

    model_config = shown_as(asks="code", text="验证码已发出。", application=None, later=False)
    asks: Literal["who", "code", ""]
    text: str
    application: Application | None = None
    later: bool = False


def proof_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`POST /progress/proof`, `/progress/code` and `/progress/remember`."""

    described = answers(200, Proof, *SIGNED_IN, "key-reused", "too-large", s202=Proof)

    def sent(form: str, key: str, fields: dict[str, str]) -> tuple[Response, int]:
        doing = Doing(Kind.PAGE, [form, fields], key=form, data=fields, quiet=True)
        done = conversation.do(speaker(), key, doing)
        proof = _proof(doors, speaker(), done.reply)
        body = Response(proof.model_dump_json(), mimetype="application/json")
        return body, 202 if proof.later else 200

    @views.post("/progress/proof", tags=_TAG, responses=described)
    def ask_for_proof(header: Idempotent, body: AskedFor) -> tuple[Response, int]:
        """Have a code sent to the phone that the application names, if there is such a one"""
        doors.limits.take("code", address_of(request, doors.proxies))
        return sent("progress.ask", header.key, body.model_dump())

    @views.post("/progress/code", tags=_TAG, responses=described)
    def prove(header: Idempotent, body: CodeBody) -> tuple[Response, int]:
        """Give the code, and see the application"""
        return sent("progress.code", header.key, body.model_dump())

    @views.post("/progress/remember", tags=_TAG, responses=described)
    def remember(header: Idempotent) -> tuple[Response, int]:
        """Bind this account to the person whose application was shown last"""
        return sent("progress.remember", header.key, {})


def _proof(doors: Doors, account: AccountKey, reply: Reply | None) -> Proof:
    if reply is None:
        return Proof(asks="", text=doors.texts.say("zh_CN", "please_wait"), later=True)
    if reply.about == _CODE_SENT:
        return Proof(asks="code", text=reply.text)
    if not reply.about.startswith(_APPLICATION):
        return Proof(asks="" if reply.about else "who", text=reply.text)
    with doors.database.reading() as records:
        row = records.get(ApplicationRow, reply.about.removeprefix(_APPLICATION))
        shown = timeline(doors, account, records, row) if row else None
    return Proof(asks="", text=reply.text, application=shown)
