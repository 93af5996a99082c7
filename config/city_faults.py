"""What contradicts itself in a city profile whose single fields are all well formed."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from typing import TYPE_CHECKING

from config.city_menu import menu_faults
from config.intents import intent_names

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
        *_bad_closings(city),
        *_misleading_examples(city),
        *_undeclared_ambiguity(city),
        *city.calendar.faults(),
        *(f"sms: the text {name} is missing" for name in _NEEDED_SMS if name not in city.sms),
        *_unfilled_sms(city),
        *menu_faults(city.menu),
        *([] if city.human.opens < city.human.closes else ["human: closes before it opens"]),
        *_scenes_that_lead_nowhere(city),
        *_forgotten_too_soon(city),
        *_reminded_too_late(city),
        *city.portrait.faults(),
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


def _bad_closings(city: City) -> list[str]:
    """A branch that closes is followed by one of its bank that goes on for longer; every bank keeps
    one that does not close."""
    known = {branch.code: branch for branch in city.branches}
    found = []
    for branch in city.branches:
        if not branch.successor:
            continue
        after, where = known.get(branch.successor), f"branches.{branch.code}.successor"
        if branch.closes_on is None:
            found.append(f"{where}: the branch does not close")
        elif after is None:
            found.append(f"{where}: there is no branch {branch.successor}")
        elif after.code == branch.code:
            found.append(f"{where}: it cannot follow itself")
        elif after.bank != branch.bank:
            found.append(f"{where}: {after.code} hands out no cards of {branch.bank}")
        elif not after.is_open(branch.closes_on):
            found.append(f"{where}: {after.code} does not stay open for longer")
    served = {branch.bank for branch in city.branches}
    lasting = {branch.bank for branch in city.branches if branch.closes_on is None}
    return found + [f"banks.{code}: every branch closes" for code in sorted(served - lasting)]


def _misleading_examples(city: City) -> list[str]:
    """Who types an example must be understood: one bank, one branch, an address in a district."""
    wanted = city.examples
    found = [
        f"examples.{what}: there is no {kind} {code}"
        for what, kind, code, known in (
            ("bank", "bank", wanted.bank, {b.code for b in city.banks}),
            ("post_bank", "bank", wanted.post_bank, {b.code for b in city.banks}),
            ("branch", "branch", wanted.branch, {b.code for b in city.branches}),
        )
        if code not in known
    ]
    if found or _lost_references(city) or _bad_closings(city):
        return found
    found = [
        f"examples.{what}: {said} is no district's"
        for what, said in (("address", wanted.address), ("address_en", wanted.address_en))
        if city.district_in(said) is None
    ]
    bank, branch = city.bank(wanted.bank), city.lasting(city.branch(wanted.branch))
    for said in (bank.said(english=False), bank.said(english=True)):
        if city.find_bank(said) != [bank]:
            found.append(f"examples.bank: {said} does not lead to {bank.code} alone")
    for said in (branch.name, branch.name_en):
        if city.find_branch(said) != [branch]:
            found.append(f"examples.branch: {said} does not lead to {branch.code} alone")
    return found


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


def _scenes_that_lead_nowhere(city: City) -> list[str]:
    found = _repeats("scenes", (scene.key for scene in city.scenes))
    known = intent_names() if city.scenes else frozenset()
    for scene in city.scenes:
        if scene.key.startswith("branch-"):
            found.append(f"scenes.{scene.key}: codes that begin with branch- are the branches' own")
        if scene.opens not in known:
            found.append(f"scenes.{scene.key}: nobody answers to {scene.opens}")
    return found


def _forgotten_too_soon(city: City) -> list[str]:
    """Who left and comes back finds a half-filled form for its days, and whose it is with it."""
    if city.days.left > city.days.draft:
        return []
    return ["days.left: an account must be remembered for longer than its half-filled form"]


def _reminded_too_late(city: City) -> list[str]:
    """A card that has been put away is not reminded of."""
    rules = city.collection
    late = [f"{n} months" for n in rules.remind_months if n >= rules.seal_months]
    late += [f"{n} days" for n in rules.remind_days if n >= 28 * rules.seal_months]
    found = [f"collection: nothing is left to remind of after {each}" for each in late]
    found += [
        f"collection: {n} months before it expires no card is switched on"
        for n in rules.expiry_months
        if n >= 12 * rules.card_years
    ]
    if rules.from_hour >= rules.until_hour:
        found.append("collection: no hour is left to remind in")
    elif all(city.quiet.holds(hour) for hour in range(rules.from_hour, rules.until_hour)):
        found.append("collection: every hour to remind in is a quiet one")
    return found
