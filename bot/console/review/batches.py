"""Those where everything agrees: ten at a glance, each picture opened on screen, then approved with
one key. What was not opened is said, and nothing is approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.console.review.case import Shot, shots_of
from bot.console.review.reviewing import HELD, UNFIT, Reviewing
from bot.console.review.seeing import note_view, seen
from models.applications import Application, open_answers
from models.documents import documents_of
from models.progress import tail
from models.review.claims import NotHeld, claims_of, release
from models.review.items import Lane, ReviewItem
from models.review.together import NotOpened, agreeing, approve_together, not_opened


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the ten: what is told of it at a glance, and its pictures."""

    id: str
    number: str
    name: str
    id_number: str
    shots: Sequence[Shot]
    unseen: frozenset[str]  # documents that were not opened yet

    @property
    def tail(self) -> str:
        return tail(self.number)

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.shots)

    @property
    def seen(self) -> int:
        """How many of them were opened."""
        return sum(shot.document not in self.unseen for shot in self.shots)


def batch_views(views: Blueprint, desk: Reviewing) -> None:
    """`/batch`."""
    console = desk.console

    @views.get("/batch")
    def batch() -> ResponseReturnValue:
        return _page(desk)

    @views.post("/batch/next")
    def batch_next() -> ResponseReturnValue:
        with console.database.writing() as records:
            _fill(desk, records)
        return redirect(url_for("review.batch"), 303)

    @views.post("/batch")
    def approve_all() -> ResponseReturnValue:
        ids = request.form.getlist("application")
        try:
            with console.database.writing() as records:
                for each in ids:
                    seen(console, records, each)
                now = console.now()
                for made in approve_together(records, console.life, console.me, ids, now):
                    desk.note(records, "application.decided", made)
                _fill(desk, records)
        except NotOpened as fault:
            return _page(desk, missing=fault.missing)
        except NotHeld:
            return _page(desk, said="有一件不在您手上了，一件都没有通过。", status=HELD)
        return redirect(url_for("review.batch"), 303)

    @views.post("/batch/release")
    def batch_release() -> ResponseReturnValue:
        with console.database.writing() as records:
            for item in _mine(desk, records):
                release(records, console.life, console.me, item.application_id, console.now())
        return redirect(url_for("review.start"), 303)


def _fill(desk: Reviewing, records: Records) -> None:
    """Claim as many as one looks at together, for as long as one stays signed in."""
    console = desk.console
    agreeing(records, console.life, console.me, console.now(), until=desk.lease_end())


def _mine(desk: Reviewing, records: Records) -> list[ReviewItem]:
    """What this person has claimed of the first lane."""
    mine = claims_of(records, desk.console.me)
    return [item for item in mine if item.lane == Lane.AGREES][: desk.console.city.review.batch]


def _page(
    desk: Reviewing,
    *,
    said: str = "",
    status: int = 200,
    missing: Mapping[str, Sequence[str]] | None = None,
) -> ResponseReturnValue:
    console = desk.console
    with console.database.reading() as records:
        ids = [item.application_id for item in _mine(desk, records)]
        unseen = not_opened(records, console.me, ids)
        rows = records.scalars(select(Application).where(Application.id.in_(ids)))
        applications = {application.id: application for application in rows}
        documents = documents_of(records, *ids)
        tiles = [_tile(desk, applications[each], documents[each], unseen) for each in ids]
        if missing:
            said, status = _say(missing, tiles), UNFIT
        html = desk.page(records, "batch.html", tiles=tiles, view=_first_unseen(tiles), said=said)
        records.expunge_all()
    note_view(console, *applications.values())
    return html, status


def _tile(
    desk: Reviewing,
    application: Application,
    documents: Sequence[str],
    unseen: Mapping[str, Sequence[str]],
) -> Tile:
    answers = open_answers(application, desk.console.keys)
    return Tile(
        id=application.id,
        number=application.number,
        name=str(answers.get("name", "")),
        id_number=str(answers.get("id_number", "")),
        shots=shots_of(answers, others=documents),
        unseen=frozenset(unseen.get(application.id, ())),
    )


def _first_unseen(tiles: Sequence[Tile]) -> int:
    """Which picture is shown: as the address says, else the first that was not opened."""
    shots = [(tile, shot) for tile in tiles for shot in tile.shots]
    given = request.args.get("view", "")
    if given.isdecimal() and shots:
        return int(given) % len(shots)
    left = (n for n, (tile, shot) in enumerate(shots) if shot.document in tile.unseen)
    return next(left, 0)


def _say(missing: Mapping[str, Sequence[str]], tiles: Sequence[Tile]) -> str:
    left = [
        f"尾号 {tail(tile.number)} 还有 {len(missing[tile.id])} 张"
        for tile in tiles
        if tile.id in missing
    ]
    return f"还有图片没有打开，一件都没有通过：{'；'.join(left)}。"
