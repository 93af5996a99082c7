"""What is kept of the person: the half-filled form, applications and their progress, binding."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from bot.api.bearer import speaker
from bot.api.conversation import Conversation, Doing
from bot.api.describing import SIGNED_IN, Answers, answers
from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.api.record_shapes import (
    AccountId,
    Application,
    Applications,
    DraftState,
    Me,
    Number,
    draft_state,
    me,
    timeline,
)
from bot.api.shapes import Idempotent, Messages
from bot.api.talking import TURN_PROBLEMS, told
from bot.dialogue.messages import Kind
from models.drafts import open_drafts
from models.people import unbind_other
from models.progress import own_applications

_DRAFT = [Tag(name="draft", description="The half-filled form")]
_APPLICATIONS = [Tag(name="applications", description="Applications and their progress")]
_ME = [Tag(name="me", description="Who the account is bound to")]


def draft_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`/draft`."""

    @views.get("/draft", tags=_DRAFT, responses=answers(200, DraftState, *SIGNED_IN, "not-found"))
    def show_draft() -> Response:
        """How far the form is; nothing of its answers"""
        with doors.database.reading() as records:
            found = open_drafts(records, str(speaker()), doors.clock())
            if not found:
                raise Problem("not-found")
            state = draft_state(found[0], conversation.latest(speaker()))
        return _json(state)

    @views.delete("/draft", tags=_DRAFT, responses=_turn_answers())
    def drop_draft(header: Idempotent) -> tuple[Response, int]:
        """Give the half-filled form up, with its photos, as the word 取消 does"""
        doing = Doing(Kind.CLICK, ["draft", "drop"], key="drop_draft")
        return told(conversation.say(speaker(), header.key, doing, None))


def application_views(views: APIBlueprint, doors: Doors) -> None:
    """`/applications`."""

    @views.get(
        "/applications", tags=_APPLICATIONS, responses=answers(200, Applications, "not-signed-in")
    )
    def list_applications() -> Response:
        """What this account handed in, and what is proven to be its person's"""
        with doors.database.reading() as records:
            own = own_applications(records, str(speaker()))
            found = [timeline(doors, speaker(), records, each) for each in own]
        return _json(Applications(applications=found))

    @views.get(
        "/applications/<number>",
        tags=_APPLICATIONS,
        responses=answers(200, Application, *SIGNED_IN, "not-found"),
    )
    def show_application(path: Number) -> Response:
        """One of them by its acceptance number, with its time line"""
        with doors.database.reading() as records:
            own = own_applications(records, str(speaker()))
            found = [each for each in own if each.number == path.number]
            if not found:
                raise Problem("not-found")
            shown = timeline(doors, speaker(), records, found[0])
        return _json(shown)


def me_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`/me`."""

    @views.get("/me", tags=_ME, responses=answers(200, Me, *SIGNED_IN))
    def show_me() -> Response:
        """Whose the account is, and which other accounts are the same person's"""
        with doors.database.reading() as records:
            shown = me(doors, speaker(), records)
        return _json(shown)

    @views.delete("/me/binding", tags=_ME, responses=_turn_answers())
    def unbind_me(header: Idempotent) -> tuple[Response, int]:
        """Forget whose the account is, as the word 解绑 does"""
        doing = Doing(Kind.CLICK, ["me", "unbind"], key="unbind")
        return told(conversation.say(speaker(), header.key, doing, None))

    @views.delete(
        "/me/accounts/<account>",
        tags=_ME,
        responses=answers(204, None, *SIGNED_IN, "not-found"),
    )
    def unbind_another(path: AccountId) -> tuple[str, int]:
        """Let another account of the same person go"""
        with doors.database.writing() as records:
            if not unbind_other(records, str(speaker()), path.account):
                raise Problem("not-found")
        return "", 204


def record_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """Everything here."""
    draft_views(views, doors, conversation)
    application_views(views, doors)
    me_views(views, doors, conversation)


def _turn_answers() -> Answers:
    return answers(200, Messages, *TURN_PROBLEMS, s202=Messages)


def _json(shown: BaseModel) -> Response:
    return Response(shown.model_dump_json(), mimetype="application/json")
