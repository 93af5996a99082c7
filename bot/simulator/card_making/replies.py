"""Reply files: what is to be said is put into files, one for each stage, and spoilt on demand."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Any

from bot.simulator.card_making.envelope import SUITES, sealed
from bot.simulator.card_making.ledger import Ledger
from bot.simulator.card_making.line import joined
from bot.simulator.card_making.settings import CardMakingConfig, DeskConfig

CUTS = ("", "envelope", "lines")
CITY = timezone(timedelta(hours=8))


class BadDisturbance(ValueError):
    """What nobody knows how to do to a file."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to the files that are written from now on.

    `repeat`: every line stands there twice; `shuffle`: in another order; `bad`, `unknown`: so many
    lines that cannot be read, or are about nobody; `cut`: `envelope` or `lines` end early the
    first time that the file is fetched; `hold`: nobody may fetch them, until they are let go, the
    last first.
    """

    repeat: bool = False
    shuffle: bool = False
    bad: int = 0
    unknown: int = 0
    cut: str = ""
    hold: bool = False

    @classmethod
    def parse(cls, raw: Any) -> Disturbance:
        """Raises `BadDisturbance`."""
        known = {field.name: type(field.default) for field in fields(cls)}
        if not isinstance(raw, dict) or not set(raw) <= set(known):
            raise BadDisturbance(f"there are {', '.join(sorted(known))}")
        if any(type(value) is not known[name] for name, value in raw.items()):
            raise BadDisturbance("true or false, a whole number, or a word")
        made = cls(**raw)
        if made.cut not in CUTS or not 0 <= made.bad <= 1000 or not 0 <= made.unknown <= 1000:
            raise BadDisturbance("cut is envelope or lines; bad and unknown are at most 1000")
        return made


class Replies:
    """Writes and gives out the files of both desks. Inside of `Ledger.changing`."""

    def __init__(
        self, config: CardMakingConfig, ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        self._config, self._ledger, self._clock = config, ledger, clock
        self._desks: dict[str, DeskConfig] = {d.name: d for d in (config.province, config.bank)}

    @property
    def disturbance(self) -> Disturbance:
        return Disturbance.parse(self._ledger.fact("disturbance", {}))

    def disturb(self, disturbance: Disturbance) -> None:
        """From now on; what was held before is let go where nothing is to be held any more."""
        self._ledger.set_fact("disturbance", asdict(disturbance))
        if not disturbance.hold:
            self._ledger.release()

    def write(self) -> list[str]:
        """Put all that is to be said into files. Their names."""
        how = self.disturbance
        return [
            self._add(desk, _spoilt(lines, how), how)
            for desk, _, lines in self._ledger.take_lines()
        ]

    def again(self, name: str, how: Disturbance) -> str | None:
        """The same lines once more, in a file of its own. None: there is no such file."""
        row = self._ledger.reply(name)
        if row is None:
            return None
        lines = row["text"].decode(self._config.encoding).split("\n")[:-1]
        return self._add(row["desk"], _spoilt(lines, how), how)

    def fetched(self, desk: str, name: str) -> bytes | None:
        """A file as it goes over the wire; None where this desk has none that may be fetched."""
        row = self._ledger.reply(name)
        if row is None or row["desk"] != desk or row["held"]:
            return None
        if row["cut"]:
            self._ledger.mend(name)
        body = self._body(row)
        return body[: len(body) // 2] if row["cut"] == "envelope" else body

    def _add(self, desk: str, lines: list[str], how: Disturbance) -> str:
        count = self._ledger.fact("files", 0) + 1
        self._ledger.set_fact("files", count)
        now = self._clock().astimezone(CITY)
        name = f"SBK_{self._ledger.fact('region', '000000')}_{now:%Y%m%d}_{count:04d}_ANS"
        text = "".join(f"{line}\n" for line in lines).encode(self._config.encoding)
        at = now.isoformat(timespec="seconds")
        row = {"desk": desk, "name": name, "lines": len(lines), "text": text, "at": at}
        size = len(self._body({**row, "cut": ""}))
        self._ledger.add_reply(**row, size=size, cut=how.cut, held=int(how.hold))
        return name

    def _body(self, row: Mapping[str, Any] | sqlite3.Row) -> bytes:
        desk = self._desks[row["desk"]]
        text = row["text"]
        if row["cut"] == "lines":
            text = text[: text.rfind(b"\n", 0, len(text) // 2 + 1) + 1]
        manifest = {
            "file": row["name"],
            "from": desk.name,
            "to": row["name"].split("_")[1],
            "created": row["at"],
            "encoding": self._config.encoding,
            "count": row["lines"],
            "parts": {"replies.txt": SUITES[self._config.suite].digest(text).hex()},
        }
        tar = _tar({"manifest.json": json.dumps(manifest).encode(), "replies.txt": text})
        suite = self._config.suite
        return sealed(row["name"], tar, suite=suite, key=desk.own, shared=desk.shared)


def _spoilt(lines: list[str], how: Disturbance) -> list[str]:
    spoilt = lines * 2 if how.repeat else list(lines)
    spoilt += [f"{number}|没有写完的一行" for number in range(how.bad)]
    spoilt += [_about_nobody(number) for number in range(how.unknown)]
    if how.shuffle:
        random.Random(len(spoilt)).shuffle(spoilt)  # noqa: S311 - the same in every run
    return spoilt


def _about_nobody(number: int) -> str:
    now = datetime.now(CITY).isoformat(timespec="seconds")
    return joined((f"{number:032x}", "PROVINCE", "OK", *[""] * 6, now))


def _tar(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as files:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            files.addfile(member, io.BytesIO(content))
    return packed.getvalue()
