"""What contradicts itself in a city profile whose single fields are all well formed."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.city import City

_NEEDED_SMS = ("code", "submitted")


def contradictions(city: City) -> list[str]:
    """What no single field shows: codes that repeat or lead nowhere, names that collide."""
    return [
        *_repeats("districts", (d.code for d in city.districts)),
        *_repeats("banks", (b.code for b in city.banks)),
        *_repeats("branches", (b.code for b in city.branches)),
        *_repeats("branch names", (b.name for b in city.branches)),
        *_lost_references(city),
        *_undeclared_ambiguity(city),
        *city.calendar.faults(),
        *(f"sms: the text {name} is missing" for name in _NEEDED_SMS if name not in city.sms),
        *_unfilled_sms(city),
        *([] if city.human.opens < city.human.closes else ["human: closes before it opens"]),
    ]


def _repeats(what: str, values: Iterable[str]) -> list[str]:
    return [f"{what}: {value} is there twice" for value, n in Tally(values).items() if n > 1]


def _lost_references(city: City) -> list[str]:
    districts = {d.code for d in city.districts}
    banks = {b.code for b in city.banks}
    found = [
        f"branches.{branch.code}: there is no {what} {code}"
        for branch in city.branches
        for what, code, known in (
            ("bank", branch.bank, banks),
            ("district", branch.district, districts),
        )
        if code not in known
    ]
    found += [
        f"counters: there is no district {counter.district}"
        for counter in city.counters
        if counter.district not in districts
    ]
    served = {branch.bank for branch in city.branches}
    return found + [f"banks.{code}: has no branch" for code in sorted(banks - served)]


def _undeclared_ambiguity(city: City) -> list[str]:
    """A name shared by two banks must be meant: both list each other in `ambiguous_with`."""
    found = []
    for bank in city.banks:
        sharing = {
            other.code
            for other in city.banks
            if other.code != bank.code and set(other.names()) & set(bank.names())
        }
        if sharing != set(bank.ambiguous_with):
            found.append(
                f"banks.{bank.code}.ambiguous_with: shares names with {sorted(sharing)},"
                f" lists {sorted(bank.ambiguous_with)}"
            )
    return found


def _unfilled_sms(city: City) -> list[str]:
    return [
        f"sms.{name}: the text does not fill {param}"
        for name, template in city.sms.items()
        for param in template.params
        if "{" + param + "}" not in template.text
    ]
