"""Everything that a city wrote, read and checked once in a process: profile, texts, notices.

What staff changed meanwhile (`changes`, by part, see `config.content`) takes the place of what the
files say, and passes the same checks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from config.city import SHIPPED, City, load_city
from config.faq import Faq
from config.locales import Texts
from config.privacy import PrivacyNotices, folder_of
from config.reasons import (
    Reason,
    ReasonFault,
    checked_reasons,
    file_of,
    load_reasons,
    sentence_faults,
)
from config.templates import Templates

_KEPT = 8  # a service has one; the tests of a few cities share a process
_OF_NO_PROFILE = ("faq", "reasons")  # what has a file of its own
NO_CHANGES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Written:
    """What one profile and the files beside it say. Nothing of it is ever changed."""

    city: City
    texts: Texts
    templates: Templates
    faq: Faq
    privacy: PrivacyNotices
    reasons: Mapping[str, Reason]


def read_written(profile: Path | None, changes: Mapping[str, Any] = NO_CHANGES) -> Written:
    """The words of a city (None: of the shipped one).

    Raises `CityFault`, `LocaleFault`, `TemplateFault`, `FaqFault`, `PrivacyFault`, `ReasonFault`,
    OSError.
    """
    return _read(
        profile, (profile or SHIPPED).read_bytes(), json.dumps(dict(changes), sort_keys=True)
    )


@lru_cache(_KEPT)
def _read(profile: Path | None, content: bytes, changes: str) -> Written:
    """`content` is not looked at: where the profile has changed, it is read anew."""
    changed: dict[str, Any] = json.loads(changes)
    parts = {name: value for name, value in changed.items() if name not in _OF_NO_PROFILE}
    city = load_city(profile, parts)
    texts, given = Texts.load(city), changed.get("reasons")
    reasons = checked_reasons(given) if given else load_reasons(file_of(profile))
    if faults := sentence_faults(reasons, texts):
        raise ReasonFault("\n".join(faults))
    return Written(
        city=city,
        texts=texts,
        templates=Templates.load(city),
        faq=Faq.load(city, raw=changed.get("faq")),
        privacy=PrivacyNotices.load(city, folder_of(profile)),
        reasons=reasons,
    )
