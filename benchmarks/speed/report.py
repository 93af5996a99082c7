"""`docs/performance.md`: the figures of the last run between two marks, the plot beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed import figures, plot
from benchmarks.speed.figures import Spread, of_rounds
from benchmarks.speed.servers import BARE
from benchmarks.speed.stages import RECORDS

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


def summary(results: Mapping[str, Any]) -> str:
    """What each promise came to, a line each."""
    lines = [
        f"{'holds ' if holds else 'FAILS '} {what}: {measured}"
        for what, measured, holds in figures.verdicts(results)
    ]
    return "\n".join(["", *lines, ""])


def write(results: Mapping[str, Any], docs: Path, source: Path) -> None:
    """Put the figures into the page, and draw its plot."""
    page = docs / "performance.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{_figures(results, source)}\n\n{END}{after}", "utf-8")
    (docs / "performance.svg").write_text(plot.drawn(results), "utf-8")


def _figures(results: Mapping[str, Any], source: Path) -> str:
    return "\n\n".join(
        [
            _head(results, source),
            "![Turns a second of each rig](performance.svg)",
            _table(["promise", "measured", "holds"], _promises(results)),
            "Side by side, medians over the rounds (least to most where it says so):",
            _table(["", *figures.names()], _side_by_side(results)),
            _one_by_one(results),
            "Where one turn's time goes, one person after another, in microseconds:",
            _table(["stage", "first profile", "now", "budget"], _stages(results)),
        ]
    )


def _head(results: Mapping[str, Any], source: Path) -> str:
    machine, plan = results["machine"], results["plan"]
    return (
        f"Measured on {results['date'][:10]} by `{results['command']}` (`make bench`) in"
        f" {results['seconds']} s, commit `{results['commit'][:12]}`, on {machine['cores']} cores"
        f" of {machine['cpu']}, {machine['memory_gb']} GB, Python {machine['python']},"
        f" {machine['system']}; one durable write takes {machine['fsync_ms']} ms, load before the"
        f" run {machine['load_before']}. {plan['rounds']} rounds of {plan['people']} people ×"
        f" {results['messages']} messages over {plan['connections']} connections."
        f" All figures: [{source.name}](../{source.as_posix()})."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _promises(results: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    for what, measured, holds in figures.verdicts(results):
        yield what, measured, "yes" if holds else "**no**"


def _side_by_side(results: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    def row(what: str, name: str, scale: float, digits: int) -> list[str]:
        cells = (of_rounds(results, rig, name).median * scale for rig in figures.names())
        return [what, *(f"{cell:.{digits}f}" for cell in cells)]

    yield "what it is", *figures.names().values()
    yield (
        "turns a second",
        *(_spread(of_rounds(results, rig, "per_second"), 0) for rig in figures.names()),
    )
    yield "ours by this", "1", *(_spread(figures.ratio_to(results, r), 2) for r in figures.others())
    yield row("p50, ms", "p50", 1000, 1)
    yield row("p99, ms", "p99", 1000, 1)
    yield row("server CPU a turn, µs", "server_cpu", 1, 0)
    yield row("Redis CPU a turn, µs", "redis_cpu", 1, 0)
    yield row("Redis calls a turn", "redis_calls", 1, 2)
    yield row("memory after the round, MB", "memory_mb", 1, 0)
    alone = results["one_connection"]
    for name, what in (("p50", "one connection: p50, ms"), ("p99", "one connection: p99, ms")):
        yield what, *(f"{alone[rig][name] * 1000:.2f}" for rig in figures.names())


def _spread(found: Spread, digits: int) -> str:
    least, median, most = (f"{x:.{digits}f}" for x in (found.least, found.median, found.most))
    return f"{median} ({least} to {most})"


def _one_by_one(results: Mapping[str, Any]) -> str:
    lines = [
        _ceiling(results),
        _paced(results["four_fifths"]),
        _workers(results),
        _load(results["load"]),
    ]
    if demo := results.get("demo"):
        lines.append(_demo(demo))
    return "\n".join(lines)


def _ceiling(results: Mapping[str, Any]) -> str:
    ratios = (
        f"{_spread(figures.ratio_to(results, rig, BARE.name), 2)} × {rig}" for rig in figures.FLOORS
    )
    return (
        f"- The ceiling: `bare`, two exchanges of the turn with Redis and our codec around nothing,"
        f" reaches {', '.join(ratios)}. What a floor asks beyond this, no turn with two durable"
        " exchanges can give here."
    )


def _paced(paced: Mapping[str, float]) -> str:
    return (
        f"- At four fifths of the top speed ({paced['rate']:.0f} a second, {paced['turns']} turns,"
        f" times from when a message was due): p50 {paced['p50'] * 1000:.1f} ms,"
        f" p99 {paced['p99'] * 1000:.1f} ms, longest {paced['longest'] * 1000:.0f} ms."
    )


def _workers(results: Mapping[str, Any]) -> str:
    speed, cpu = figures.speed_of_two(results), figures.cpu_of_two(results)
    return (
        f"- Two worker processes against one: {_spread(speed, 2)} × the speed,"
        f" {_spread(cpu, 2)} × the CPU a turn. With fewer than four cores the load and Redis share"
        " the second core, so the CPU a turn is what is promised."
    )


def _load(load: Mapping[str, float]) -> str:
    return (
        f"- The load itself takes {load['cpu']:.0f} µs of CPU a request: where wrk gets"
        f" {load['wrk']:.0f} echoes a second, it gets {load['own']:.0f}."
    )


def _demo(demo: Mapping[str, float]) -> str:
    return (
        f"- The demo is ready in {demo['start']:.1f} s ({demo['first_start']:.1f} s the first"
        f" time) and holds {demo['memory_mb']:.0f} MB in all its processes."
    )


def _stages(results: Mapping[str, Any]) -> Iterable[Sequence[str]]:
    told = results["stages"]
    columns = [told[name] for name in ("first", "measured", "budget")]
    for name in told["measured"]:
        yield name, *(f"{column[name]:.0f}" for column in columns)
    usual = [name for name in told["measured"] if name != RECORDS]
    sums = (sum(column[name] for name in usual) for column in columns)
    yield "a turn that writes nothing, in all", *(f"{total:.0f}" for total in sums)
