"""`/photos`: what a good photo looks like, and what comes back, as drawings beside their words."""

from __future__ import annotations

from flask import Blueprint

from bot.website.site import Website

PORTRAITS = ("good", "shadow", "covered", "small")
CARDS = ("card_good", "card_cut")


def samples_views(website: Website) -> Blueprint:
    """The page. The drawings are nobody's photo."""
    views = Blueprint("samples", __name__, template_folder="templates")

    @views.get("/photos")
    def photos() -> str:
        return website.pages.render("photos.html", portraits=PORTRAITS, cards=CARDS)

    return views
