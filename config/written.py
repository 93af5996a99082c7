"""Everything that a city wrote, read and checked once in a process: profile, texts, notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from config.city import SHIPPED, City, load_city
from config.faq import Faq
from config.locales import Texts
from config.privacy import PrivacyNotices, folder_of
from config.reasons import Reason, file_of, load_reasons
from config.templates import Templates

_KEPT = 8  # a service has one; the tests of a few cities share a process


@dataclass(frozen=True, slots=True)
class Written:
    """What one profile and the files beside it say. Nothing of it is ever changed."""

    city: City
    texts: Texts
    templates: Templates
    faq: Faq
    privacy: PrivacyNotices
    reasons: Mapping[str, Reason]


def read_written(profile: Path | None) -> Written:
    """The words of a city (None: of the shipped one).

    Raises `CityFault`, `LocaleFault`, `TemplateFault`, `FaqFault`, `PrivacyFault`, `ReasonFault`,
    OSError.
    """
    return _read(profile, (profile or SHIPPED).read_bytes())


@lru_cache(_KEPT)
def _read(profile: Path | None, content: bytes) -> Written:
    """`content` is not looked at: where the profile has changed, it is read anew."""
    city = load_city(profile)
    return Written(
        city=city,
        texts=Texts.load(city),
        templates=Templates.load(city),
        faq=Faq.load(city),
        privacy=PrivacyNotices.load(city, folder_of(profile)),
        reasons=load_reasons(file_of(profile)),
    )
