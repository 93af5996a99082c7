"""The JSON of the conversation: what a front end sends, and messages as it shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, RootModel

from bot.dialogue.messages import Asks

STRICT = ConfigDict(extra="forbid")
KEY = r"^[A-Za-z0-9_-]{16,64}$"
ID = r"^[0-9a-f]{32}$"
MOST_CHARACTERS = 2000


def shown(**example: Any) -> ConfigDict:
    """The config of a body that takes nothing else, with an example for the document."""
    return cast(ConfigDict, {**STRICT, **shown_as(**example)})


def shown_as(**example: Any) -> ConfigDict:
    """The config of what is answered, with an example for the document."""
    return cast(ConfigDict, {"openapi_extra": {"example": example}})


class Idempotent(BaseModel):
    """Under this key something is done once, however often it is sent: a new one for each thing a
    person does, the same one again where no answer came."""

    key: str = Field(
        alias="Idempotency-Key",
        pattern=KEY,
        json_schema_extra={"example": "4f8c2b1e9d7a4c50b6e3f1a2d4c5b6a7"},
    )


# --- what a person does ---------------------------------------------------------------------------


class TextTurn(BaseModel):
    """Words, as they would be typed in a chat."""

    model_config = STRICT
    text: str = Field(min_length=1, max_length=MOST_CHARACTERS)


class ChoiceTurn(BaseModel):
    """A choice of a message, by its key."""

    model_config = STRICT
    choice: str = Field(pattern=r"^[0-9a-f]{10}-[0-9]{1,2}$")


class PhotoTurn(BaseModel):
    """A picture that was uploaded before."""

    model_config = STRICT
    photo: str = Field(pattern=ID, description="The id that POST /photos gave.")


class Place(BaseModel):
    """Degrees of GCJ-02, as wx.chooseLocation and my.chooseLocation give them."""

    model_config = STRICT
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)
    label: str = Field("", max_length=200)


class PlaceTurn(BaseModel):
    """A place that was chosen on a map."""

    model_config = STRICT
    place: Place


class ClickTurn(BaseModel):
    """A button of the front end's own: an intent, such as apply, progress, resume or human."""

    model_config = STRICT
    click: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")


class TurnBody(RootModel[TextTurn | ChoiceTurn | PhotoTurn | PlaceTurn | ClickTurn]):
    """One thing that the person did."""

    model_config = shown_as(text="同意")


class After(BaseModel):
    """Where to begin."""

    model_config = STRICT
    after: int | None = Field(
        None,
        ge=0,
        le=2**53 - 1,
        description="The `next` of an earlier answer: only what came after it is told.",
    )


# --- messages -------------------------------------------------------------------------------------


class Choice(BaseModel):
    """One of a message's choices: a tap sends `key`; typing `number` means the same."""

    key: str
    number: str
    label: str


class Action(BaseModel):
    """What can always be done: `text` is sent as words."""

    text: str
    label: str


class WebLink(BaseModel):
    """A page that the message speaks of by `label`."""

    url: str
    label: str


class Position(BaseModel):
    """How far the form is: section `n` of `of`."""

    section: str
    title: str
    n: int
    of: int


class Message(BaseModel):
    """One message of the chat. `text`, then `choices`, then `after`.

    `asks`: the sort of answer that is waited for, so that a camera, a map or a keyboard of digits
    can be offered; words are taken everywhere. Empty where no form asks. `picture` is an address of
    this API, good for ten minutes. Of `by: me`, `photo` says that a picture was sent.
    """

    id: int
    by: Literal["me", "bot"]
    at: datetime
    text: str
    choices: list[Choice] = []
    after: str = ""
    actions: list[Action] = []
    links: list[WebLink] = []
    picture: str | None = None
    position: Position | None = None
    asks: Asks = ""
    photo: bool = False


_EXAMPLE: dict[str, Any] = {
    "messages": [
        {
            "id": 4,
            "by": "bot",
            "at": "2026-11-23T10:04:05+08:00",
            "text": "第3步/共6步 手机\n请发您的手机号。",
            "choices": [],
            "after": "",
            "actions": [{"text": "0", "label": "返回"}, {"text": "9", "label": "人工"}],
            "links": [],
            "picture": None,
            "position": {"section": "phone", "title": "手机", "n": 3, "of": 6},
            "asks": "phone",
            "photo": False,
        }
    ],
    "next": 4,
    "later": False,
}


class Messages(BaseModel):
    """Messages in their order. `next`: what to ask for `after` the next time. `later`: the answer
    takes longer; it comes by GET /messages."""

    model_config = shown_as(**_EXAMPLE)
    messages: list[Message]
    next: int
    later: bool = False
