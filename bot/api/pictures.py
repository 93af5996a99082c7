"""Pictures: those a person sends, and those the chat shows."""

from __future__ import annotations

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.file import FileStorage
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from bot.api.bearer import speaker
from bot.api.describing import SIGNED_IN, answers
from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.api.shapes import STRICT, shown
from bot.ports import PhotoFault

_TAG = [Tag(name="pictures", description="Pictures that are sent and shown")]
_ROUTE = "/photos"


class PhotoForm(BaseModel):
    """One picture: JPEG, PNG or WebP."""

    model_config = STRICT
    file: FileStorage


class Photo(BaseModel):
    """The picture, for `POST /turns`, within the hour."""

    model_config = shown(id="9b1f0c5d7e3a4b68a1c2d3e4f5061728")
    id: str


class PictureName(BaseModel):
    """As the address in a message has it."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")


_JPEG = {
    "description": "The picture",
    "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
}


def picture_views(views: APIBlueprint, doors: Doors, most_bytes: int) -> None:
    """`POST /photos` and `GET /pictures/<name>`. A picture and its form have at most
    `most_bytes`."""

    @views.before_request
    def allow_a_picture() -> None:
        if request.path == _ROUTE:
            request.max_content_length = most_bytes

    refused = answers(201, Photo, *SIGNED_IN, "photo-refused", "too-large")

    @views.post(_ROUTE, tags=_TAG, responses=refused)
    def send_photo(form: PhotoForm) -> tuple[Response, int]:
        """Upload a picture, to be sent with `POST /turns`"""
        try:
            photo = doors.uploads.keep(speaker(), doors.new_id(), form.file.read()).id
        except PhotoFault as fault:
            raise Problem("photo-refused", reason=fault.code) from None
        return Response(Photo(id=photo).model_dump_json(), mimetype="application/json"), 201

    found = answers(200, None, *SIGNED_IN, "not-found") | {"200": _JPEG}

    @views.get("/pictures/<name>", tags=_TAG, responses=found)
    def show_picture(path: PictureName) -> Response:
        """A picture of a message, for ten minutes"""
        image = doors.transcripts.picture(speaker(), path.name)
        if image is None:
            raise Problem("not-found")
        return Response(image, mimetype="image/jpeg")
