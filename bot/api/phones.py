"""The number that the platform's button gives a front end, as an answer to the phone question.

The front end never names the number itself: it hands on what only the platform can open.
"""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from bot.api.bearer import speaker
from bot.api.conversation import Conversation, Doing
from bot.api.describing import answers
from bot.api.doors import Doors, Refused
from bot.api.problems import Problem
from bot.api.shapes import Idempotent, Messages, shown
from bot.api.talking import TURN_PROBLEMS, told
from bot.dialogue.messages import AccountKey, Kind
from models.masking import masks_of

_TAG = [Tag(name="phone", description="The platform's word on a phone number")]
_PROBLEMS = (*TURN_PROBLEMS, "login-refused", "not-found", "platform-away")


class WeChatPhone(BaseModel):
    """The code of a button with open-type getPhoneNumber or getRealtimePhoneNumber."""

    model_config = shown(code="e31968a7f94cc5ee25fafc2aef2773f0")
    code: str = Field(min_length=1, max_length=256)


class AlipayPhone(BaseModel):
    """What `my.getPhoneNumber` gave: sealed and signed by the platform."""

    model_config = shown(response="ILpoMowjIQjfYMR847rnFQ==", sign="c2lnbmF0dXJl")
    response: str = Field(min_length=1, max_length=4096)
    sign: str = Field(min_length=1, max_length=1024)


class PlatformPhones:
    """Asks the platforms for the number behind what a front end hands on."""

    def __init__(self, doors: Doors, conversation: Conversation) -> None:
        self._doors, self._conversation = doors, conversation

    def give(self, platform: str, key: str, given: dict[str, str]) -> tuple[Response, int]:
        """The number as the person's answer. Raises `Problem`, `Refused`, `PlatformAway`."""
        account = speaker()
        phone = self._number(platform, account, key, given)
        masked = masks_of(account.channel)["phone"](phone)
        doing = Doing(Kind.PHONE, given, text=phone, shown=masked, more={"phone": phone})
        return told(self._conversation.say(account, key, doing, None))

    def _number(self, platform: str, account: AccountKey, key: str, given: dict[str, str]) -> str:
        """The platform opens a code once: a repeat goes by what it gave then."""
        program = self._doors.programs.get(platform)
        if program is None or program.channel != account.channel:
            raise Problem("not-found")
        if (earlier := self._earlier(account, key)) is not None:
            return earlier
        try:
            return program.phone(account, given)
        except Refused:  # the same request, made twice at the same moment, was faster
            if (earlier := self._earlier(account, key)) is not None:
                return earlier
            raise

    def _earlier(self, account: AccountKey, key: str) -> str | None:
        entry = self._conversation.earlier(account, key)
        return None if entry is None else str(entry.more.get("phone", ""))


def phone_views(views: APIBlueprint, doors: Doors, conversation: Conversation) -> None:
    """`POST /phone/wechat` and `/phone/alipay`."""

    described = answers(200, Messages, *_PROBLEMS, s202=Messages)
    phones = PlatformPhones(doors, conversation)

    @views.post("/phone/wechat", tags=_TAG, responses=described)
    def give_phone_of_wechat(header: Idempotent, body: WeChatPhone) -> tuple[Response, int]:
        """Answer the phone question with the number that WeChat knows"""
        return phones.give("wechat", header.key, body.model_dump())

    @views.post("/phone/alipay", tags=_TAG, responses=described)
    def give_phone_of_alipay(header: Idempotent, body: AlipayPhone) -> tuple[Response, int]:
        """Answer the phone question with the number that Alipay knows"""
        return phones.give("alipay", header.key, body.model_dump())
