"""How the city hands applications over to the province and the banks: when, in what form, codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_parts import Count

_STRICT = ConfigDict(extra="forbid")
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{0,16}$")]
Codes = Mapping[str, Code]
Stage = Literal["PROVINCE", "BANK", "FACTORY", "CENTRE", "BRANCH", "MAIL"]

ID_TYPES: Codes = {
    "RESIDENT_ID": "01",
    "HKMO_RESIDENCE_PERMIT": "04",
    "TW_RESIDENCE_PERMIT": "06",
    "FOREIGN_PR": "07",
}
"""By the list of the card-management system of 2018; three lists exist that contradict each other,
hence a table for each province."""
STATUSES: Codes = {
    "employed": "1",
    "self_employed": "1",
    "unemployed": "5",
    "retired": "3",
    "student": "8",
}
DELIVERIES: Codes = {"pickup": "1", "post": "2"}


@dataclass(frozen=True, config=_STRICT)
class Way:
    """One destination. `mode` batch: at `cut_offs` (local times of working days) goes all that was
    due by then; online: each application at once, alone.

    `form`: ndjson (UTF-8) or pipe (GB18030). `suite`: 1 SHA-256 and AES, 2 SM3 and SM4.
    `largest`: lines in a batch. `photos`: whether they go along. `stages`: what it may tell us.
    `stuck_days`: calendar days without an answer after which a line is shown as stuck.
    """

    mode: Literal["batch", "online"] = "batch"
    cut_offs: Annotated[tuple[time, ...], Field(min_length=1)] = (time(10), time(15, 30))
    form: Literal["ndjson", "pipe"] = "ndjson"
    suite: Literal[1, 2] = 1
    largest: Count = 100
    photos: bool = True
    stuck_days: Count = 3
    stages: tuple[Stage, ...] = ("PROVINCE", "FACTORY", "CENTRE", "BRANCH", "MAIL")


PROVINCE = Way()
BANK = Way(photos=False, stages=("BANK", "FACTORY", "CENTRE", "BRANCH", "MAIL"))


@dataclass(frozen=True, config=_STRICT)
class Handover:
    """Everything about it that differs from city to city.

    `fetch_minutes`: how often replies are asked for. `call_seconds`: what a call may take.
    `photo_bytes`: a larger photo is not handed over. `tellable_failures`: making a card has failed
    so often when the person is told; at `failures` staff look. The tables map our words to the
    province's codes; what is in none goes as it is. `postcodes` by district, `""` for the rest.
    """

    province: Way = PROVINCE
    bank: Way = BANK
    fetch_minutes: Count = 5
    call_seconds: Count = 20
    photo_bytes: Count = 512 * 1024
    tellable_failures: Count = 2
    failures: Count = 3
    long_term: Annotated[str, Field(pattern=r"^\d{8}$")] = "20991231"
    card_type: Code = "1"
    postcodes: Mapping[str, Annotated[str, Field(pattern=r"^\d{6}$")]] = Field(default_factory=dict)
    id_types: Codes = Field(default_factory=lambda: ID_TYPES)
    statuses: Codes = Field(default_factory=lambda: STATUSES)
    deliveries: Codes = Field(default_factory=lambda: DELIVERIES)
    occupations: Codes = Field(default_factory=dict)
    households: Codes = Field(default_factory=dict)

    def way(self, destination: Literal["province", "bank"]) -> Way:
        return self.province if destination == "province" else self.bank
