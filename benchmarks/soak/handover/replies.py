"""Reply files of ten thousand lines: what is done to them on the way changes no end.

The same lines are taken by two services: in order, and shuffled, repeated, cut off, with lines in
between that cannot be read or are about nobody.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from benchmarks.soak.servers import Postgres
from bot.handover.destinations import Reached
from bot.handover.envelope import Pair, close_envelope
from bot.handover.fetching import Fetching
from bot.handover.folder import FolderRoad
from bot.handover.rows import row_of
from bot.handover.suites import SUITES
from bot.handover.tars import make_tar
from config.city_handover import Way
from models.application_states import State
from models.applications import Application
from models.database import Database
from models.handover.batches import Batch, add_line
from models.handover.replies import FileState, ReplyFile
from models.people import Person
from models.records import json_bytes, place
from tests.models.handover.making import ANSWERS, LIFE
from tests.models.making import ACCOUNT, KEYS, NOW, make_person

STORIES: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    ("READY_FOR_PICKUP", (("FACTORY", "OK"), ("CENTRE", "OK"), ("BRANCH", "ARRIVED"))),
    ("READY_FOR_PICKUP", (("FACTORY", "FAIL"), ("FACTORY", "OK"), ("CENTRE", "OK"),
                          ("BRANCH", "ARRIVED"))),
    ("ON_HOLD", (("FACTORY", "FAIL"), ("CENTRE", "FAIL"), ("FACTORY", "FAIL"))),
    ("COLLECTED", (("CENTRE", "OK"), ("MAIL", "SENT"), ("MAIL", "RETURNED"), ("MAIL", "SENT"),
                   ("MAIL", "DELIVERED"))),
    ("ACTIVATED", (("CENTRE", "OK"), ("BRANCH", "ARRIVED"), ("BRANCH", "COLLECTED"),
                   ("BRANCH", "ACTIVATED"), ("BANK", "ACTIVATED"))),
)  # fmt: skip
BEGIN = (("PROVINCE", "TAKEN"), ("PROVINCE", "OK"), ("BANK", "OK"))
RETURNED = ("PROVINCE_RETURNED", (("PROVINCE", "TAKEN"), ("PROVINCE", "FAIL")))
NO_ACCOUNT = ("BANK_FAILED", (*BEGIN[:2], ("BANK", "FAIL")))
NAME = "SBK_119900_20261126_{:04d}_ANS"
_KEYS = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PAIR = Pair(b"k" * 32, _KEYS.public_key().public_bytes_raw(), b"s" * 32)
"""Both ends are here, and share one key."""
BAD = ("{id}|CENTRE|OK", "{id}|MOON|OK|||||||{at}", "{id}|CENTRE|OK|||||||yesterday",
       "{id}|CENTRE|OK||a\tb||||||{at}", "no line at all", "")  # fmt: skip
BAD_CODES = ("fields", "stage", "time", "characters", "fields", "fields")


@dataclass(frozen=True)
class Lines:
    """Lines of a file, and by number what must be reported of them."""

    rows: list[str]
    faults: dict[int, str]


def stories() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """How an application fares, over and over: the state it ends in, and its lines."""
    whole = [(end, [*BEGIN, *lines]) for end, lines in STORIES]
    while True:
        yield from whole
        yield RETURNED[0], list(RETURNED[1])
        yield NO_ACCOUNT[0], list(NO_ACCOUNT[1])


def written(count: int) -> tuple[list[str], dict[str, str]]:
    """So many lines in their order, and the state in which each application must end."""
    rows: list[str] = []
    ends: dict[str, str] = {}
    for number, (end, lines) in enumerate(stories(), 1):
        one = f"{number:032x}"
        ends[one] = end
        rows += [_row(one, *line, NOW + timedelta(minutes=n)) for n, line in enumerate(lines, 1)]
        if len(rows) >= count:
            return rows, ends
    raise AssertionError("there are stories without end")


def _row(one: str, stage: str, result: str, at: datetime) -> str:
    code = "X01" if result == "FAIL" else ""
    return row_of([one, stage, result, code, "", "", "", "", "", at.isoformat()])


def spoilt(rows: Sequence[str], ids: Sequence[str], seed: int) -> Lines:
    """The same lines in another order, a fifth of them twice, a twentieth more that are none."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    mixed: list[tuple[str, str]] = [(row, "") for row in rows]
    mixed += [(row, "") for row in chance.sample(rows, len(rows) // 5)]
    for number in range(len(rows) // 20):
        known = number % len(BAD)
        bad = BAD[known].format(id=chance.choice(ids), at=NOW.isoformat())
        mixed.append((bad, BAD_CODES[known]))
        nobody = _row(f"{number + 1:032x}"[::-1], "PROVINCE", "OK", NOW)
        mixed.append((nobody, "unknown_application"))
    chance.shuffle(mixed)
    return Lines(
        [row for row, _ in mixed], {n: code for n, (_, code) in enumerate(mixed, 1) if code}
    )


class Service:
    """One that has handed all of them over, and whose province writes into a folder."""

    def __init__(self, database: Database, folder: Path, ids: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.database, self.folder, self.now = database, folder, NOW
        way = Way(stages=("PROVINCE", "BANK", "FACTORY", "CENTRE", "BRANCH", "MAIL"))
        self.reached = Reached("province", way, PAIR, FolderRoad(folder, "province"))
        self.fetching = Fetching(database, LIFE, lambda: self.now, lambda point: None)
        (folder / "in").mkdir()
        with database.writing() as records:
            _hand_over(records, make_person(records), ids)

    def put(self, number: int, rows: Sequence[str], *, claims: int | None = None) -> None:
        """A reply file; `claims`: the number of lines that its manifest names."""
        text = "".join(f"{row}\n" for row in rows).encode()
        name, suite = NAME.format(number), SUITES[1]
        manifest = {
            "file": name,
            "from": "province",
            "encoding": "utf-8",
            "count": len(rows) if claims is None else claims,
        }
        tar = make_tar(manifest, {"replies.txt": text}, suite)
        (self.folder / "in" / f"{name}.sbk").write_bytes(close_envelope(name, tar, suite, PAIR))

    def take(self) -> float:
        """All files that lie there, to the report. The seconds it took."""
        began = time.monotonic()
        self.fetching.fetch(self.reached)
        for state, do in (
            (FileState.TAKEN, self.fetching.judge),
            (FileState.JUDGED, self.fetching.report),
        ):
            for name in self._files(state):
                do(self.reached, name)
        self.now += timedelta(hours=1)
        return time.monotonic() - began

    def _files(self, state: FileState) -> list[str]:
        with self.database.reading() as records:
            mine = select(ReplyFile.name).where(ReplyFile.state == state.value)
            return list(records.scalars(mine.order_by(ReplyFile.name)))

    def ends(self) -> dict[str, str]:
        """The state of each application."""
        with self.database.reading() as records:
            rows = records.execute(select(Application.id, Application.state))
            return {row.id: row.state for row in rows}

    def reported(self, number: int) -> dict[int, str]:
        """What the province was told of a file."""
        path = self.folder / "reports" / f"{NAME.format(number)}.json"
        if not path.exists():
            return {}
        return {f["line"]: f["code"] for f in json.loads(path.read_text())["faults"]}


def _hand_over(records: Any, holder: Person, ids: Sequence[str]) -> None:
    """Applications that the province has, in one batch."""
    batch = Batch(
        id="SBK_119900_20261126_0001_ORD", destination="province", bank="", kind="ORD",
        form="ndjson", suite=1, photos=False, count=len(ids), state="taken", cut_at=NOW, due_at=NOW,
    )  # fmt: skip
    records.add(batch)
    records.flush()
    for line, one in enumerate(ids, 1):
        records.add(_application(one, line, holder))
    records.flush()
    for line, one in enumerate(ids, 1):
        add_line(records, KEYS, batch, line, {"application": one}, "")


def _application(one: str, number: int, holder: Person) -> Application:
    return Application(
        id=one, number=f"YZ261126{number:06d}", draft_id=one, form="card", form_version=1,
        account_key=ACCOUNT, applicant_id=holder.id, holder_id=holder.id, relation="self",
        holder_proven=False, state=State.SENT_TO_PROVINCE.value,
        answers=KEYS.seal(json_bytes(ANSWERS), place("applications", "answers", one)),
        submitted_at=NOW, state_since=NOW, promise_review_by=NOW.date(),
        promise_card_by=NOW.date(), updated_at=NOW, branch="CCB-01", bank="CCB",
    )  # fmt: skip


def run_on(backend: str, count: int, seed: int = 1) -> dict[str, Any]:
    """Both services on a database of this sort."""
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        server = None
        if backend == "postgresql":
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp"))
            server = Postgres(Path(place))
            stack.callback(server.stop)

        def make(name: str) -> Database:
            if server:
                server.execute(f"CREATE DATABASE {name}")
            url = server.url(name) if server else f"sqlite:///{work / name}.db"
            database = Database(url)
            stack.callback(database.dispose)
            database.upgrade()
            return database

        return {"backend": backend, **run(make, work, count, seed)}


def run(make: Callable[[str], Database], folder: Path, count: int, seed: int = 1) -> dict[str, Any]:
    """Both services. `make` gives an empty database under a name."""
    rows, ends = written(count)
    ids = list(ends)
    plain = Service(make("plain"), folder / "plain", ids)
    plain.put(1, rows)
    seconds = {"in order": round(plain.take(), 1)}
    other = Service(make("spoilt"), folder / "spoilt", ids)
    findings = list(_spoil(other, rows, ids, seed, seconds))
    for name, service in (("in order", plain), ("spoilt", other)):
        wrong = {one for one, state in service.ends().items() if state != ends[one]}
        findings += [{"kind": "end", "where": f"{name}: {one}"} for one in sorted(wrong)]
    return {
        "lines": len(rows),
        "applications": len(ids),
        "ends": dict(Counter(ends.values())),
        "seconds": seconds,
        "findings": findings,
    }


def _spoil(
    other: Service, rows: Sequence[str], ids: Sequence[str], seed: int, seconds: dict[str, float]
) -> Iterator[dict[str, str]]:
    """Three files: one cut off at first, its lines again in another order, and once more."""
    half = len(rows) // 2
    first, second = spoilt(rows[half:], ids, seed), spoilt(rows[:half], ids, seed + 1)
    third = spoilt(rows, ids, seed + 2)
    other.put(1, first.rows[: len(first.rows) // 3], claims=len(first.rows))
    other.put(2, second.rows)
    seconds["spoilt, one file cut off"] = round(other.take(), 1)
    if other.reported(1) != {0: "count"}:
        yield {"kind": "report", "where": "the file that was cut off"}
    other.put(1, first.rows)
    other.put(3, third.rows)
    seconds["spoilt, the rest"] = round(other.take(), 1)
    for number, lines in ((1, first), (2, second), (3, third)):
        if other.reported(number) != lines.faults:
            yield {"kind": "report", "where": f"file {number}"}
