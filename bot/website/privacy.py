"""`/privacy`: the notice that people consent to, in every version that ever held."""

from __future__ import annotations

from flask import Blueprint, abort

from bot.website.site import Website
from config.privacy import Notice, PrivacyNotices


def privacy_views(website: Website, notices: PrivacyNotices) -> Blueprint:
    """The present version, and each older one under an address of its own."""
    views = Blueprint("privacy", __name__, template_folder="templates")

    @views.get("/privacy")
    def present() -> str:
        return _page(notices.present)

    @views.get("/privacy/<version>")
    def older(version: str) -> str:
        return _page(notices.version(version) or abort(404))

    def _page(notice: Notice) -> str:
        pages = website.pages
        return pages.render(
            "privacy.html",
            notice=notice,
            parts=notice.parts[pages.locale()],
            is_present=notice is notices.present,
            others=[other for other in notices.all if other is not notice],
            present=notices.present,
            day=pages.day,
        )

    return views
