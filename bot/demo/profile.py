"""The city's profile of a demo: the given or the shipped one, with the ids of the simulator's
account for every wording that the profile gives none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.city import SHIPPED
from config.template_book import RUNGS, read_book
from config.templates import SHIPPED as WORDINGS

FILE = "demo-city.toml"
# By the rung of a wording: the table of the profile that holds its ids.
TABLES = {
    "template": "templates",
    "subscription": "subscriptions",
    "mini_subscription": "mini_subscriptions",
}


def write_profile(given: Path | None, folder: Path) -> Path:
    """Write the demo's profile into the data folder; a profile that cannot be read stays as it
    is, for who loads it to say what is wrong."""
    source = given or SHIPPED
    try:
        text = source.read_text("utf-8")
        with_ids = _with_ids(text, tomllib.loads(text).get("wechat", {}))
        tomllib.loads(with_ids)
    except (OSError, ValueError):
        return source
    folder.mkdir(parents=True, exist_ok=True)
    draft, profile = folder / f".{FILE}.new", folder / FILE
    draft.write_text(with_ids, "utf-8")
    draft.replace(profile)
    return profile


def _with_ids(text: str, wechat: Mapping[str, Any]) -> str:
    book = read_book(WORDINGS)
    for rung in RUNGS:
        table = TABLES[rung]
        missing = [name for name in book.wordings(rung) if name not in wechat.get(table, {})]
        lines = "".join(f'{name} = "SIM_{rung}_{name}"\n' for name in missing)
        text = _into(text, f"[wechat.{table}]", lines)
    return text


def _into(text: str, header: str, lines: str) -> str:
    """The lines below the header, which is written at the end where there is none."""
    found = re.search(rf"^{re.escape(header)}[^\n]*\n", text, re.MULTILINE)
    if found:
        return f"{text[: found.end()]}{lines}{text[found.end() :]}"
    return f"{text.rstrip()}\n\n{header}\n{lines}" if lines else text
