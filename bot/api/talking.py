"""The conversation: what a person does, and the messages of the chat."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from bot.api.bearer import speaker
from bot.api.conversation import Conversation, Doing
from bot.api.describing import SIGNED_IN, answers
from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.api.shapes import (
    After,
    ChoiceTurn,
    ClickTurn,
    Idempotent,
    Messages,
    PhotoTurn,
    PlaceTurn,
    TextTurn,
    TurnBody,
)
from bot.dialogue.messages import Kind, Media, Place

MESSAGES = "/api/v1/messages"
_TAG = [Tag(name="conversation", description="The chat")]
TURN_PROBLEMS = (*SIGNED_IN, "key-reused", "too-many-waiting", "too-large")


def told(messages: Messages) -> tuple[Response, int]:
    """Messages as an answer: 202 where the reply is still to come, and where to look for it."""
    body = Response(messages.model_dump_json(), mimetype="application/json")
    if not messages.later:
        return body, 200
    body.headers["Location"] = f"{MESSAGES}?after={messages.next}"
    return body, 202


def talking_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`POST /turns` and `GET /messages`."""

    turn_answers = answers(
        200, Messages, *TURN_PROBLEMS, "unknown-choice", "not-found", s202=Messages
    )

    @views.post("/turns", tags=_TAG, responses=turn_answers)
    def take_turn(header: Idempotent, query: After, body: TurnBody) -> tuple[Response, int]:
        """Do one thing in the conversation

        Words, a choice, a picture, a place or a button of the front end. The answer holds the
        messages that came of it; 202 where they take longer.
        """
        doing = _doing(doors, conversation, header.key, body)
        return told(conversation.say(speaker(), header.key, doing, query.after))

    @views.get("/messages", tags=_TAG, responses=answers(200, Messages, *SIGNED_IN))
    def read_messages(query: After) -> tuple[Response, int]:
        """The chat so far, or since an earlier answer"""
        return told(conversation.since(speaker(), query.after or 0))


def _doing(doors: Doors, conversation: Conversation, key: str, body: TurnBody) -> Doing:
    raw = body.model_dump(mode="json")
    account = speaker()
    match body.root:
        case TextTurn(text=text):
            return Doing(Kind.TEXT, raw, text=text, shown=text)
        case ChoiceTurn(choice=choice):
            label = conversation.label(account, choice)
            return Doing(Kind.TEXT, raw, text=label, key=choice, shown=label)
        case PhotoTurn(photo=photo):
            media = doors.uploads.media_of(account, photo)
            if media is None and conversation.earlier(account, key) is None:
                raise Problem("not-found")
            return Doing(Kind.IMAGE, raw, media=media or Media(photo), more={"photo": photo})
        case PlaceTurn(place=at):
            place = Place(at.lat, at.lng, at.label)
            shown = at.label or f"{at.lat:.4f}, {at.lng:.4f}"
            return Doing(Kind.LOCATION, raw, place=place, shown=shown)
        case ClickTurn(click=click):
            return Doing(Kind.CLICK, raw, key=click)
