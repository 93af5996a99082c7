"""What the app has approved: every wording that the service asks for at Alipay.

The ids are the city's where its profile names some, else `SIM_` with the rung and the name.
"""

from __future__ import annotations

from bot.simulator.alipay.settings import AlipayTemplate, TemplateSort
from bot.simulator.wordings import simulated_id
from config.city import City
from config.template_book import Wording, WordingRung
from config.templates import load_templates

_RUNGS: dict[WordingRung, TemplateSort] = {"alipay_single": "single", "alipay_mini": "mini"}


def alipay_templates(city: City) -> tuple[AlipayTemplate, ...]:
    """The templates of the life account and of the mini program."""
    book = load_templates(city)
    return tuple(
        AlipayTemplate(
            city.approved(rung).get(name, simulated_id(rung, name)),
            wording.title,
            _keywords(wording),
            sort,
        )
        for rung, sort in _RUNGS.items()
        for name, wording in book.wanted(rung).items()
    )


def _keywords(wording: Wording) -> tuple[tuple[str, str], ...]:
    """What stands above and below them is not numbered."""
    return tuple((s.key, s.label) for s in wording.fields if s.key.startswith("keyword"))
