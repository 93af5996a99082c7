"""Lines parted by `|`: the values of a batch, and what is said in a reply file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from bot.simulator.card_making.ledger import Work

_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_MEANT = {"p": "|", "\\": "\\"}


def joined(values: Iterable[str]) -> str:
    r"""One line, without its end: `\p` stands for `|`, `\\` for a backslash."""
    return "|".join(value.replace("\\", "\\\\").replace("|", "\\p") for value in values)


def split(line: str) -> list[str]:
    """The values of a line. Raises ValueError for an escape that there is not."""

    def meant(found: re.Match[str]) -> str:
        if found[1] not in _MEANT:
            raise ValueError("an escape that there is not")
        return _MEANT[found[1]]

    return [_ESCAPE.sub(meant, value) for value in line.split("|")]


def reply_line(work: Work, stage: str, result: str, code: str, text: str, at: datetime) -> str:
    """What a desk says of a work: ten values."""
    told = (work.application, stage, result, code, text, work.account, work.card, work.outlet)
    return joined((*told, work.ems, at.isoformat(timespec="milliseconds")))
