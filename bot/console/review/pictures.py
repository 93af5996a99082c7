"""The pictures of a case, marked with who looks and when. No browser keeps them: the page holds
them in memory, and asks for those of the next case ahead."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.case import shots_of
from bot.console.review.seeing import note_view, seen
from models.applications import Application, open_answers
from models.documents import Document, documents_of, open_document
from models.review.rounds import answers_of_round
from models.review.together import opened
from models.sealing import SealError

LARGE, SMALL = 1400, 240
"""Pixels of the longest side: every word of an ID card is read at the one, cards are told apart at
the other."""


def picture_route(views: Blueprint, console: Console) -> None:
    """`/review/<application>/pictures/<document>`; `?size=small` for a glance, `?shown=1` where
    it is asked for as it comes on screen, which is noted (`models.review.together`)."""

    @views.get("/review/<application_id>/pictures/<document_id>")
    def picture(application_id: str, document_id: str) -> Response:
        with console.database.reading() as records:
            found = seen(console, records, application_id)
            if not found.may_be_opened_by(console.me):
                abort(404)
            jpeg = _opened(console, records, found.application, document_id)
            records.expunge_all()
        note_view(console, found.application)
        words = f"{console.me.login} {console.now():%Y-%m-%d}"
        if request.args.get("shown"):
            with console.database.writing() as records:
                opened(records, console.me, document_id, console.now())
        longest = SMALL if request.args.get("size") == "small" else LARGE
        return Response(console.mark(jpeg, words, longest), mimetype="image/jpeg")


def _opened(
    console: Console, records: Records, application: Application, document_id: str
) -> bytes:
    """404 for what is no document of this application, and for one that is gone."""
    document = records.get(Document, document_id)
    if document is None or document.application_id != application.id:
        abort(404)
    try:
        return open_document(records, console.keys, console.objects, document_id)
    except (KeyError, SealError):
        abort(404)


def addresses_of(console: Console, records: Records, application_id: str | None) -> list[str]:
    """Where the pictures are that the page of this case will show."""
    application = records.get(Application, application_id) if application_id else None
    if application is None:
        return []
    answers = open_answers(application, console.keys)
    before = application.round - 1
    earlier = answers_of_round(records, console.keys, application.id, before) if before else None
    return [
        url_for("review.picture", application_id=application.id, document_id=shot.document)
        for shot in shots_of(
            answers, earlier, documents_of(records, application.id)[application.id]
        )
    ]
