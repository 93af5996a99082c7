"""`/progress`: how far an application is, for whoever is known here or proves to be its person.

The same turn answers as in the chat: its codes, limits and silences hold. What the page may show
it is told by the answer (`about`), which was given to this visitor alone. The address carries
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.dialogue.messages import AccountKey
from bot.website.answers import Answer
from bot.website.home import chat_codes
from bot.website.qr import qr_inline
from bot.website.site import Website
from bot.website.time_line import Card, card
from models.applications import Application
from models.progress import own_applications, progress_of, shown_first

PAGE, ADDRESS = "progress", "/progress"
_FIELDS = {
    "ask": ("number", "name", "id_number"),
    "code": ("code",),
    "remember": (),
    "pass": ("application",),
}
_LONGEST = 100  # characters of a field


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows: `stage` is ask, code, pass or shown; `said` was answered last."""

    stage: str
    said: str = ""
    cards: Sequence[Card] = ()
    may_remember: bool = False
    answer: Answer | None = None
    qr: str = ""  # of the digits of a 领卡码: nothing of ours can be written in it
    until: str = ""

    def typed(self, field: str) -> str:
        return self.answer.typed.get(field, "") if self.answer else ""


def progress_views(website: Website) -> Blueprint:
    """The page and its forms."""
    views = Blueprint(PAGE, __name__, template_folder="templates")
    pages = _Pages(website)
    codes = chat_codes(website.parts.city)

    @views.get(ADDRESS)
    def progress() -> Response:
        visitor = website.visitors.known()
        view = pages.view(visitor.account) if visitor else View("ask")
        return website.personal("progress.html", view=view, codes=codes)

    @views.post(f"{ADDRESS}/<any({', '.join(_FIELDS)}):form>")
    def sent(form: str) -> AnyResponse:
        fields = {name: request.form.get(name, "").strip()[:_LONGEST] for name in _FIELDS[form]}
        update_id = website.forms.received(form, *fields.values())
        if form == "ask":
            website.limits.codes()
        account = website.visitors.arrive().account
        locale = website.pages.locale()
        website.answers.send(PAGE, account, update_id, f"{PAGE}.{form}", fields, locale)
        return redirect(f"{ADDRESS}#answer", 303)

    @views.post(f"{ADDRESS}/again")
    def again() -> AnyResponse:
        website.forms.received()
        if visitor := website.visitors.known():
            website.answers.forget(PAGE, visitor.account)
        return redirect(ADDRESS, 303)

    return views


class _Pages:
    """Makes the view of the page for a visitor who is known."""

    def __init__(self, website: Website) -> None:
        self._website, self._parts = website, website.parts

    def view(self, account: AccountKey) -> View:
        answer = self._website.answers.last(PAGE, account)
        about = answer.about if answer else ""
        if answer and about.startswith("pass:") and (shown := self._pass(answer)):
            return shown
        own = self._own(account)
        if about.startswith("application:"):
            return self._proven(account, about.partition(":")[2], own, answer)
        if about == "progress:code" or (answer and answer.form == "progress.code"):
            return View("code", answer.text if answer else "", own, answer=answer)
        said = answer.text if answer else ""
        return View("shown" if own else "ask", said, own, answer=answer)

    def _pass(self, answer: Answer) -> View | None:
        """The 领卡码 that was given out last, as long as it holds."""
        _, digits, ends = answer.about.split(":")
        until = datetime.fromtimestamp(int(ends), self._parts.city.tz)
        if until <= self._parts.sources.clock():
            return None
        return View("pass", answer.text, qr=qr_inline(digits), until=f"{until:%H:%M}")

    def _proven(
        self, account: AccountKey, application_id: str, own: Sequence[Card], answer: Answer | None
    ) -> View:
        """What was proven a moment ago, before what is this visitor's anyway."""
        with self._parts.database.reading() as records:
            found = records.get(Application, application_id)
            cards = [self._card(account, found)] if found else []
        known = {own_card.application_id for own_card in own}
        others = [own_card for own_card in own if own_card.application_id != application_id]
        may = bool(cards) and application_id not in known and cards[0].is_proven
        return View("shown", cards=[*cards, *others], may_remember=may, answer=answer)

    def _own(self, account: AccountKey) -> list[Card]:
        with self._parts.database.reading() as records:
            found = shown_first(own_applications(records, str(account)))
            return [self._card(account, application) for application in found]

    def _card(self, account: AccountKey, application: Application) -> Card:
        parts, locale = self._parts, self._website.pages.locale()
        telling = parts.telling(locale, account.channel)
        with parts.database.reading() as records:
            progress = progress_of(
                records, parts.keys, parts.city, application, parts.sources.clock()
            )
        return card(progress, telling)
