"""Bars as SVG: a picture of a table that stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, render_template

# A chart is a document of its own: its style is inside it, it runs and fetches nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
WIDTH, LABELS, ROW, BAR = 860, 190, 34, 22  # pixels; `LABELS` is where the bars begin
_ROOM = WIDTH - LABELS - 70  # for the longest bar; the rest is for its figure
_COLOURS = ("#0b5a6b", "#b45309", "#76838f")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a bar, in pixels."""

    x: float
    y: int
    width: float
    colour: str


@dataclass(frozen=True, slots=True)
class Line:
    """A label, the pieces of its bar, and the sum of them behind it."""

    label: str
    middle: int
    pieces: Sequence[Piece]
    total: int
    ends: float


def bars(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]) -> Response:
    """One bar for each label, from the top, made of one piece for each of at most three series
    (their names are told below where there are several)."""
    longest = max((sum(counts) for counts in zip(*(c for _, c in series), strict=True)), default=0)
    scale = _ROOM / max(1, longest)
    lines = [
        _line(n, label, [counts[n] for _, counts in series], scale)
        for n, label in enumerate(labels)
    ]
    legend = [(name, _COLOURS[n]) for n, (name, _) in enumerate(series)] if len(series) > 1 else []
    chart = render_template(
        "bars.svg",
        width=WIDTH,
        height=ROW * (len(labels) + bool(legend)) + 10,
        labels=LABELS - 12,
        bar=BAR,
        lines=lines,
        legend=legend,
        below=ROW * len(labels),
    )
    answer = Response(chart, mimetype="image/svg+xml")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def _line(n: int, label: str, counts: Sequence[int], scale: float) -> Line:
    top, total = n * ROW + (ROW - BAR) // 2, sum(counts)
    pieces = [piece for piece in _pieces(top, counts, scale) if piece.width]
    return Line(label, n * ROW + ROW // 2, pieces, total, LABELS + total * scale + 8)


def _pieces(top: int, counts: Sequence[int], scale: float) -> Iterator[Piece]:
    x = float(LABELS)
    for count, colour in zip(counts, _COLOURS, strict=False):
        yield Piece(round(x, 1), top, round(count * scale, 1), colour)
        x += count * scale
