"""`/apply`: the conversation as a page. What is sent is an update, what is shown the transcript."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.ports import PhotoFault
from bot.website.chat import Chat, chat_before, chat_of, chosen, masked
from bot.website.site import Website

OPENS = "apply"  # what the conversation begins with
MOST_CHARACTERS = 1000
_FORM_BYTES = 64 * 1024  # of a form beside its photo
_NEWEST = "/apply#new"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one form holds: a button's `choice`, or `text` (typed, or a word's button), or a
    `photo`."""

    choice: str = ""
    text: str = ""
    photo: bytes = b""

    @property
    def content(self) -> tuple[str | bytes, ...]:
        return self.choice, self.text, self.photo


def apply_views(website: Website) -> Blueprint:
    """The page, what it sends, and the pictures it shows."""
    views = Blueprint("apply", __name__, template_folder="templates")
    parts = website.parts
    talk = _Talk(website)

    @views.before_request
    def take_photos() -> None:
        request.max_content_length = parts.city.photo.max_bytes + _FORM_BYTES

    @views.get("/apply")
    def apply() -> Response:
        visitor = website.visitors.known()
        chat = talk.shown(visitor.account if visitor else None)
        return website.personal("apply.html", chat=chat)

    @views.post("/apply")
    def said() -> AnyResponse:
        sent = _sent(parts.city.photo.max_bytes)
        update_id = website.forms.received(*sent.content)
        reply = talk.take(website.visitors.arrive().account, update_id, sent)
        answer = redirect(_NEWEST, 303)
        if reply and reply.locale:
            website.pages.speak(answer, reply.locale)
        return answer

    @views.get("/apply/picture/<key>")
    def picture(key: str) -> Response:
        visitor = website.visitors.known()
        image = parts.transcripts.picture(visitor.account, key) if visitor else None
        if image is None:
            abort(404)
        return Response(image, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})

    return views


def _sent(most_bytes: int) -> Sent:
    chosen_files = (file for file in request.files.getlist("photo") if file.filename)
    photo = next(chosen_files, None)
    return Sent(
        choice=request.form.get("choice", ""),
        text=request.form.get("word") or request.form.get("text", ""),
        photo=photo.stream.read(most_bytes + 1) if photo else b"",
    )


class _Talk:
    """The conversation behind the page."""

    def __init__(self, website: Website) -> None:
        self._website = website
        self._parts = website.parts
        self._conversations = website.conversations

    def shown(self, account: AccountKey | None) -> Chat:
        """The transcript; the first question where nothing was said yet."""
        entries = self._conversations.entries(account) if account else ()
        if not entries:
            locale = self._website.pages.locale()
            return chat_before(self._conversations.preview(account, OPENS, locale))
        chat = chat_of(entries, self._parts.sources.clock())
        self._website.pages.use(chat.asked.locale or self._website.pages.locale())
        return chat

    def take(self, account: AccountKey, update_id: str, sent: Sent) -> Reply | None:
        """Take what was sent to the conversation, which begins with it if it is the first. Returns
        its answer."""
        if not self._conversations.entries(account):
            self._conversations.begin(account, OPENS, self._website.pages.locale())
        if sent.photo:
            return self._photo(account, update_id, sent.photo)
        if sent.choice:
            return self._choice(account, update_id, sent.choice)
        if len(sent.text) > MOST_CHARACTERS:
            told = self._website.pages.say("apply.too_long")
            return self._aside(account, update_id, f"{sent.text[:20]}…", told)
        text = sent.text.strip()
        return self._text(account, update_id, text) if text else None

    def _text(self, account: AccountKey, update_id: str, text: str, key: str = "") -> Reply | None:
        now = self._parts.sources.clock()
        update = Update(update_id, account, Kind.TEXT, now, text=text, key=key)
        return self._conversations.say(update, masked(text))

    def _choice(self, account: AccountKey, update_id: str, value: str) -> Reply | None:
        """A button of the page: one of the transcript's options. Others say nothing."""
        option = chosen(self._conversations.entries(account), value)
        return self._text(account, update_id, option.label, option.key) if option else None

    def _photo(self, account: AccountKey, update_id: str, image: bytes) -> Reply | None:
        pages, texts = self._website.pages, self._parts.texts
        shown = pages.say("apply.photo_sent")
        upload_id = sha256(f"{account} {update_id}".encode()).hexdigest()[:32]
        try:
            media = self._parts.uploads.keep(account, upload_id, image)
        except PhotoFault as fault:
            told = texts.say_in("web", pages.locale(), f"problem.photo.{fault.code}")
            return self._aside(account, update_id, shown, told)
        now = self._parts.sources.clock()
        update = Update(update_id, account, Kind.IMAGE, now, media=media)
        return self._conversations.say(update, shown)

    def _aside(self, account: AccountKey, update_id: str, shown: str, told: str) -> Reply:
        """What the page itself answers: the question stays open."""
        reply = Reply(told, locale=self._website.pages.locale())
        self._conversations.put_aside(account, update_id, masked(shown), reply)
        return reply
