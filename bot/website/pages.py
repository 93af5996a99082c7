"""What residents see of the site itself: home, the privacy notice, and one-use pictures."""

from __future__ import annotations

import structlog
from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    render_template,
    request,
    send_from_directory,
)
from flask.sessions import SessionInterface
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound, ServiceUnavailable

from bot.assembly import Assembly
from bot.offices.watermark import watermark
from config.locales import LOCALES, SOURCE
from models.documents import open_document
from models.notices import use_link
from models.sealing import SealError

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'"
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


log = structlog.get_logger(__name__)


def harden(response: Response) -> Response:
    """What every answer of the site carries, an unknown address's too. A page with a policy of its
    own keeps that."""
    for name, value in HEADERS:
        response.headers.setdefault(name, value)
    return response


class NoCookies(SessionInterface):
    """Nothing is remembered of a visitor: Flask's own opens and signs a cookie at each request."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


class Pages:
    """Renders templates in the language that is asked for: `?lang=`, else the browser's."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts

    def locale(self) -> str:
        asked = request.args.get("lang") or request.accept_languages.best_match(["zh", "en"], "zh")
        return "en" if asked.startswith("en") else SOURCE

    def say(self, key: str, **values: object) -> str:
        """A text of the website."""
        return self._parts.texts.say(self.locale(), f"website.{key}", **values)

    def render(self, template: str, **values: object) -> str:
        return render_template(
            template,
            locale=self.locale(),
            locales=LOCALES,
            city=self._parts.city,
            say=self.say,
            **values,
        )


def website_views(parts: Assembly) -> Blueprint:
    """Server-rendered pages without scripts."""
    views = Blueprint("website", __name__, template_folder="templates")
    pages = Pages(parts)

    @views.get("/")
    def home() -> str:
        return pages.render("home.html")

    @views.get("/privacy")
    def privacy() -> str:
        return pages.render("privacy.html")

    @views.get("/static/<path:name>")
    def static(name: str) -> Response:
        return send_from_directory(f"{views.root_path}/static", name)

    @views.get("/picture/<token>")
    def picture(token: str) -> Response:
        """A portrait, once, within ten minutes; watermarked, and kept by nobody on the way."""
        # A messenger looks at a link with HEAD before the person opens it.
        image = b"" if request.method == "HEAD" else _linked(parts, token)
        return Response(image, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})

    return views


def _linked(parts: Assembly, token: str) -> bytes:
    """The picture of a one-use link, which is used up by this.

    Whatever fails is answered here: what leaves this view is logged with its address, which holds
    the token.
    """
    try:
        with parts.database.writing() as records:
            document = use_link(records, token, parts.sources.clock())
        if document is None:
            raise NotFound
        with parts.database.reading() as records:
            image = open_document(records, parts.keys, parts.objects, document)
    except KeyError:  # it has expired meanwhile
        raise NotFound from None
    except (SQLAlchemyError, SealError, OSError) as fault:
        log.error("picture not shown", fault=type(fault).__name__)
        raise ServiceUnavailable from None
    return watermark(image, parts.texts.say(SOURCE, "card.portrait.watermark"))
