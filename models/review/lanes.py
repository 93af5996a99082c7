"""The lane of an application, computed when it arrives, with the reasons that staff are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.city import City
from models.applications import Application
from models.ethnicities import find_ethnicity
from models.review.items import Lane, Task

AGREES = ("identity_match", "read_agrees", "portrait_on_file", "portrait_fine", "address_known")
"""Codes of what speaks for an application; all of a kind are needed for the first lane."""
TO_LOOK = (
    "identity_unchecked", "not_read", "read_differs", "portrait_unmeasured", "portrait_faulty",
    "address_unknown",
)  # fmt: skip
TO_DECIDE = (
    "identity_mismatch", "identity_not_found", "contested", "rare_character", "second_round",
    "province_returned", "not_handed_over", "production_failed", "bank_failed",
    "cancel_requested", "second_look_declined",
)  # fmt: skip
"""Codes of what makes it difficult."""

_TASKS: Mapping[Task, str] = {
    Task.PROVINCE: "province_returned",
    Task.HANDOVER: "not_handed_over",
    Task.PRODUCTION: "production_failed",
    Task.BANK: "bank_failed",
    Task.CANCEL: "cancel_requested",
}
_IDENTITY: Mapping[str | None, str] = {
    "match": "identity_match",
    "mismatch": "identity_mismatch",
    "not_found": "identity_not_found",
}
_READ = ("name", "id_number", "ethnicity", "id_address", "valid_until")
_SPACES = re.compile(r"\s+")


def lane_of(
    application: Application, answers: Mapping[str, Any], task: Task, city: City
) -> tuple[Lane, list[str]]:
    """The lane, and every code that speaks for or against it."""
    reasons = list(_reasons(application, answers, task, city))
    if any(code in TO_DECIDE for code in reasons):
        return Lane.DIFFICULT, reasons
    if any(code in TO_LOOK for code in reasons):
        return Lane.LOOK, reasons
    return Lane.AGREES, reasons


def differing(answers: Mapping[str, Any]) -> list[str]:
    """The fields in which the ID photos were read otherwise than the person says."""
    read = (answers.get("checks") or {}).get("read") or {}
    return [name for name in _READ if read.get(name) and not _same(name, read, answers)]


def is_rare(name: str) -> bool:
    """Whether a name has a character outside GBK, which older systems of banks and factories cannot
    write: it is then looked after by hand."""
    try:
        name.encode("gbk")
    except UnicodeEncodeError:
        return True
    return False


def _reasons(
    application: Application, answers: Mapping[str, Any], task: Task, city: City
) -> Iterator[str]:
    checks = answers.get("checks") or {}
    if task in _TASKS:
        yield _TASKS[task]
    if application.round > 1:
        yield "second_round"
    if application.contested:
        yield "contested"
    if is_rare(str(answers.get("name", ""))):
        yield "rare_character"
    yield _IDENTITY.get(checks.get("identity"), "identity_unchecked")
    yield _read(answers)
    yield _portrait(answers.get("portrait") or {})
    known = application.district in {district.code for district in city.districts}
    yield "address_known" if known and answers.get("lives_at") else "address_unknown"


def _read(answers: Mapping[str, Any]) -> str:
    if not (answers.get("checks") or {}).get("read"):
        return "not_read"
    return "read_differs" if differing(answers) else "read_agrees"


def _portrait(portrait: Mapping[str, Any]) -> str:
    """The photo on file was accepted once; one's own is fine where everything measured is."""
    if portrait.get("source") == "on_file":
        return "portrait_on_file"
    verdicts = [measure.get("ok") for measure in portrait.get("measures") or ()]
    if False in verdicts:
        return "portrait_faulty"
    # Where this machine finds no faces, some measures are there without a verdict.
    return "portrait_fine" if verdicts and all(verdicts) else "portrait_unmeasured"


def _same(name: str, read: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    seen, said = str(read[name]), str(answers.get(name, ""))
    if name == "ethnicity":
        return find_ethnicity(seen) == said
    return _SPACES.sub("", seen).upper() == _SPACES.sub("", said).upper()
