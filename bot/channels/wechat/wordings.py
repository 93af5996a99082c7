"""Whether the account has the approved wordings that notices are filled into, and what to apply
for where it has not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.wechat.checkup import Checkup
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.remedies import remedy
from bot.doctor.findings import Finding
from config.template_book import Wording, WordingRung

_FIELD = re.compile(r"\{\{\s*(\w{1,40})\.DATA\s*\}\}")


def wordings(
    checkup: Checkup,
    rung: WordingRung,
    wanted: Mapping[str, Wording],
    ids: Mapping[str, str],
) -> Iterator[Finding]:
    """The account has each of the `wanted` wordings that the city's profile gives one of the `ids`
    to, with the fields that are filled. What has no id is not missed: notices take other roads."""
    place = f"[wechat.{rung}s]"
    try:
        held = _held(checkup.client, rung)
    except PlatformError as fault:
        yield _unlisted(checkup, rung, fault, needed=bool(ids))
        return
    for name, template in ids.items():
        if name not in wanted:
            told = f"{place} {name}: no notice has such a wording"
            yield Finding("warning", told, f"remove it, or name one of {', '.join(wanted)}")
        elif template not in held:
            told = f"{place} {name}: the account has no template {template}"
            yield Finding("fault", told, _apply(wanted[name], place, name))
        else:
            yield _compared(f"{place} {name}", wanted[name], held[template])
    for name in wanted:
        if name not in ids:
            told = f"{place} {name}: no id, so notices take another road"
            yield Finding("warning", told, _apply(wanted[name], place, name))


def _held(client: PlatformClient, rung: WordingRung) -> dict[str, set[str]]:
    """The fields of each template of the account, by its id."""
    if rung == "template":
        return _fields(client.templates(), "template_id")
    return _fields(client.subscriptions(), "priTmplId")


def _fields(listed: list[dict[str, Any]], key: str) -> dict[str, set[str]]:
    return {
        str(each.get(key)): set(_FIELD.findall(str(each.get("content", ""))))
        for each in listed
        if isinstance(each, dict)
    }


def _unlisted(
    checkup: Checkup, rung: WordingRung, fault: PlatformError, *, needed: bool
) -> Finding:
    """Without a right to them nothing is broken as long as the city uses none."""
    if fault.kind is not Kind.ACCOUNT or needed:
        return checkup.refused(f"no list of {rung}s", fault)
    told = f"{checkup.name}: no right to {rung}s ({fault.detail}): notices take another road"
    return Finding("warning", told, remedy(fault))


def _compared(where: str, wording: Wording, held: set[str]) -> Finding:
    """The platform refuses a field it does not know, and a message that leaves one out."""
    filled = {slot.key for slot in wording.fields}
    if filled == held:
        return Finding("ok", f"{where}: its fields are those that are filled")
    told = f"{where}: its fields are {_listed(held)}, filled are {_listed(filled)}"
    return Finding("fault", told, "correct the keys in config/templates.toml, or the template")


def _apply(wording: Wording, place: str, name: str) -> str:
    """What to ask the platform for, and where its answer goes."""
    fields = "、".join(f"{slot.label}（{slot.key}）" for slot in wording.fields)
    return f"apply for 「{wording.title}」 with {fields}; its id goes to {place} {name}"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
