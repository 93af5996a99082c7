"""Why an application is sent back or refused: coded reasons, each in the city's own sentences.

`reasons.toml` lies here; a city that words them otherwise puts one beside its profile.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.city_parts import Text
from config.locales import Texts

SHIPPED = Path(__file__).with_name("reasons.toml")
_STRICT = ConfigDict(extra="forbid")
Sentence = Annotated[Mapping[Literal["zh_CN", "en"], Text], Field(min_length=2)]


class ReasonFault(Exception):
    """The file of reasons cannot be used; the message lists every fault."""


@dataclass(frozen=True, config=_STRICT)
class Reason:
    """One reason. `label` is what staff choose; a resident reads `need` (what is wanted of them, in
    the headline), `fact` (what was found), `rule` (what is asked for) and `remedy` (how to mend it,
    or, where it is refused, where to turn to). Each may hold `{field}`, what a finding is about,
    and the city's facts.

    `fields`: the answers it may be about; the first where nobody says which. `outcome`: whether it
    sends an application back or refuses it.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z_]{2,32}$")]
    label: Text
    fields: Annotated[tuple[Text, ...], Field(min_length=1)]
    need: Sentence
    fact: Sentence
    rule: Sentence
    remedy: Sentence
    outcome: Literal["return", "refuse"] = "return"


@dataclass(frozen=True, config=_STRICT)
class _File:
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]


def file_of(profile: Path | None) -> Path:
    """Where a city's reasons are: beside its profile, else the shipped ones."""
    own = profile.with_name("reasons.toml") if profile else SHIPPED
    return own if own.is_file() else SHIPPED


def sentence_faults(reasons: Mapping[str, Reason], texts: Texts) -> list[str]:
    """Every sentence that cannot be filled with `{field}` and the city's facts."""
    faults = []
    for code, reason in reasons.items():
        for what in ("need", "fact", "rule", "remedy"):
            for locale, sentence in getattr(reason, what).items():
                try:
                    texts.fill(locale, sentence, field="")
                except (KeyError, ValueError, IndexError) as fault:
                    faults.append(f"{code}.{what}.{locale}: cannot be filled ({fault})")
    return faults


def load_reasons(path: Path | None = None) -> Mapping[str, Reason]:
    """Every reason by its code, in the file's order. Raises ReasonFault, OSError."""
    return _read(path or SHIPPED)


def checked_reasons(given: object) -> Mapping[str, Reason]:
    """The same of a list that is as the file would have it. Raises ReasonFault."""
    return _checked("reasons", {"reasons": given})


@cache
def _read(path: Path) -> Mapping[str, Reason]:
    try:
        return _checked(path.name, tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ReasonFault(f"{path.name}: {fault}") from None


def _checked(name: str, table: object) -> Mapping[str, Reason]:
    try:
        file = TypeAdapter(_File).validate_python(table)
    except ValidationError as fault:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors()]
        raise ReasonFault("\n".join([f"{name}:", *lines])) from None
    reasons = {reason.code: reason for reason in file.reasons}
    if len(reasons) != len(file.reasons):
        raise ReasonFault(f"{name}: a code is there twice")
    return reasons
