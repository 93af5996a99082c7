"""What residents see of the site itself: files, and one-use pictures."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request, send_from_directory
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound, ServiceUnavailable

from bot.assembly import Assembly
from bot.offices.watermark import watermark
from bot.website.hardening import POLICY, NoCookies, harden
from bot.website.rendering import Pages
from bot.website.site import Website
from config.locales import SOURCE
from models.documents import open_document
from models.notices import use_link
from models.sealing import SealError

__all__ = ["POLICY", "NoCookies", "Pages", "harden", "website_views"]

log = structlog.get_logger(__name__)


def website_views(website: Website) -> Blueprint:
    """Server-rendered pages without scripts."""
    views = Blueprint("website", __name__, template_folder="templates")
    pages, parts = website.pages, website.parts
    views.after_app_request(pages.remember)

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
