"""The road through a folder that the operator mounts or mirrors: what has its name is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.handover.envelope import NAME
from bot.handover.https import FILE_LIMIT
from bot.handover.roads import Offered, refusal
from bot.ports import OfficeError

SUFFIX = ".sbk"


class FolderRoad:
    """`bot.handover.roads.Road` in a folder."""

    def __init__(self, root: Path, office: str) -> None:
        self._root, self._office = root, office

    def send(self, name: str, sealed: bytes, digest: str) -> None:
        self._refusal(name)
        self._write("out", f"{name}{SUFFIX}", sealed)
        self._write("out", f"{name}.digest", f"{digest}\n".encode())

    def find(self, name: str) -> str | None:
        """What the other side has taken, or what lies there whole for it."""
        self._refusal(name)
        for marker in (f"{name}.taken", f"{name}.digest"):
            if (found := self._read("out", marker)) is not None:
                return found.decode("ascii", "replace").strip()
        return None

    def replies(self, after: str) -> Sequence[Offered]:
        folder = self._folder("in")
        try:
            found = sorted(folder.glob(f"*{SUFFIX}"))
            named = [path for path in found if NAME.fullmatch(path.stem)]
            return [Offered(path.stem, path.stat().st_size, path.stem) for path in named]
        except OSError as fault:
            raise self._error(fault) from None

    def fetch(self, offered: Offered) -> bytes:
        if offered.size > FILE_LIMIT:
            raise OfficeError(self._office, "too large", retry=False)
        content = self._read("in", f"{offered.name}{SUFFIX}")
        if content is None:
            raise OfficeError(self._office, "gone", retry=True)
        return content

    def report(self, name: str, faults: Sequence[dict[str, Any]]) -> None:
        told = json.dumps({"name": name, "faults": faults}, ensure_ascii=False)
        self._write("reports", f"{name}.json", told.encode())

    def end(self, name: str) -> None:
        """Moved aside: what is in the folder itself is still to be taken."""
        taken, done = self._folder("in") / f"{name}{SUFFIX}", self._folder("in/done")
        try:
            if taken.exists():
                taken.replace(done / taken.name)
        except OSError as fault:
            raise self._error(fault) from None

    # --- small parts --------------------------------------------------------------------

    def _refusal(self, name: str) -> None:
        if (code := self._read("out", f"{name}.refused")) is not None:
            raise refusal(code.decode("ascii", "replace").strip())

    def _write(self, folder: str, name: str, content: bytes) -> None:
        path = self._folder(folder) / name
        part = path.with_name(f".{name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as fault:
            raise self._error(fault) from None

    def _read(self, folder: str, name: str) -> bytes | None:
        try:
            return (self._folder(folder) / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._error(fault) from None

    def _folder(self, name: str) -> Path:
        """A mount that is not there must not become a folder of ours below its place."""
        if not self._root.is_dir():
            raise OfficeError(self._office, "no folder", retry=True)
        folder = self._root / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _error(self, fault: OSError) -> OfficeError:
        return OfficeError(self._office, type(fault).__name__, retry=True, unknown=True)
