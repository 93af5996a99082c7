"""Pages in the language and the size of type that a visitor wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Response, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from bot.assembly import Assembly
from bot.website.cookies import Cookies
from config.locales import LOCALES, SOURCE

ANY_LANGUAGE = ("zh", "en")
SIZES = ("normal", "large")
PREFERENCE_SECONDS = 365 * 24 * 3600


def page_address() -> str:
    """The page that is shown, for its own links: "" for the address as it stands; where a form's
    answer is shown, the page that the form belongs to."""
    return "" if request.method in ("GET", "HEAD") else "/" + request.path.split("/")[1]


class Pages:
    """Renders templates. Language: `?lang=`, else what was asked for before, else the browser's;
    `?size=large` likewise. Both are remembered in a cookie that says nothing else."""

    def __init__(self, parts: Assembly, once: Callable[[], str] | None = None) -> None:
        """`once` makes the hidden field of a form; see `Forms`."""
        self._parts = parts
        self._once = once
        self._cookies = Cookies(parts.settings.public_url)

    def use(self, locale: str) -> None:
        """For the rest of this request, whatever was asked for: a conversation has a language."""
        g.page_locale = locale

    def locale(self) -> str:
        if "page_locale" in g:
            return str(g.page_locale)
        asked = request.args.get("lang") or self._cookies.read("lang")
        if asked not in ANY_LANGUAGE:
            asked = request.accept_languages.best_match(ANY_LANGUAGE, "zh")
        return "en" if asked == "en" else SOURCE

    def is_large(self) -> bool:
        return (request.args.get("size") or self._cookies.read("size")) == "large"

    def say(self, key: str, **values: object) -> str:
        """A text of the website."""
        return self._parts.texts.say(self.locale(), f"website.{key}", **values)

    def day(self, when: date) -> str:
        """A day with its year."""
        return self._parts.texts.say(self.locale(), "trust.day", day=when)

    def render(self, template: str, **values: object) -> str:
        given = {
            "locale": self.locale(),
            "locales": LOCALES,
            "large": self.is_large(),
            "city": self._parts.city,
            "say": self.say,
            "once": self._once,
            "path": request.path,
            "here": page_address(),
        }
        return render_template(template, **{**given, **values})

    def remember(self, response: Response) -> Response:
        """After a request that named a language or a size. What a page looks like depends on what
        is remembered."""
        if response.mimetype == "text/html":
            response.vary.update(("Cookie", "Accept-Language"))
            response.headers.setdefault("Cache-Control", "private, no-cache")
        for name, known in (("lang", ANY_LANGUAGE), ("size", SIZES)):
            if (asked := request.args.get(name)) in known and request.method == "GET":
                self._cookies.give(response, name, str(asked), PREFERENCE_SECONDS)
        return response

    def speak(self, response: AnyResponse, locale: str) -> None:
        """From now on in this language."""
        self._cookies.give(response, "lang", "en" if locale == "en" else "zh", PREFERENCE_SECONDS)
