"""The plot of a run: turns a second of each rig, every round a dot, the median a bar. SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.speed import figures
from benchmarks.speed.figures import of_rounds

WIDTH, LEFT, ROW, BAR = 720, 110, 46, 22
_COLOURS = {"ours": "#1a7f64"}
_OTHERS = "#8a94a6"


def drawn(results: Mapping[str, Any]) -> str:
    """One picture; it names its date and machine, for it is looked at alone."""
    rigs = list(figures.names())
    most = max(of_rounds(results, rig, "per_second").most for rig in rigs)
    height = ROW * len(rigs) + 90
    size = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>Turns a second of each rig</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-weight="bold">Turns a second, safe mode</text>',
    ]
    for number, rig in enumerate(rigs):
        parts += _row(results, rig, 40 + ROW * number, (WIDTH - LEFT - 170) / most)
    machine = results["machine"]
    where = f"{machine['cores']} cores of {machine['cpu']}, Python {machine['python']}"
    notes = ("Bars are medians, dots the rounds.", f"{results['date'][:10]}, {where}")
    for line, note in enumerate(notes):
        at = height - 28 + 17 * line
        parts.append(f'<text x="{LEFT}" y="{at}" fill="#555555">{note}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _row(results: Mapping[str, Any], rig: str, top: float, scale: float) -> Iterator[str]:
    speeds = of_rounds(results, rig, "per_second")
    median, end = speeds.median, LEFT + speeds.most * scale
    middle, colour = top + ROW / 2, _COLOURS.get(rig, _OTHERS)
    yield f'<text x="{LEFT - 10}" y="{middle + 5:.0f}" text-anchor="end">{rig}</text>'
    yield (
        f'<rect x="{LEFT}" y="{middle - BAR / 2:.0f}" width="{median * scale:.0f}"'
        f' height="{BAR}" fill="{colour}"/>'
    )
    for each in results["rounds"]:
        at = LEFT + each[rig]["per_second"] * scale
        yield f'<circle cx="{at:.1f}" cy="{middle:.0f}" r="3.5" fill="#222222"/>'
    label = (
        f"{median:.0f}" if rig == "ours" else f"{median:.0f} (ours is {_ratio(results, rig)} of it)"
    )
    yield f'<text x="{end + 12:.0f}" y="{middle + 5:.0f}">{label}</text>'


def _ratio(results: Mapping[str, Any], rig: str) -> str:
    return f"{figures.ratio_to(results, rig).median:.2f}"
