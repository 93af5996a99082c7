"""What an account has: by default every wording that the service asks for, under an id of its own.

The ids are the city's where its profile names some, else `SIM_` with the rung and the wording's
name, so that who starts service and simulator together can write them into the profile.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.simulator.templates import Sort, Template
from config.city import City
from config.template_book import Wording, WordingRung
from config.templates import load_templates

_OF: dict[str, dict[WordingRung, Sort]] = {
    "official": {"template": "template", "subscription": "subscription"},
    "mini": {"mini_subscription": "subscription"},
}


def simulated_id(rung: str, name: str) -> str:
    """The id of a wording that the profile gives none: `SIM_template_progress`."""
    return f"SIM_{rung}_{name}"


def account_templates(city: City, account: str) -> tuple[Template, ...]:
    """The templates of the city's `official` account or of its `mini` program."""
    return tuple(_templates(city, _OF[account]))


def _templates(city: City, rungs: dict[WordingRung, Sort]) -> Iterator[Template]:
    wanted = load_templates(city)
    for rung, sort in rungs.items():
        for name, wording in wanted.wanted(rung).items():
            id = city.wechat.approved(rung).get(name, simulated_id(rung, name))
            yield Template(id, wording.title, _fields(wording), sort)


def _fields(wording: Wording) -> tuple[tuple[str, str], ...]:
    return tuple((slot.key, slot.label) for slot in wording.fields)
