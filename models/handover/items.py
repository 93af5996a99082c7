"""The items of one application as they are handed over: names, national elements, values.

The 21 items of the classic file, and what the card-management system keeps beside them; see
docs/handover.md for where each comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config.city import City
from models.applications import Application

ITEMS: tuple[tuple[str, str], ...] = (
    ("application", ""),
    ("id_type", "AAC058"),
    ("id_number", "AAC147"),
    ("name", "AAC003"),
    ("sex", "AAC004"),
    ("ethnicity", "AAC005"),
    ("birth_date", "AAC006"),
    ("nationality", "AAC161"),
    ("address", "AAE006"),
    ("postcode", "AAE007"),
    ("telephone", "AAE005"),
    ("mobile", "AAC067"),
    ("occupation", ""),
    ("employer_number", "AAB001"),
    ("employer", "AAB004"),
    ("valid_from", ""),
    ("valid_until", ""),
    ("authority", ""),
    ("region", "AAC301"),
    ("outlet", "AAE009"),
    ("card_type", ""),
    ("guardian", "AAC042"),
    ("status", "AAC008"),
    ("household", "AAC009"),
    ("bank", "AAE008"),
    ("delivery", ""),
    ("purpose", "ACA017"),
)
"""Each with its element code, `""` where there is none."""
NEW_CARD = "1"  # ACA017
_SEXES = {"male": "1", "female": "2"}  # GB/T 2261.1; 9: not stated
_NATIONS = {"81": "HKG", "82": "MAC", "83": "TWN"}  # residence permits, by how numbers begin


def items_of(application: Application, answers: Mapping[str, Any], city: City) -> dict[str, str]:
    """Every item as a text; what was never asked for is empty."""
    style = city.handover
    district = application.district
    read = (answers.get("checks") or {}).get("read") or {}
    values = {
        "application": application.id,
        "id_type": _code(style.id_types, answers, "id_type"),
        "id_number": _text(answers, "id_number"),
        "name": _text(answers, "name"),
        "sex": _SEXES.get(_text(answers, "sex"), "9"),
        "ethnicity": _text(answers, "ethnicity"),
        "birth_date": _day(_text(answers, "birth_date"), style.long_term),
        "nationality": _nationality(_text(answers, "id_type"), _text(answers, "id_number")),
        "address": _text(answers, "lives_at"),
        "postcode": style.postcodes.get(district) or style.postcodes.get("", ""),
        "mobile": _text(answers, "phone"),
        "occupation": _code(style.occupations, answers, "occupation"),
        "employer": _text(answers, "employer"),
        "valid_from": _day(_text(read, "valid_from"), style.long_term),
        "valid_until": _day(_text(answers, "valid_until"), style.long_term),
        "authority": _text(read, "issuer"),
        "region": district,
        "outlet": application.branch,
        "card_type": style.card_type,
        "status": _code(style.statuses, answers, "status"),
        "household": _code(style.households, answers, "household"),
        "bank": application.bank,
        "delivery": style.deliveries.get(application.delivery, application.delivery),
        "purpose": NEW_CARD,
    }
    return {name: values.get(name, "") for name, _ in ITEMS}


def _text(answers: Mapping[str, Any], name: str) -> str:
    value = answers.get(name)
    return value if isinstance(value, str) else ""


def _code(table: Mapping[str, str], answers: Mapping[str, Any], name: str) -> str:
    value = _text(answers, name)
    return table.get(value, value)


def _day(value: str, long_term: str) -> str:
    """yyyymmdd of an ISO date; 长期 as the province writes it."""
    if value == "long_term":
        return long_term
    try:
        return f"{date.fromisoformat(value):%Y%m%d}"
    except ValueError:
        return ""


def _nationality(id_type: str, number: str) -> str:
    """ISO 3166 alpha-3; foreigners' by the letters of a number of 2017, else unknown."""
    if id_type == "FOREIGN_PR":
        return number[:3] if number[:3].isalpha() else ""
    return _NATIONS.get(number[:2], "CHN")
