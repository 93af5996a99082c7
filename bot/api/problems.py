"""Errors as `application/problem+json` (RFC 9457): stable types, and a sentence for the person."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from flask import Response, request
from pydantic import BaseModel, Field

from config.locales import Texts

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:problem-type:shebaoka:"


class Sort(NamedTuple):
    """One type of problem: its status and its title, which does not change."""

    status: int
    title: str


PROBLEMS: dict[str, Sort] = {
    "not-signed-in": Sort(401, "No session token, or one that holds no longer"),
    "no-key": Sort(401, "No key of a system, or one that was revoked"),
    "login-refused": Sort(403, "The platform does not know this code, or not any more"),
    "not-found": Sort(404, "There is no such thing, or it is not yours"),
    "method": Sort(405, "Not in this way"),
    "not-now": Sort(409, "Not where the campaign stands; `stage` says where that is"),
    "person-decides": Sort(409, "A person goes on with it at the console, no system"),
    "too-large": Sort(413, "Larger than is taken here"),
    "media-type": Sort(415, "Not in this media type"),
    "malformed": Sort(422, "Not what is expected here"),
    "key-reused": Sort(422, "This Idempotency-Key was used for something else"),
    "unknown-choice": Sort(422, "No message shows such a choice"),
    "unfit": Sort(422, "No campaign can be made of this; `faults` say why"),
    "photo-refused": Sort(422, "Not a picture that can be taken"),
    "too-many": Sort(429, "Too many requests"),
    "fault": Sort(500, "A fault of ours"),
    "too-many-waiting": Sort(503, "Too many messages of yours wait already"),
    "away": Sort(503, "Nothing can be taken just now; nothing was changed"),
    "platform-away": Sort(503, "The platform does not answer just now"),
}
AGAIN_SECONDS = 5  # after what passes by itself


class ProblemBody(BaseModel):
    """What went wrong. `type` says it to a program and does not change; `detail` to the person, in
    the language of Accept-Language (zh or en); `places` name what was malformed, never its value.
    """

    type: str
    title: str
    status: int
    detail: str
    reason: str | None = Field(
        None, description="Of photo-refused: type, size, pixels, broken, animated or small."
    )
    places: list[str] | None = None
    faults: list[str] | None = Field(None, description="Of unfit: each as `where: why`.")
    stage: str | None = Field(None, description="Of not-now: where the campaign stands.")


class Problem(Exception):
    """Ends a request with this problem. `wait`: seconds after which it may be asked again."""

    def __init__(self, name: str, *, wait: float = 0.0, **more: Any) -> None:
        super().__init__(name)
        self.name, self.wait, self.more = name, wait, more

    def response(self, texts: Texts) -> Response:
        """As it is answered."""
        sort = PROBLEMS[self.name]
        body = ProblemBody(
            type=f"{TYPES}{self.name}",
            title=sort.title,
            status=sort.status,
            detail=texts.say(asked_locale(), f"api.problem.{self.name}"),
            **self.more,
        )
        answer = Response(body.model_dump_json(exclude_none=True), sort.status)
        answer.content_type = MEDIA_TYPE
        wait = self.wait or (AGAIN_SECONDS if sort.status == 503 else 0)
        if wait:
            answer.headers["Retry-After"] = str(math.ceil(wait))
        if sort.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer


def asked_locale() -> str:
    """The language of words that no conversation gives."""
    best = request.accept_languages.best_match(["zh", "en"], "zh")
    return "en" if best == "en" else "zh_CN"
