"""The city's profile of a demo: the given or the shipped one, with the ids of the simulator's
accounts for every wording that the profile gives none, and a page of the simulated mini program."""

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
    "template": ("wechat", "templates"),
    "subscription": ("wechat", "subscriptions"),
    "mini_subscription": ("wechat", "mini_subscriptions"),
    "alipay_single": ("alipay", "single_templates"),
    "alipay_mini": ("alipay", "mini_templates"),
}
SUBSCRIBE_PAGE = "alipays://platformapi/startapp?page=pages%2Fsubscribe"


def write_profile(given: Path | None, folder: Path, phones: str = "") -> Path:
    """Write the demo's profile into the data folder; a profile that cannot be read stays as it
    is, for who loads it to say what is wrong. `phones` is the address of the simulated phones: the
    site's codes lead there where the profile names no chat."""
    source = given or SHIPPED
    try:
        text = source.read_text("utf-8")
        profile = tomllib.loads(text)
        with_ids = _with_codes(_with_page(_with_ids(text, profile), profile), phones)
        tomllib.loads(with_ids)
    except (OSError, ValueError):
        return source
    folder.mkdir(parents=True, exist_ok=True)
    draft, place = folder / f".{FILE}.new", folder / FILE
    draft.write_text(with_ids, "utf-8")
    draft.replace(place)
    return place


def _with_ids(text: str, profile: Mapping[str, Any]) -> str:
    book = read_book(WORDINGS)
    for rung in RUNGS:
        platform, table = TABLES[rung]
        known = profile.get(platform, {}).get(table, {})
        missing = [name for name in book.wordings(rung) if name not in known]
        lines = "".join(f'{name} = "SIM_{rung}_{name}"\n' for name in missing)
        text = _into(text, f"[{platform}.{table}]", lines)
    return text


def _with_page(text: str, profile: Mapping[str, Any]) -> str:
    """Where the profile names none, the phone's mini program asks for leave to send messages."""
    if "subscribe_page" in profile.get("alipay", {}):
        return text
    return _into(text, "[alipay]", f'subscribe_page = "{SUBSCRIBE_PAGE}"\n')


def _with_codes(text: str, phones: str) -> str:
    if not phones:
        return text
    return re.sub(r'^((?:wechat|alipay)_code) = ""', rf'\1 = "{phones}"', text, flags=re.MULTILINE)


def _into(text: str, header: str, lines: str) -> str:
    """The lines below the header, which is written at the end where there is none."""
    found = re.search(rf"^{re.escape(header)}[^\n]*\n", text, re.MULTILINE)
    if found:
        return f"{text[: found.end()]}{lines}{text[found.end() :]}"
    return f"{text.rstrip()}\n\n{header}\n{lines}" if lines else text
