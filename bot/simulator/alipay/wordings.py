"""What the app has approved: every wording that the service asks for, with numbered keywords.

The ids are the city's where its profile names some, else `SIM_` with the sort and the name.
"""

from __future__ import annotations

from bot.simulator.alipay.settings import AlipayTemplate, TemplateSort
from bot.simulator.wordings import simulated_id
from config.city import City
from config.template_book import Wording, WordingRung
from config.templates import load_templates

_RUNGS: dict[TemplateSort, WordingRung] = {"single": "alipay_single", "mini": "alipay_mini"}


def alipay_templates(city: City) -> tuple[AlipayTemplate, ...]:
    """The templates of the life account and of the mini program."""
    wanted = load_templates(city)
    ids = {"single": city.alipay.single_templates, "mini": city.alipay.mini_templates}
    return tuple(
        AlipayTemplate(
            ids[sort].get(name, simulated_id(f"alipay_{sort}", name)),
            wording.title,
            _keywords(wording),
            sort,
        )
        for sort, rung in _RUNGS.items()
        for name, wording in wanted.wanted(rung).items()
    )


def _keywords(wording: Wording) -> tuple[tuple[str, str], ...]:
    """What stands above and below them is not numbered."""
    return tuple((s.key, s.label) for s in wording.fields if s.key.startswith("keyword"))
