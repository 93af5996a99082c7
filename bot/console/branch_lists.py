"""A clerk's lists: what waits at this branch, what is to come, what goes to another branch."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.branch_cards import Line, branch_name, line
from bot.console.desk import Console
from models.application_states import State
from models.applications import Application
from models.audit import Act
from models.card_moves import CardMove, moves_at
from models.collection import COMING, arrive, card_at, cards_at, end_move, send_move

ROWS = 50
LISTS = {
    "waiting": ((State.READY_FOR_PICKUP,), "待领的卡"),
    "coming": (COMING, "在路上的卡"),
    "not-on": ((State.COLLECTED,), "已领未启用"),
}


def branch_list_views(console: Console) -> Blueprint:
    """Below `/branch`: the lists, 到网点, and moves between branches."""
    views = Blueprint("branch_lists", __name__)

    def branch() -> str:
        return console.me.branch or abort(404)

    @views.get("/branch/list/<any('waiting', 'coming', 'not-on'):which>")
    def cards(which: str) -> str:
        states, title = LISTS[which]
        with console.database.reading() as records:
            after_id = request.args.get("after", "")
            after = card_at(records, branch(), after_id) or abort(404) if after_id else None
            found = cards_at(records, branch(), states, ROWS, after)
            rows = [line(console, card) for card in found]
        more = found[-1].id if len(found) == ROWS else ""
        return console.render("branch_list.html", which=which, name=title, rows=rows, more=more)

    @views.post("/branch/arrived")
    def arrived() -> ResponseReturnValue:
        wanted = request.form.getlist("card")[:ROWS]
        with console.database.writing() as records:
            for card in [card_at(records, branch(), each) or abort(404) for each in wanted]:
                if card.state in COMING:
                    console.note(
                        records,
                        "card.arrived",
                        f"application:{card.id}",
                        "signed for",
                        purpose="collection",
                    )
                    arrive(records, console.life, card, console.now(), by=console.me.by)
        console.ring("notices")
        return redirect(url_for("branch_lists.cards", which="coming"), 303)

    _add_moves(views, console)
    return views


def _add_moves(views: Blueprint, console: Console) -> None:
    """The cards that go to another branch, or come from one."""

    def branch() -> str:
        return console.me.branch or abort(404)

    @views.get("/branch/moves")
    def moves() -> str:
        with console.database.reading() as records:
            found = [
                _move(console, move, records.get_one(Application, move.application_id))
                for move in moves_at(records, branch(), ROWS)
            ]
        return console.render("branch_moves.html", moves=found)

    @views.post("/branch/moves/<move_id>/<any('sent', 'arrived'):what>")
    def moved(move_id: str, what: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            move = records.get(CardMove, move_id)
            here = move and (move.from_branch if what == "sent" else move.to_branch)
            if move is None or move.ended_at is not None or here != branch():
                abort(404)
            card = records.get_one(Application, move.application_id)
            subject, now, by = f"application:{card.id}", console.now(), console.me.by
            if what == "sent":
                done = send_move(records, card, move, now, by=by)
            else:
                done = end_move(records, console.life, card, move, now, by=by)
            if done:
                act: Act = "card.sent" if what == "sent" else "card.arrived"
                console.note(records, act, subject, "another branch", purpose="collection")
        console.ring("notices")
        return redirect(url_for("branch_lists.moves"), 303)


def _move(console: Console, move: CardMove, card: Application) -> dict[str, object]:
    row: Line = line(console, card)
    return {
        "id": move.id,
        "row": row,
        "leaves": move.from_branch == console.me.branch,
        "other": branch_name(
            console,
            move.to_branch if move.from_branch == console.me.branch else move.from_branch,
        ),
        "sent": move.sent_at is not None,
        "here": card.state == State.READY_FOR_PICKUP,
    }
