"""The file of wordings as it is written: `templates.toml` → `Book`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

LOCALES = ("zh_CN", "en")
WordingRung = Literal[
    "template", "subscription", "mini_subscription", "alipay_single", "alipay_mini"
]
WECHAT_RUNGS: tuple[WordingRung, ...] = ("template", "subscription", "mini_subscription")
ALIPAY_RUNGS: tuple[WordingRung, ...] = ("alipay_single", "alipay_mini")
RUNGS = (*WECHAT_RUNGS, *ALIPAY_RUNGS)
WORDING_OF: Mapping[tuple[str, str], WordingRung] = MappingProxyType(
    {
        ("wechat", "template"): "template",
        ("wechat", "subscription"): "subscription",
        ("wechat_mini", "subscription"): "mini_subscription",
        ("mini_wechat", "subscription"): "mini_subscription",
        ("alipay", "template"): "alipay_single",
        ("mini_alipay", "subscription"): "alipay_mini",
    }
)
"""The kind of wording that a channel's rung is filled with."""

_STRICT = ConfigDict(extra="forbid")
Text = Annotated[str, Field(min_length=1)]


class TemplateFault(Exception):
    """The wordings do not fit each other, the city or the platform; lists every fault."""


@dataclass(frozen=True, config=_STRICT)
class Slot:
    """One field of a wording: its key and label at the platform, and what stands in it."""

    key: Text
    label: Text
    value: Text


@dataclass(frozen=True, config=_STRICT)
class Wording:
    """A wording to apply for at the platform, by its title there."""

    title: Text
    fields: Annotated[tuple[Slot, ...], Field(min_length=1)]


@dataclass(frozen=True, config=_STRICT)
class Worded:
    """A notice in every wording. `chat`, `status` and `note` are by language."""

    wording: Text
    sms: Text
    params: tuple[Text, ...]
    chat: Mapping[str, Text]
    status: Mapping[str, Text]
    note: Mapping[str, Text]
    states: tuple[Text, ...] = ()
    double: bool = False


@dataclass(frozen=True, config=_STRICT)
class Left:
    """How many days are left, in one language: `none_brief` in a field, which is short."""

    many: Text
    one: Text
    none: Text
    none_brief: Text

    def say(self, days: str, *, brief: bool = False) -> str:
        """`days` in words: 还剩3天."""
        if days == "0":
            return self.none_brief if brief else self.none
        return self.one if days == "1" else self.many.format(days=days)


@dataclass(frozen=True, config=_STRICT)
class Book:
    """The file as it is written."""

    left: Mapping[str, Left]
    template: Mapping[str, Wording]
    subscription: Mapping[str, Wording]
    mini_subscription: Mapping[str, Wording]
    alipay_single: Mapping[str, Wording]
    alipay_mini: Mapping[str, Wording]
    notice: Mapping[str, Worded]

    def wordings(self, rung: WordingRung) -> Mapping[str, Wording]:
        found: Mapping[str, Wording] = getattr(self, rung)
        return found


def read_book(path: Path) -> Book:
    """The wordings in `path`. Raises `TemplateFault` for what is malformed, OSError."""
    try:
        return TypeAdapter(Book).validate_python(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise TemplateFault(f"{path.name}: {fault}") from None
    except ValidationError as fault:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors()]
        raise TemplateFault(
            "\n".join([f"{path.name} has {len(lines)} fault(s):", *lines])
        ) from None
