"""`Website`: what every page of the site is made with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flask import Response, make_response

from bot.assembly import Assembly
from bot.website.answers import Answers
from bot.website.conversation import Conversations
from bot.website.counting import Counting
from bot.website.forms import Forms
from bot.website.hardening import personal
from bot.website.rendering import Pages
from bot.website.visitors import Visitors


@dataclass(frozen=True)
class Website:
    """Made once when the application starts; what it offers belongs to a request."""

    parts: Assembly

    @cached_property
    def visitors(self) -> Visitors:
        return Visitors(self.parts)

    @cached_property
    def forms(self) -> Forms:
        return Forms(self.parts, self.visitors, self.limits)

    @cached_property
    def limits(self) -> Counting:
        return Counting(self.parts)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.parts)

    @cached_property
    def pages(self) -> Pages:
        return Pages(self.parts, self.forms.once)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self.parts)

    def personal(self, template: str, status: int = 200, **values: object) -> Response:
        """A page about somebody, or with a form of theirs: kept by nobody on the way."""
        answer = make_response(self.pages.render(template, **values), status)
        return personal(answer, self.parts.settings.wechat_js_url)
