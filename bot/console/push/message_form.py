"""The form of a message: its fields, what was typed, and what is wrong with which field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from config.template_book import LOCALES, RUNGS
from config.templates import Templates
from models.push.messages import Message, faults

OPTIONS = 4
TEXTS = ("chat", "status", "note")
_SLOT = re.compile(r"\{(status|note)\}")

Typed = Mapping[str, str]
Wrong = Mapping[str, Sequence[str]]


def typed_of(message: Mapping[str, Any]) -> dict[str, str]:
    """What stands in each field for a message that was kept."""
    typed = {
        f"{what}.{locale}": str(message.get(what, {}).get(locale, ""))
        for what in TEXTS
        for locale in LOCALES
    }
    typed |= {name: str(message.get(name, "")) for name in ("wording", "sms", "link")}
    typed |= {name: "on" if message.get(name) else "" for name in ("answers", "mass")}
    for n, option in enumerate(message.get("options", ()), 1):
        typed |= {f"option{n}.{locale}": option["label"].get(locale, "") for locale in LOCALES}
        typed[f"option{n}.act"] = option.get("act", "")
    return typed


def message_of(form: Typed) -> dict[str, Any]:
    """The message as JSON, whatever is wrong with it; an act that there is not is none."""
    options = [_option(form, n) for n in range(1, OPTIONS + 1)]
    return {
        **{what: _by_language(form, what) for what in TEXTS},
        **{name: _text(form, name) for name in ("wording", "sms", "link")},
        "options": [option for option in options if any(option["label"].values())],
        **{name: form.get(name) == "on" for name in ("answers", "mass")},
    }


def _option(form: Typed, n: int) -> dict[str, Any]:
    act = form.get(f"option{n}.act", "")
    label = {locale: _text(form, f"option{n}.{locale}")[:20] for locale in LOCALES}
    return {"label": label, "act": act if act in ("successor", "branches") else ""}


def _by_language(form: Typed, what: str) -> dict[str, str]:
    """What is empty is not there."""
    typed = {locale: _text(form, f"{what}.{locale}") for locale in LOCALES}
    return {locale: text for locale, text in typed.items() if text}


def _text(form: Typed, name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()


# --- what is wrong -------------------------------------------------------------------------------


def wrong_of(message: Message, templates: Templates, *, of_applications: bool) -> dict[str, Any]:
    """What is wrong, by field, "" for none of them; each fault once."""
    found: dict[str, list[str]] = {}
    held = (message, _held(message, templates))
    of_both = [faults(each, templates, of_applications=of_applications) for each in held]
    for fault in (*of_both[0], *of_both[1], *_labels(message)):
        where, _, why = fault.partition(": ")
        for name in _fields(where, message, templates):
            said = _said(why)
            if said not in found.setdefault(name, []):
                found[name].append(said)
    return found


def _held(message: Message, templates: Templates) -> Message:
    """The same with something in the place of what is missing: what is there already is judged
    too."""
    blank = dict.fromkeys(LOCALES, "1")
    known = message.wording in templates.wanted("template")
    return replace(
        message,
        chat={**blank, **message.chat},
        status={**blank, **message.status},
        note={**blank, **message.note},
        wording=message.wording if known else "",
        sms=message.sms if message.sms in templates.city.sms else "",
        link="",
        mass=False,
    )


def _labels(message: Message) -> Iterator[str]:
    for n, option in enumerate(message.options, 1):
        for locale in LOCALES:
            if not option.label.get(locale, "").strip():
                yield f"option{n}.{locale}: missing"


def _fields(where: str, message: Message, templates: Templates) -> list[str]:
    """The fields of the form that a fault is about: of a platform's field, what is filled in."""
    rung, _, rest = where.partition(".")
    known = next((each for each in RUNGS if each == rung), None)
    if known is None:
        return ["" if where in ("params", "chat") else where]
    key, _, locale = rest.partition(".")
    wording = templates.book.wordings(known)[message.wording]
    value = next((slot.value for slot in wording.fields if slot.key == key), "")
    return [f"{name}.{locale}" for name in _SLOT.findall(value)] or ["wording"]


_SAID: Sequence[tuple[str, str]] = (
    (r"missing", "要填"),
    (r"empty", "要填"),
    (r"unknown", "没有这一项"),
    (r"not a page of our site", "要是本站的页面，以 / 开头"),
    (r"(\d+) characters, (\d+) at most", r"有 \1 个字，最多 \2 个"),
    (r"(\d+) characters at most.*", r"平台最多 \1 个字"),
    (r"a line break or a control character", "不能换行"),
    (r"(\d+) letters, digits or symbols at most.*", r"最多 \1 个字母、数字或符号，不能有汉字"),
    (
        r"what differs from person to person.*",
        "群发对每个人都一样：不能有因人而异的内容，也不能有选项",
    ),
    (r"(\w+) is known of an application alone", r"{\1} 只有和申请有关时才有，公告不能用"),
    (r"nobody fills in '?([\w.]*)'?", r"没有 {\1} 这一项可填"),
    (r".*(?:brace|'}'|'{'|format).*", "花括号没有成对"),
)


def _said(why: str) -> str:
    for pattern, said in _SAID:
        if re.fullmatch(pattern, why):
            return re.sub(pattern, said, why, count=1)
    return why
